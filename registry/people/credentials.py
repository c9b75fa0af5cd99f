"""Verbs of passwords: a one-time password from the administrator, the person's own instead.

Hashing and the judgement of a password are passwords.py's, proving one is proof.py's.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.people.chain import enter
from registry.people.models import Person
from registry.people.passwords import hash_password, matches, weakness
from registry.people.permissions import require_of
from registry.people.proof import Proof
from registry.people.sessions import end_sessions
from registry.people.warning import warn

# Without letters and digits that look alike: a one-time password is read from paper or aloud.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def issue_password(person: Person, *, by: Person | None, now: datetime) -> str:
    """A one-time password, told to the person once; they choose their own at the first sign-in.

    Ends the person's sessions, and mails them where it replaces another. Raises Forbidden, or
    Refused for somebody who has left.
    """
    require_of(by, "manage_people")
    refuse_if(Reason("has_left", N_("%(name)s has left: take them back first."),
                     {"name": person.name}) if not person.is_active else None)
    secret = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    had_one = bool(person.password_hash)
    person.password_hash = hash_password(secret)
    person.must_change_password = True
    end_sessions(person, now=now)
    enter(person, "password_issued", {}, by=by, now=now)
    if had_one:
        warn(person, "password_issued", now=now)
    return secret


def change_password(
    person: Person, new: str, *, again: str, proved: Proof | Reason, now: datetime, keep: str = ""
) -> None:
    """Choose the own password. ``proved`` says whether the present one was given; all sessions
    but ``keep`` are ended, and the person is mailed.

    Raises Refused with what is wrong with the proof and with the new password.
    """
    weak = weakness(person, new)
    refuse_if(
        _unproved(person, proved),
        replace(weak, field="new") if weak else None,
        Reason("not_another", N_("Choose a password other than the present one."), field="new")
        if matches(person.password_hash, new) else None,
        Reason("not_the_same", N_("The two new passwords differ: type the same twice."),
               field="again") if new != again else None)
    person.password_hash = hash_password(new)
    person.must_change_password = False
    end_sessions(person, but=keep, now=now)
    enter(person, "password_changed", {}, by=person, now=now)
    warn(person, "password_changed", now=now)


def _unproved(person: Person, proved: Proof | Reason) -> Reason | None:
    if isinstance(proved, Proof) and proved.person_id == person.id:
        return None
    if isinstance(proved, Reason) and proved.code != "wrong_password":
        return replace(proved, field="old")
    return Reason("wrong_password", N_("This is not your present password."), field="old")
