"""All passkeys that somebody ever had: seen by themselves and by administrators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.people.chain import enter
from registry.people.models import Person, Role
from registry.people.passkey_history import passkey_history
from registry.people.passkeys import passkeys_of, revoke_passkey, revoke_passkeys_of
from registry.people.proof import Proof
from tests.factories import NOW, a_person
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled

pytestmark = pytest.mark.usefixtures("at_a_name")
SignIn = Callable[..., Any]
LATER = NOW + timedelta(days=3)


def revoked(person: Person, by: Person) -> None:
    passkey = enrolled(person, Authenticator())
    revoke_passkey(passkey, by=by, proved=Proof(by.id, "password", NOW, ""), now=LATER)


def test_the_history_says_from_when_until_when_and_who_revoked(session: Session) -> None:
    person, administrator = a_person(), a_person(Role.ADMINISTRATOR)
    revoked(person, administrator)
    standing = enrolled(person, Authenticator())
    newest, former = passkey_history(person)
    assert (newest.passkey, newest.revoked_by, newest.doubted) == (standing, "", [])
    assert (former.passkey.created_at, former.passkey.revoked_at) == (NOW, LATER)
    assert former.revoked_by == administrator.name
    assert passkeys_of(person) == [standing]


def test_what_the_operator_revoked_and_a_count_that_went_back_are_said(
    session: Session, sign_in: SignIn
) -> None:
    person = a_person()
    passkey = enrolled(person, Authenticator())
    enter(person, "passkey_doubted", {"credential": passkey.credential_id, "kept": 5, "came": 4},
          by=None, now=LATER)
    revoke_passkeys_of(person, by=None, now=LATER)
    (past,) = passkey_history(person)
    assert (past.revoked_by, past.doubted) == ("", [LATER])
    page = sign_in(person).get(f"/people/{person.id}/passkeys").text
    assert "revoked by the operator" in page
    assert "its count went back" in page


def test_former_passkeys_are_led_to_and_shown_to_whom_they_concern(
    at_a_name: Flask, session: Session, sign_in: SignIn
) -> None:
    person, administrator = a_person(), a_person(Role.ADMINISTRATOR)
    address = f"/people/{person.id}/passkeys"
    client, over = sign_in(person), sign_in(administrator)
    enrolled(person, Authenticator())
    assert "Former passkeys" not in client.get("/account").text
    revoked(person, person)
    assert f'href="{address}"' in client.get("/account").text
    assert f'href="{address}"' in over.get(f"/people/{person.id}").text
    assert f"revoked by {person.name}" in client.get(address).text
    assert over.get(address).status_code == 200
    assert sign_in(a_person()).get(address).status_code == 403
    assert over.get("/people/999999/passkeys").status_code == 404
