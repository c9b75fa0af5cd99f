"""Verbs of sessions: signing in, signing out, ending a session on another device.

A session is a row; the cookie carries its random id and nothing else of the person, so ending
the row ends the session on every node at once. gate.py reads the row at each request.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from registry.core.db import db
from registry.core.errors import Forbidden, Reason, Refused
from registry.core.words import N_
from registry.people.models import Person, SignInSession
from registry.people.permissions import may
from registry.people.proof import Proof

# A signature asks for the password each time, so a phone may stay signed in between visits.
LASTS = timedelta(days=14)
REFRESHED_AFTER = timedelta(minutes=5)


def sign_in(
    proved: Proof | Reason, *, address: str, device: str, now: datetime
) -> SignInSession:
    """Begin a session of whoever proved who they are. Raises Refused with the reason why not."""
    if isinstance(proved, Reason):
        raise Refused(proved)
    person = db.session.get_one(Person, proved.person_id)
    return open_session(person, address=address, device=device, now=now)


def open_session(
    person: Person, *, address: str, device: str, now: datetime
) -> SignInSession:
    """The row of a new session. For those who have the proof; raises Refused for who has left."""
    if not person.is_active:
        raise Refused(Reason("wrong_password", N_("Name or password is wrong."), field="password"))
    session = SignInSession(
        id=secrets.token_urlsafe(32), person_id=person.id, created_at=now, seen_at=now,
        expires_at=now + LASTS, address=address[:64], device=device[:80])
    db.session.add(session)
    db.session.flush()
    return session


def session_in_force(session_id: str, *, now: datetime) -> SignInSession | None:
    """The session of that id, unless it was ended or has expired."""
    session = db.session.get(SignInSession, session_id)
    return session if session is not None and _is_in_force(session, now) else None


def session_with_person(session_id: str, *, now: datetime) -> SignInSession | None:
    """``session_in_force`` with the person and the person's roles, all in the one query that every
    page begins with."""
    session = db.session.scalars(_WHOLE, {"id": session_id}).unique().first()
    return session if session is not None and _is_in_force(session, now) else None


_WHOLE = (select(SignInSession).where(SignInSession.id == bindparam("id"))
          .options(joinedload(SignInSession.person).joinedload(Person.role_rows)))


def _is_in_force(session: SignInSession, now: datetime) -> bool:
    return session.ended_at is None and session.expires_at > now


def is_stale(session: SignInSession, *, now: datetime) -> bool:
    """Whether it is time to write down again that the session is used."""
    return now - session.seen_at >= REFRESHED_AFTER


def refresh(session_id: str, *, address: str, now: datetime) -> None:
    """Write down that the session is used: from where, and that it lasts on."""
    session = session_in_force(session_id, now=now)
    if session is not None and is_stale(session, now=now):
        session.seen_at, session.expires_at = now, now + LASTS
        session.address = address[:64]
        db.session.flush()


def is_unbroken(session: SignInSession, lasting: timedelta, *, now: datetime) -> bool:
    """Whether the person has proved who they are in the session within ``lasting``."""
    return now - (session.proved_at or session.created_at) < lasting


def note_proof(session: SignInSession, *, now: datetime) -> None:
    """Write down that the session's person has proved anew who they are."""
    session.proved_at = now
    db.session.flush()


def sign_out(session_id: str, *, now: datetime) -> None:
    """End the session at the screen; one that is over already stays so."""
    session = session_in_force(session_id, now=now)
    if session is not None:
        session.ended_at = now
        db.session.flush()


def end_session(session: SignInSession, *, by: Person, now: datetime) -> None:
    """End a session on some device: the person's own, or anybody's for an administrator.

    Raises Forbidden.
    """
    if session.person_id != by.id and not may(by, "manage_people"):
        raise Forbidden(N_("You can end your own sessions only."))
    session.ended_at = session.ended_at or now
    db.session.flush()


def end_sessions(person: Person, *, now: datetime, but: str = "") -> None:
    """End all sessions of the person, save the one with the id ``but``."""
    query = select(SignInSession).where(SignInSession.person_id == person.id,
                                        SignInSession.ended_at.is_(None))
    for session in db.session.scalars(query):
        if session.id != but:
            session.ended_at = now
