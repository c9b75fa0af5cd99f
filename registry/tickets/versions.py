"""Versions of lifecycles after their publishing: which there are, carrying tickets over to a newer
one, and proving that each version is still what was published.

A ticket stays with the version that it was logged under until somebody carries it over; where each
state goes is said by the newer version itself, in its map (the design, 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from registry.core.db import db
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.words import N_
from registry.ledger.entries import content_of, entries_of
from registry.ledger.findings import Finding
from registry.ledger.models import LedgerEntry
from registry.people.models import Person
from registry.people.permissions import require
from registry.tickets.acts import nothing_waits, set_timers
from registry.tickets.chain import Sealed, append
from registry.tickets.lifecycles import engine_of, ours
from registry.tickets.models import Lifecycle, Ticket
from workflows import Refused as EngineRefused
from workflows import Workflow, carry

SENTENCES = {
    "lifecycle_body": N_("The definition of version %(version)s is not the one that was "
                         "published."),
    "lifecycle_unpublished": N_("Version %(version)s was never published."),
}


@dataclass(frozen=True)
class Version:
    """A published version: its definition, and how many open and ended tickets are pinned to it."""

    digest: str
    published_at: datetime
    workflow: Workflow
    open_tickets: int
    is_newest: bool


def versions() -> list[Version]:
    """Every published version, the newest of each lifecycle first. Two queries."""
    counts = dict(db.session.execute(
        select(Ticket.lifecycle_digest, func.count()).where(Ticket.is_open)
        .group_by(Ticket.lifecycle_digest)).all())
    rows = db.session.execute(
        select(Lifecycle.digest, Lifecycle.name, Lifecycle.published_at)
        .order_by(Lifecycle.name, Lifecycle.version.desc())).all()
    found: list[Version] = []
    for digest, name, published_at in rows:
        is_newest = not found or found[-1].workflow.name != name
        found.append(Version(digest, published_at, engine_of(digest).workflow,
                             counts.get(digest, 0), is_newest))
    return found


def lifecycle_by_digest(digest: str) -> Lifecycle | None:
    """The published version of that digest."""
    return db.session.get(Lifecycle, digest)


def numbers_pinned(lifecycle: Lifecycle, *, after: int = 0, limit: int = 200) -> list[int]:
    """The numbers of the open tickets that are pinned to earlier versions of the lifecycle."""
    earlier = select(Lifecycle.digest).where(Lifecycle.name == lifecycle.name,
                                             Lifecycle.version < lifecycle.version)
    query = (select(Ticket.number).where(Ticket.is_open, Ticket.number > after,
                                         Ticket.lifecycle_digest.in_(earlier))
             .order_by(Ticket.number).limit(limit))
    return list(db.session.scalars(query))


def carry_over(
    ticket: Ticket, lifecycle: Lifecycle, *, by: Person | None, now: datetime
) -> LedgerEntry:
    """Pin an open ticket to a newer version of its lifecycle, by that version's own map.

    ``by`` is None where the command line does it. Raises Refused with every reason: another
    lifecycle or no newer version, a ticket that has ended, a state that the map does not name, an
    act that waits for a signature (it was begun by the rules of the old version).
    """
    if by is not None:
        require(by, "manage_lifecycles")
    old, new = (engine_of(ticket.lifecycle_digest).workflow, engine_of(lifecycle.digest).workflow)
    refuse_if(_not_newer(old, new), _ended(ticket), nothing_waits(ticket))
    try:
        target = carry(ticket.state, old.version, new)
    except EngineRefused as error:
        raise Refused(ours(error)) from error
    content = {"lifecycle": lifecycle.digest, "was": ticket.lifecycle_digest,
               "source": ticket.state, "target": target}
    entry = append(ticket, "lifecycle_carried", content, Sealed(), by=by, now=now)
    set_timers(ticket, engine_of(lifecycle.digest).timers(target), f"state:{target}",
               ticket.state_since, now=now, fields={"until": ticket.on_hold_until})
    return entry


def _not_newer(old: Workflow, new: Workflow) -> Reason | None:
    if new.name == old.name and new.version > old.version:
        return None
    return Reason("not_newer", N_("Version %(version)s of “%(title)s” is not a newer version of "
                                  "the ticket's own lifecycle."),
                  {"version": new.version, "title": new.title})


def _ended(ticket: Ticket) -> Reason | None:
    return None if ticket.is_open else Reason(
        "ended", N_("Ticket No. %(number)s has ended; it stays with the version by which it "
                    "ended."),
        {"number": ticket.number})


def check_lifecycles(only: str | None) -> Iterator[Finding]:
    """For ``verify``: every version whose definition is not the one that its chain names."""
    query = select(Lifecycle).order_by(Lifecycle.name, Lifecycle.version)
    if only is not None:
        query = query.where(Lifecycle.name == only)
    for row in db.session.scalars(query):
        chain = f"lifecycle:{row.name}"
        said = {content["version"]: (entry.seq, content["digest"]) for entry in entries_of(chain)
                for content in [content_of(entry)] if entry.kind == "lifecycle_published"}
        seq, digest = said.get(row.version, (None, ""))
        if seq is None:
            yield _finding("lifecycle_unpublished", chain, None, row.version)
        elif digest != row.digest or hashlib.sha256(row.body).hexdigest() != row.digest:
            yield _finding("lifecycle_body", chain, seq, row.version)


def _finding(code: str, chain: str, seq: int | None, version: int) -> Finding:
    return Finding(chain, seq, code, SENTENCES[code], {"version": version})
