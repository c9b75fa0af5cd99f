"""The chains that tell who took evidence of a ticket out of the house: ``evidence:1042``.

They are no part of the ticket's own chain: to take evidence changes nothing in the ticket, and must
not make the page stale on which somebody is about to sign (decision 0121).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from registry.core.db import db
from registry.ledger.entries import content_of, entries_of, record
from registry.ledger.models import ZERO, Chained, LedgerEntry
from registry.ledger.owners import Head
from registry.people.models import Person

KIND = "evidence"
TAKEN = "evidence_taken"


class TakingChain(Chained):
    """The chain of all that was taken out about one ticket; its entries are all that there is."""

    def __init__(self, number: int) -> None:
        self.number = number
        last = db.session.execute(
            select(LedgerEntry.seq, LedgerEntry.hash).where(LedgerEntry.chain == self.chain)
            .order_by(LedgerEntry.seq.desc()).limit(1)).first()
        self.head_seq, self.head_hash = (last.seq, last.hash) if last else (0, ZERO)

    @property
    def chain(self) -> str:
        return f"{KIND}:{self.number}"


@dataclass(frozen=True)
class Taking:
    """That somebody took evidence out; ``by`` is None where it was done at the command line."""

    at: datetime
    by: Person | None
    digest: str
    upto: int


def enter_taking(number: int, *, by: Person | None, now: datetime, digest: str, upto: int) -> None:
    """Enter that a file of that SHA-256 was made, of the ticket's entries up to ``upto``."""
    record(TakingChain(number), TAKEN, by=by.ref if by else "system", at=now,
           content={"digest": digest, "upto": upto})
    db.session.flush()


def takings_of(number: int) -> list[Taking]:
    """All that was taken out about the ticket, the first one first. Two queries."""
    entries = entries_of(f"{KIND}:{number}")
    ids = {int(each.actor.partition(":")[2]) for each in entries if each.actor != "system"}
    people = {person.ref: person for person in db.session.scalars(
        select(Person).where(Person.id.in_(ids)))} if ids else {}
    return [Taking(each.at, people.get(each.actor), content_of(each)["digest"],
                   content_of(each)["upto"]) for each in entries]


def taking_heads(only: str | None) -> Iterator[Head]:
    """Where each of the chains ends; no row repeats it, so one cut short is missed by the tree,
    from the next checkpoint on."""
    query = select(LedgerEntry.chain, func.max(LedgerEntry.seq)).where(
        LedgerEntry.chain.startswith(f"{KIND}:") if only is None
        else LedgerEntry.chain == f"{KIND}:{only}").group_by(LedgerEntry.chain)
    for chain, seq in db.session.execute(query):
        yield Head(chain.partition(":")[2], seq, "")
