"""The session at the screen: which one the browser's cookie names, and whether it is unbroken.

A session is unbroken for some minutes after its person signed in or proved anew who they are; the
administrator sets how many (rule_models.py). After that a signature asks for the login as well, and
so does each signature of somebody who is not signed in at the screen.
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app, request, session

from registry.people.models import SignInSession
from registry.people.rule_models import rules_in_force
from registry.people.sessions import is_unbroken, note_proof, session_in_force

KEY = "sign_in"


def session_id() -> str:
    """The id of the session at the screen; empty where there is none."""
    return str(session.get(KEY, ""))


def own_session(person_id: int, *, now: datetime) -> SignInSession | None:
    """The session at the screen where it is the person's. A program has none: it sends a token and
    the password each time, and no cookie counts."""
    if KEY not in session or _is_for_programs():
        return None
    standing = session_in_force(session_id(), now=now)
    return standing if standing is not None and standing.person_id == person_id else None


def asks_login(person_id: int, *, now: datetime) -> bool:
    """Whether the password alone does not sign: no unbroken session of the person stands here,
    where it is not, or is somebody else's (decision 0111). A program's token names its owner."""
    standing = own_session(person_id, now=now)
    if standing is None:
        return not _is_for_programs()
    return not _is_unbroken(standing, now)


def is_guest(person_id: int, *, now: datetime) -> bool:
    """Whether the person is not signed in at the screen, where they sign all the same."""
    return own_session(person_id, now=now) is None


def note_proved(person_id: int, *, now: datetime, wholly: bool) -> None:
    """Write down that the person has just proved who they are, where the session here is theirs.

    ``wholly`` by a passkey, or by login and password; the password alone keeps a session unbroken
    and mends none.
    """
    standing = own_session(person_id, now=now)
    if standing is not None and (wholly or _is_unbroken(standing, now)):
        note_proof(standing, now=now)


def _is_unbroken(standing: SignInSession, now: datetime) -> bool:
    return is_unbroken(standing, rules_in_force().unbroken, now=now)


def _is_for_programs() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "takes_token", False))
