"""Whoever's password or passkeys are changed hears of it by mail, whoever did it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.errors import Refused
from registry.core.models import Message
from registry.people.credentials import change_password, issue_password
from registry.people.models import Person, Role
from registry.people.passkeys import passkeys_of, revoke_passkey
from registry.people.proof import Proof
from registry.people.service import deactivate_person
from tests.factories import NOW, a_person
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled

LATER = NOW + timedelta(hours=1)


def proof_of(person: Person) -> Proof:
    return Proof(person.id, "password", NOW, "127.0.0.1")


def change(person: Person) -> None:
    change_password(person, "an own secret", again="an own secret", proved=proof_of(person),
                    now=LATER)


def issue(person: Person) -> None:
    issue_password(person, by=a_person(Role.ADMINISTRATOR), now=LATER)


def enrol(person: Person) -> None:
    enrolled(person, Authenticator(), now=LATER)


def revoke(person: Person) -> None:
    """Another administrator does it."""
    by = a_person(Role.ADMINISTRATOR)
    revoke_passkey(passkeys_of(person)[0], by=by, proved=proof_of(by), now=LATER)


def mails(session: Session) -> list[Message]:
    session.flush()
    return list(session.scalars(select(Message).where(Message.kind == "account_changed")
                                .order_by(Message.id)))


@pytest.mark.parametrize(("act", "language", "subject"), [
    (change, "en", "Your password was changed"),
    (issue, "en", "A one-time password was issued to you"),
    (enrol, "ru", "К вашей учётной записи добавлен ключ доступа"),
    (revoke, "ru", "Ваш ключ доступа отозван")])
def test_each_change_is_told_to_its_owner_in_their_language(
    at_a_name: Flask, session: Session, act: Callable[[Person], None], language: str, subject: str
) -> None:
    person = a_person(language=language)
    if act is revoke:
        enrolled(person, Authenticator())
        mails(session)[0].kind = "read before"
    act(person)
    (mail,) = mails(session)
    assert (mail.recipient, mail.subject, mail.language) == (person.email, subject, language)
    assert subject in mail.text
    assert "http://localhost:8000" in mail.text
    assert "My phone" not in mail.text


def test_each_time_anew_and_not_where_nothing_was_changed(session: Session) -> None:
    person = a_person()
    issue(person)
    change(person)
    with pytest.raises(Refused):
        change(person)  # the same password once more
    assert len(mails(session)) == 2


@pytest.mark.parametrize("values", [{"email": ""}, {"password_hash": ""}],
                         ids=["no address", "the first password"])
def test_nobody_is_mailed_without_an_address_or_for_a_first_password(
    session: Session, values: dict[str, Any]
) -> None:
    issue(a_person(**values))
    assert mails(session) == []


def test_who_leaves_is_not_mailed_about_each_passkey(at_a_name: Flask, session: Session) -> None:
    person = a_person()
    enrol(person)
    deactivate_person(person, by=a_person(Role.ADMINISTRATOR), now=LATER)
    assert passkeys_of(person) == []
    assert [each.subject for each in mails(session)] == ["A passkey was added to your account"]
