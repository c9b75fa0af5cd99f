"""Where the installation asks for a passkey, the password alone signs nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from registry.config import SettingError, Settings
from registry.core.times import utc_now
from registry.people.signing import new_nonce
from registry.tickets.handoff_models import Handoff
from registry.tickets.requirements import check_requirements
from tests.factories import PASSWORD, House, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed
from tests.registry.tickets.signing_screen import NEXT, Screen
from tests.registry.tickets.test_act_views import hidden

SignIn = Callable[..., Any]


pytestmark = pytest.mark.usefixtures("at_a_name")


def ask_for(app: Flask, *names: str) -> None:
    """What the installation asks passkeys for."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], passkeys_for=names)


@pytest.mark.parametrize(("name", "said"), [
    ("move:hold", "This step is signed with a passkey"),
    ("role:engineer", "Whoever has your role signs with a passkey"),
    ("tier:key", "What concerns this client is signed with a passkey")])
def test_the_password_does_not_sign_and_the_passkey_does(
    at_a_name: Flask, house: House, sign_in: SignIn, name: str, said: str
) -> None:
    device, ticket = Authenticator(), a_ticket(house, "in_fix")
    enrolled(house.engineer, device, now=utc_now())
    ask_for(at_a_name, name)
    client, address = sign_in(house.engineer), f"/tickets/{ticket.number}/moves/hold"
    form = {"reason": "A part", "until": "2099-01-01T10:00", "nonce": new_nonce(),
            "shown_head": ticket.head_hash}
    answer = client.post(address, data=form | {"password": PASSWORD})
    assert (answer.status_code, ticket.state) == (422, "in_fix")
    assert said in answer.text
    told = shown(client, address, form).get_json()
    assert client.post(address, data=form | signed(told, device)).status_code == 303


@pytest.mark.parametrize(("part", "name"), [
    ("receiver", "role:engineer"), ("receiver", "tier:key"), ("witness", "role:registrar"),
    ("witness", "move:take")])
def test_of_receiver_and_witness_too_also_at_the_givers_screen(
    at_a_name: Flask, house: House, screen: Screen, handoff: Handoff, part: str, name: str
) -> None:
    signer = house.engineer if part == "receiver" else house.registrar
    device, asked = Authenticator(), f"?part={part}"
    enrolled(signer, device, now=utc_now())
    ask_for(at_a_name, name)
    said = NEXT | {"next_step_by": "2099-01-01T10:00"} if part == "receiver" else {}
    answer = screen.sign(asked=asked, **said)
    assert answer.status_code == 422
    assert "with a passkey; the password alone is not enough" in answer.text
    form, address = hidden(screen.page(asked)) | said, screen.address + asked
    told = shown(screen.client, address, form).get_json()
    assert screen.client.post(address, data=form | signed(told, device)).status_code == 303
    assert getattr(handoff, f"{part}_signed_at") is not None


@pytest.mark.parametrize("name", ["move:start", "role:registrar", "tier:ordinary"])
def test_what_is_not_asked_for_is_signed_with_the_password(
    at_a_name: Flask, house: House, sign_in: SignIn, name: str
) -> None:
    ticket = a_ticket(house, "in_fix")
    ask_for(at_a_name, name)
    answer = sign_in(house.engineer).post(f"/tickets/{ticket.number}/moves/hold", data={
        "reason": "A part", "until": "2099-01-01T10:00", "nonce": new_nonce(),
        "shown_head": ticket.head_hash, "password": PASSWORD})
    assert answer.status_code == 303


@pytest.mark.parametrize(("names", "base_url", "said"), [
    (("role:enginer",), "https://registry.example", "role:enginer does not exist"),
    (("tier:gold",), "https://registry.example", "tier:gold does not exist"),
    (("hold",), "https://registry.example", "hold does not exist"),
    (("move:hold",), "http://127.0.0.1:8000", "need COUNTERSIGN_BASE_URL")])
def test_what_could_ask_for_nothing_or_from_nobody_stops_the_start(
    app: Flask, names: tuple[str, ...], base_url: str, said: str
) -> None:
    settings: Settings = replace(app.config["SETTINGS"], passkeys_for=names, base_url=base_url)
    with pytest.raises(SettingError, match=said):
        check_requirements(settings)


def test_the_setting_is_read_as_a_list(tmp_path: Any) -> None:
    settings = Settings.from_environment({
        "COUNTERSIGN_DATA_DIR": str(tmp_path),
        "COUNTERSIGN_PASSKEYS_FOR": "move:take_by_authority, role:registrar,"})
    assert settings.passkeys_for == ("move:take_by_authority", "role:registrar")
