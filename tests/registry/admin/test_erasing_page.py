"""The administrator's page: signed with password or passkey, refused with every reason, listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.core.times import utc_now
from registry.ledger.entries import content_of, entries_of
from registry.ledger.keys import signer_of
from registry.ledger.verify import verify
from registry.people.erasures import Erasure
from registry.people.models import Person, Role, Signature
from tests.factories import PASSWORD, House, a_person, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed

SignIn = Callable[[Person], Any]
FORM = {"reason": "request of 24 November", "nonce": "n" * 32, "further": "", "password": PASSWORD}


@pytest.fixture
def admin(house: House, sign_in: SignIn) -> Any:
    return sign_in(house.administrator)


@pytest.fixture
def left(house: House) -> Person:
    """Somebody who has left."""
    return a_person(Role.ENGINEER, name="Zzeta Quuxova", is_active=False)


def test_a_person_who_left_is_erased_by_a_signature(
    admin: Any, left: Person, session: Session, settings: Settings
) -> None:
    number = left.id
    assert "Sign and erase for ever" in admin.get(f"/settings/erase/person/{number}").text
    answer = admin.post(f"/settings/erase/person/{number}", data=FORM)

    assert answer.status_code == 303
    page = admin.get("/settings/erased").text
    assert f"Person No. {number}" in page
    assert "Zzeta" not in page
    assert session.get_one(Person, number).name == f"Erased person No. {number}"
    assert session.get_one(Person, number).login == f"erased-{number}"
    erasure = session.scalars(select(Erasure)).one()
    said = content_of(entries_of(erasure.chain)[0])
    assert said["signatures"][0]["meaning"] == "erased"
    assert "Zzeta" not in session.scalars(select(Signature.statement)).one().decode()
    assert verify(verifier=signer_of(settings).verifier).is_sound


def test_a_passkey_signs_what_was_shown_and_showing_erases_nothing(
    at_a_name: Flask, admin: Any, house: House, left: Person, session: Session, settings: Settings
) -> None:
    device, form = Authenticator(), {**FORM, "password": ""}
    enrolled(house.administrator, device, now=utc_now())
    number, address = left.id, f"/settings/erase/person/{left.id}"
    assert "Sign with a passkey" in admin.get(address).text
    told = shown(admin, address, form).get_json()
    assert f"person No. {number}, for ever" in told["statements"][0]["text"]
    assert session.get_one(Person, number).name == "Zzeta Quuxova"
    assert session.scalar(select(func.count()).select_from(Erasure)) == 0

    assert admin.post(address, data=form | signed(told, device)).status_code == 303
    assert session.get_one(Person, number).name == f"Erased person No. {number}"
    (signature,) = session.scalars(select(Signature))
    assert (signature.method, signature.act) == ("passkey", "erase")
    assert verify(verifier=signer_of(settings).verifier).is_sound


def test_what_was_shown_of_one_erases_no_other(
    at_a_name: Flask, admin: Any, house: House, left: Person
) -> None:
    device = Authenticator()
    enrolled(house.administrator, device, now=utc_now())
    address = f"/settings/erase/person/{left.id}"
    told = shown(admin, address, FORM).get_json()
    elsewhere = f"/settings/erase/contact/{house.contact.id}"
    answer = admin.post(elsewhere, data=FORM | signed(told, device))
    assert answer.status_code == 422
    assert "not what was shown" in answer.text
    assert house.contact.name == "Galina Serova"


def test_where_the_role_asks_for_a_passkey_a_password_erases_nobody(
    at_a_name: Flask, admin: Any, left: Person, session: Session
) -> None:
    at_a_name.config["SETTINGS"] = replace(at_a_name.config["SETTINGS"],
                                           passkeys_for=("role:administrator",))
    answer = admin.post(f"/settings/erase/person/{left.id}", data=FORM)
    assert answer.status_code == 422
    assert "Whoever has your role signs with a passkey" in answer.text
    assert session.scalar(select(func.count()).select_from(Erasure)) == 0


def test_every_reason_stands_on_the_page_and_nothing_typed_is_lost(
    admin: Any, house: House, session: Session
) -> None:
    a_ticket(house, "accepted")
    answer = admin.post(f"/settings/erase/person/{house.engineer.id}", data=FORM | {
        "reason": "Pavel Orlov asked", "further": "Pasha", "password": "wrong"})

    assert answer.status_code == 422
    for words in ("works here: let them leave first", "1 tickets in hand", "name nobody",
                  "The password is wrong", 'value="Pasha"', 'value="Pavel Orlov asked"'):
        assert words in answer.text
    assert session.scalar(select(func.count()).select_from(Erasure)) == 0


def test_nobody_erases_themselves(admin: Any, house: House) -> None:
    answer = admin.post(f"/settings/erase/person/{house.administrator.id}", data=FORM)

    assert answer.status_code == 422
    assert "nobody erases themselves" in answer.text


def test_a_client_is_erased_with_what_its_tickets_say(
    admin: Any, house: House, session: Session, settings: Settings
) -> None:
    ticket = a_ticket(house, "returned")
    for other in range(3):
        a_ticket(house, summary=f"Other {other}")
    answer = admin.post(f"/settings/erase/client/{house.client.id}", data=FORM | {"tickets": "y"})

    assert answer.status_code == 303, answer.text
    assert session.get_one(type(ticket), ticket.id).summary == ""
    assert admin.get(f"/tickets/{ticket.number}").status_code == 200
    assert admin.get(f"/clients/{house.client.id}").status_code == 200
    assert "Volga" not in admin.get("/tickets?show=all").text
    assert verify(verifier=signer_of(settings).verifier).is_sound


@pytest.mark.parametrize("address", ["person/999999", "contact/999999", "ticket/1", "client/x"])
def test_what_is_not_there_is_not_found(admin: Any, address: str) -> None:
    assert admin.get(f"/settings/erase/{address}").status_code == 404


def test_only_an_administrator_is_offered_it(
    house: House, left: Person, sign_in: SignIn, admin: Any
) -> None:
    assert "Erase by law…" in admin.get(f"/people/{left.id}").text
    visitor = sign_in(house.visitor)
    assert "Erase by law…" not in visitor.get(f"/people/{left.id}").text
    assert visitor.post(f"/settings/erase/person/{left.id}", data=FORM).status_code == 403
