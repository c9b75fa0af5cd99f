"""Proving who one is, at signing in and at every signature; wrong attempts slow the next ones.

An attempt is written down as failed before the password is looked at and marked as succeeded
afterwards: attempts that run side by side all count. The edge (access.py) keeps each half in a
transaction of its own, before the verb: an attempt is kept even where the act is refused, and
the slow hash is not computed under a lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from registry.core.db import db
from registry.core.errors import Reason
from registry.core.words import N_
from registry.ledger.entries import stamp
from registry.people.models import Person, SignInAttempt
from registry.people.passwords import matches, usable_hash

WINDOW = timedelta(minutes=15)
FAILURES_OF_ACCOUNT = 6
FAILURES_OF_ADDRESS = 40
ATTEMPTS = 7  # sets these locks of PostgreSQL apart from others


# Purposes whose success says that no password was guessed before it. The answer of a passkey under
# a statement is none: it is kept, and may be sent again by anybody who has read it.
RESETTING = ("sign_in", "sign")


@dataclass(frozen=True)
class Proof:
    """That a person proved who they are. Only ``finish_attempt`` and the edge of passkeys
    (access.py) make one."""

    person_id: int
    method: str
    at: datetime
    address: str

    def moment(self, now: datetime) -> datetime:
        """The time in a statement that is signed by it."""
        return now

    def kept(self, body: bytes, statement_hash: str) -> dict[str, Any]:
        """What is kept with a signature made by it."""
        return {"method": self.method, "proved_at": stamp(self.at)}


def throttled(login: str, address: str, *, now: datetime) -> Reason | None:
    """Why no further attempt is taken now, or None (counted in the database, for all nodes)."""
    since = now - WINDOW
    last_good = (select(func.max(SignInAttempt.at))
                 .where(SignInAttempt.login == login, SignInAttempt.succeeded,
                        SignInAttempt.purpose.in_(RESETTING))
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


def begin_attempt(
    login: str, *, purpose: str, address: str, now: datetime
) -> SignInAttempt | Reason:
    """Write an attempt down, failed until it succeeds; or the reason why none is taken now.

    ``purpose`` is ``sign_in`` or ``sign`` for a password; for a passkey ``passkey_in`` or
    ``passkey``.
    """
    login, address = login[:80], address[:64]
    _one_at_a_time(login)
    blocked = throttled(login, address, now=now)
    if blocked is not None:
        return blocked
    attempt = SignInAttempt(at=now, login=login, address=address, purpose=purpose,
                            succeeded=False)
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _one_at_a_time(login: str) -> None:
    """Attempts of one login wait for each other while they are counted and written down. On
    SQLite every transaction that writes waits for the others anyway."""
    if db.session.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(login, ATTEMPTS)
        db.session.execute(select(func.pg_advisory_xact_lock(key)))


def finish_attempt(
    attempt_id: int, person_id: int | None, *, named: bool = False
) -> Proof | Reason:
    """The proof for the person whose password was right; the reason where it was wrong (None).

    ``named`` where a login was typed to sign: then it is not told which of the two was wrong.
    """
    attempt = db.session.get_one(SignInAttempt, attempt_id)
    if person_id is not None:
        attempt.succeeded = True
        db.session.flush()
        return Proof(person_id, "password", attempt.at, attempt.address)
    if attempt.purpose == "sign_in":
        return Reason("wrong_password", N_("Name or password is wrong."), field="password")
    return Reason("wrong_password", N_("Login or password is wrong. Nothing was signed.") if named
                  else N_("The password is wrong. Nothing was signed."), field="password")


def prove(
    person: Person | None, secret: str, *, login: str, purpose: str, address: str, now: datetime
) -> Proof | Reason:
    """Both halves in the transaction that stands: for commands, which nobody waits behind.

    ``person`` is None where the login is unknown.
    """
    attempt = begin_attempt(login, purpose=purpose, address=address, now=now)
    if isinstance(attempt, Reason):
        return attempt
    good = matches(usable_hash(person), secret)
    return finish_attempt(attempt.id, person.id if good and person is not None else None)
