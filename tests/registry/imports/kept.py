"""What the registry keeps after an import, read from its chains and rows for comparing."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select

from registry.clients.models import Client, Contact, Site
from registry.core.db import db
from registry.core.settings import current_settings
from registry.ledger.keys import verifier_of
from registry.ledger.models import LedgerEntry, LedgerPending, SealedText
from registry.ledger.verify import Verdict, verify
from registry.people.models import Department, Person
from registry.tickets.handoff_models import Handoff
from registry.tickets.models import Ticket, TicketSearch
from tests.registry.imports.counted import Moves

TABLES = (Ticket, Handoff, TicketSearch, LedgerEntry, LedgerPending, SealedText, Person, Department,
          Client, Contact, Site)


def rows() -> dict[str, int]:
    """How many rows each table has that an import writes."""
    return {kind.__tablename__: db.session.scalar(select(func.count()).select_from(kind)) or 0
            for kind in TABLES}


def proved() -> Verdict:
    """What ``verify`` says of the ledger; no checkpoint is needed for its chains."""
    return verify(verifier=verifier_of(current_settings()))


def numbers_by_case(source: str = "incident_log") -> dict[str, int]:
    """The ticket's number of each case."""
    pairs = db.session.execute(select(Ticket.source_key, Ticket.number))
    return {key.removeprefix(f"{source}:"): number for key, number in pairs if key}


def chains() -> Iterator[list[Mapping[str, Any]]]:
    """The entries of each ticket's chain, as their bodies say them."""
    query = (select(LedgerEntry.chain, LedgerEntry.body)
             .where(LedgerEntry.chain.startswith("ticket:"))
             .order_by(LedgerEntry.chain, LedgerEntry.seq).execution_options(yield_per=1000))
    bodies = ((chain, json.loads(body)) for chain, body in db.session.execute(query))
    for _, group in itertools.groupby(bodies, key=lambda pair: pair[0]):
        yield [body for _, body in group]


def reopened() -> tuple[int, int]:
    """In how many tickets, and how often, the client said that it is not gone."""
    counts = list(db.session.scalars(select(Ticket.reopen_count).where(Ticket.reopen_count > 0)))
    return len(counts), sum(counts)


def holders() -> Moves:
    """How the tickets passed between those who are not their originators."""
    return _moves([[entry["content"]["holder"] for entry in chain
                    if entry["kind"] == "handoff_accepted"
                    and entry["content"]["holder"] != chain[0]["content"]["raised_by"]]
                   for chain in chains()])


def departments() -> Moves:
    """How the tickets passed between departments."""
    return _moves([[entry["content"]["department"] for entry in chain
                    if entry["content"].get("department")] for chain in chains()])


def states() -> Counter[str]:
    """How many tickets are in which state."""
    return Counter(db.session.scalars(select(Ticket.state)))


def _moves(lists: list[list[str]]) -> Moves:
    runs = [[name for name, _ in itertools.groupby(each)] for each in lists]
    return Moves(sum(max(len(each) - 1, 0) for each in runs), sum(len(each) > 1 for each in runs),
                 sum(len(each) > len(set(each)) for each in runs))
