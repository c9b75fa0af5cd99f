"""All passkeys that somebody ever had here: from when until when, and who revoked them.

The rows say when; who it was, and that a counter went back, the entries of the person's chain say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from registry.core.db import db
from registry.ledger.entries import content_of
from registry.ledger.models import LedgerEntry
from registry.people.models import Person
from registry.people.passkey_models import Passkey
from registry.people.passkeys import passkeys_of
from registry.people.queries import names_by_ref

KINDS = ("passkey_revoked", "passkey_doubted")


@dataclass
class Past:
    """A passkey with what happened to it. ``revoked_by`` is the name of whoever it was, empty for
    the operator and where nobody did; ``doubted`` are the moments at which its count went back."""

    passkey: Passkey
    revoked_by: str = ""
    doubted: list[datetime] = field(default_factory=list)


def passkey_history(person: Person) -> list[Past]:
    """The person's passkeys, in force and former, the newest first."""
    found = {each.credential_id: Past(each) for each in passkeys_of(person, revoked=True)}
    entries = _entries(person)
    names = names_by_ref({entry.actor for entry in entries if entry.kind == "passkey_revoked"})
    for entry, past in _of_each(entries, found):
        if entry.kind == "passkey_revoked":
            past.revoked_by = names.get(entry.actor, "")
        else:
            past.doubted.append(entry.at)
    return list(found.values())[::-1]


def _entries(person: Person) -> list[LedgerEntry]:
    query = (select(LedgerEntry)
             .where(LedgerEntry.chain == person.chain, LedgerEntry.kind.in_(KINDS))
             .order_by(LedgerEntry.seq))
    return list(db.session.scalars(query))


def _of_each(
    entries: list[LedgerEntry], found: dict[str, Past]
) -> Iterator[tuple[LedgerEntry, Past]]:
    for entry in entries:
        past = found.get(content_of(entry)["credential"])
        if past is not None:
            yield entry, past
