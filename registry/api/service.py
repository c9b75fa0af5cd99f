"""The verbs of tokens: make one, find the one that was sent, note its use, revoke it.

The secret leaves here once, as the answer of ``make_token``; afterwards only its digest is known.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from registry.api import rules
from registry.api.models import ApiToken
from registry.core.db import db
from registry.core.errors import Forbidden, Reason, refuse_if
from registry.core.words import N_
from registry.people.models import Person
from registry.people.permissions import may
from registry.people.proof import Proof

MARK = "cs_"
NOTED_AFTER = timedelta(minutes=1)


def make_token(
    person: Person, *, name: str, scopes: Iterable[str], days: int | None, by: Person | None,
    proved: Proof | Reason | None, now: datetime,
) -> tuple[ApiToken, str]:
    """A new token of the person and its secret, which is never to be had again.

    ``by`` is the person, who has just given the password (``proved``), or None at the command line.
    Raises Forbidden for another's, Refused with every fault.
    """
    if by is not None and by.id != person.id:
        raise Forbidden(N_("You can make tokens for yourself only."))
    wanted = sorted(set(scopes))
    refuse_if(*rules.token_faults(name, wanted, days), _unproved(person, proved, by),
              None if person.is_active else Reason(
                  "has_left", N_("%(name)s has left: take them back first."),
                  {"name": person.name}))
    assert days is not None
    secret = MARK + secrets.token_urlsafe(32)
    token = ApiToken(person_id=person.id, name=name.strip(), digest=digest_of(secret),
                     scopes=" ".join(wanted), created_at=now,
                     expires_at=now + timedelta(days=days))
    db.session.add(token)
    db.session.flush()
    return token, secret


def revoke_token(token: ApiToken, *, by: Person | None, now: datetime) -> None:
    """End a token: the person's own, or anybody's for an administrator. Raises Forbidden."""
    if by is not None and token.person_id != by.id and not may(by, "manage_people"):
        raise Forbidden(N_("You can revoke your own tokens only."))
    token.revoked_at = token.revoked_at or now
    db.session.flush()


def token_of(secret: str, *, now: datetime) -> ApiToken | None:
    """The token in force with that secret, of somebody who works here and has chosen an own
    password; None for everything else, without saying which."""
    if not secret.startswith(MARK) or len(secret) > 100:
        return None
    token = db.session.scalar(select(ApiToken).where(ApiToken.digest == digest_of(secret)))
    if token is None or not token.in_force(now):
        return None
    person = token.person
    return token if person.is_active and not person.must_change_password else None


def is_stale(token: ApiToken, *, now: datetime) -> bool:
    """Whether it is time to write down again that the token is used."""
    return token.last_used_at is None or now - token.last_used_at >= NOTED_AFTER


def note_use(token_id: int, *, now: datetime) -> None:
    """Write down that the token is used."""
    db.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now),
                       execution_options={"synchronize_session": False})


def digest_of(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _unproved(person: Person, proved: Proof | Reason | None, by: Person | None) -> Reason | None:
    if by is None or (isinstance(proved, Proof) and proved.person_id == person.id):
        return None
    if isinstance(proved, Reason) and proved.code != "wrong_password":
        return proved
    return Reason("wrong_password", N_("This is not your present password."), field="password")
