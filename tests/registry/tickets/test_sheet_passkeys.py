"""One touch of a passkey signs a whole sheet: every line that was opened, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.people.models import Person, Signature
from registry.people.signing import new_nonce
from tests.factories import PASSWORD, House, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed
from tests.registry.tickets.sheet_steps import (
    STEP,
    answered,
    form_of,
    handoffs,
    later,
    opened,
    returned_by_sheet,
)
from tests.registry.tickets.test_requirements import ask_for

SignIn = Callable[..., Any]


pytestmark = pytest.mark.usefixtures("at_a_name")


def test_a_sheet_is_signed_by_one_answer_over_all_its_statements(
    house: House, session: Session, sign_in: SignIn
) -> None:
    device = Authenticator()
    enrolled(house.engineer, device, now=utc_now())
    first, second, third = (a_ticket(house, "in_fix") for _ in range(3))
    client = sign_in(house.engineer)
    address = f"/sheets/new?receiver={house.other_engineer.id}"
    form = {"nonce": new_nonce(), **{f"put-{each.number}": "1" for each in (first, second)},
            **{f"head-{each.number}": each.head_hash for each in (first, second, third)}}
    assert shown(client, address, form).get_json()["refusals"] == [
        f"Open ticket No. {each.number} first: nothing is signed unseen."
        for each in (first, second)]
    form = opened(client, address, form, [each.number for each in (first, second, third)])
    told = shown(client, address, form).get_json()
    assert len(told["statements"]) == 2
    sent = signed(told, device)
    more = client.post(address, data=form | sent | {f"put-{third.number}": "1"})
    fewer = client.post(address, data={
        name: value for name, value in (form | sent).items() if name != f"put-{second.number}"})
    assert (more.status_code, fewer.status_code) == (422, 422)
    answer = client.post(address, data=form | sent)
    assert answer.status_code == 303, answer.text
    made = list(session.scalars(select(Signature).where(Signature.method == "passkey")))
    assert len(made) == 2
    assert {each.chain for each in made} == {first.chain, second.chain}
    assert made[0].proof == made[1].proof
    assert made[0].proof["statements"] == json.loads(sent["passkey"])["statements"]


def asked_on(client: FlaskClient, sheet: Any, part: str) -> tuple[str, dict[str, str]]:
    """Where the part's form goes, and the form with every line opened and what it asks for; no
    password, and no login: a passkey is both."""
    numbers = [each.ticket.number for each in handoffs()]
    form = form_of(client.get(f"/sheets/{sheet.id}"))
    if part == "receiver":
        for number in numbers:
            form |= {f"answer-{number}": "take", f"next_step-{number}": STEP,
                     f"next_step_by-{number}": later()}
    address = f"/sheets/{sheet.id}/{'answers' if part == 'receiver' else 'witness'}"
    return address, opened(client, address, form, numbers)


def signers_by_passkey(session: Session) -> list[int]:
    return [each.signer_id for each in session.scalars(
        select(Signature).where(Signature.method == "passkey"))]


@pytest.mark.parametrize("part", ["receiver", "witness"])
def test_receiver_and_witness_sign_by_passkey_at_the_givers_screen(
    house: House, session: Session, engineer: FlaskClient, part: str
) -> None:
    sheet = returned_by_sheet(house, engineer)
    signer = house.visitor if part == "receiver" else house.registrar
    own, theirs, field = Authenticator(), Authenticator(), f"{part}_passkey"
    enrolled(signer, own, now=utc_now())
    enrolled(house.engineer, theirs, now=utc_now())
    address, form = asked_on(engineer, sheet, part)
    told = shown(engineer, address, form, field).get_json()
    assert {each["signer"] for each in told["statements"]} == {signer.ref}
    assert len(told["statements"]) == 2
    wrong = engineer.post(address, data=form | signed(told, theirs, field))
    assert (wrong.status_code, signers_by_passkey(session)) == (422, [])
    assert f"This passkey is not {signer.name}" in wrong.text
    done = engineer.post(address, data=form | signed(told, own, field))
    assert done.status_code == 303, done.text
    assert signers_by_passkey(session) == [signer.id] * 2
    signed_at = f"{part}_signed_at"
    assert all(getattr(each, signed_at) is not None for each in handoffs())


@pytest.mark.parametrize(("part", "name", "said"), [
    ("receiver", "role:visitor", "Whoever has your role signs with a passkey"),
    ("receiver", "tier:key", "What concerns this client is signed with a passkey"),
    ("witness", "role:registrar", "Whoever has your role signs with a passkey"),
    ("witness", "move:return", "This step is signed with a passkey")])
def test_where_a_passkey_is_asked_for_the_password_signs_no_line(
    at_a_name: Flask, house: House, session: Session, engineer: FlaskClient, sign_in: SignIn,
    part: str, name: str, said: str,
) -> None:
    sheet = returned_by_sheet(house, engineer)
    signer: Person = house.visitor if part == "receiver" else house.registrar
    device, field = Authenticator(), f"{part}_passkey"
    enrolled(signer, device, now=utc_now())
    ask_for(at_a_name, name)
    client = sign_in(signer)
    address, form = asked_on(client, sheet, part)
    refused = client.post(address, data=form | {f"{part}_password": PASSWORD})
    assert refused.status_code == 422
    assert said in refused.text
    told = shown(client, address, form, field).get_json()
    assert client.post(address, data=form | signed(told, device, field)).status_code == 303
    assert signers_by_passkey(session) == [signer.id] * 2


def test_where_a_passkey_is_asked_for_declining_needs_none(
    at_a_name: Flask, house: House, engineer: FlaskClient, sign_in: SignIn
) -> None:
    sheet = returned_by_sheet(house, engineer)
    ask_for(at_a_name, "role:visitor")
    declined = answered(sign_in(house.visitor), sheet, ["Not mine"] * 2, receiver_password="")
    assert declined.status_code == 303
