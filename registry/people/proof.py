"""Proving who one is, at signing in and at every signature; wrong attempts slow the next ones.

``prove`` runs in a transaction of its own, before the verb: an attempt is kept even where the
act is refused, and the slow hash is not computed under a lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from registry.core.db import db
from registry.core.errors import Reason
from registry.core.words import N_
from registry.people.models import Person, SignInAttempt
from registry.people.passwords import is_password_of

WINDOW = timedelta(minutes=15)
FAILURES_OF_ACCOUNT = 6
FAILURES_OF_ADDRESS = 40


@dataclass(frozen=True)
class Proof:
    """That a person proved who they are. Only ``prove`` makes one."""

    person_id: int
    method: str
    at: datetime
    address: str


def throttled(login: str, address: str, *, now: datetime) -> Reason | None:
    """Why no further attempt is taken now, or None (counted in the database, for all nodes)."""
    since = now - WINDOW
    last_good = (select(func.max(SignInAttempt.at))
                 .where(SignInAttempt.login == login, SignInAttempt.succeeded)
                 .scalar_subquery())
    by_account = (select(func.count()).select_from(SignInAttempt)
                  .where(SignInAttempt.login == login, SignInAttempt.at > since,
                         SignInAttempt.succeeded.is_(False),
                         SignInAttempt.at > func.coalesce(last_good, since)))
    by_address = (select(func.count()).select_from(SignInAttempt)
                  .where(SignInAttempt.address == address, SignInAttempt.at > since,
                         SignInAttempt.succeeded.is_(False)))
    if (db.session.scalar(by_account) or 0) >= FAILURES_OF_ACCOUNT or (
            db.session.scalar(by_address) or 0) >= FAILURES_OF_ADDRESS:
        return Reason("too_many_attempts",
                      N_("Too many wrong attempts. Wait 15 minutes, or ask an administrator."),
                      field="password")
    return None


def prove(
    person: Person | None, secret: str, *, login: str, purpose: str, address: str, now: datetime
) -> Proof | Reason:
    """Check the password; record the attempt; give the proof or the reason why there is none.

    ``purpose`` is ``sign_in`` or ``sign``. ``person`` is None where the login is unknown.
    """
    blocked = throttled(login, address, now=now)
    if blocked is not None:
        return blocked
    good = is_password_of(person, secret) and person is not None and person.is_active
    db.session.add(SignInAttempt(at=now, login=login[:80], address=address[:64], purpose=purpose,
                                 succeeded=good))
    db.session.flush()
    if good and person is not None:
        return Proof(person.id, "password", now, address)
    if purpose == "sign_in":
        return Reason("wrong_password", N_("Name or password is wrong."), field="password")
    return Reason("wrong_password", N_("The password is wrong. Nothing was signed."),
                  field="password")
