"""Appending to a ticket's chain: the entry, the row that follows from it, and the sealed words.

Every verb of this area ends here, so that no row can say what the ledger does not. Areas above that
have somebody to tell (webhooks, notices) listen here; what they write is of the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm.attributes import instance_state

from registry.core.db import db
from registry.ledger.entries import record, seal
from registry.ledger.models import LedgerEntry
from registry.people.models import Person
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Ticket
from registry.tickets.projection import project, project_act


class Sealed(dict[str, "str | None"]):
    """The words of one act by their seals: ``sealed(text)`` keeps a text outside the ledger."""

    def __init__(self) -> None:
        super().__init__({"": ""})

    def __call__(self, words: str) -> str:
        key = seal(words)
        self[key] = words
        return key


class Listener(Protocol):
    """Is told of an entry once the ticket's row has followed it; nothing is flushed yet.

    ``ticket.head_seq`` and ``ticket.head_hash`` are the entry's. It may add rows; it must not flush
    or commit, and what it raises stops the verb.
    """

    def __call__(
        self, ticket: Ticket, kind: str, content: Mapping[str, Any], *,
        act: Handoff | JointAct | None, by: Person | None, now: datetime,
    ) -> None: ...


LISTENERS: list[Listener] = []


def listen(listener: Listener) -> None:
    """Tell ``listener`` of every entry; asking twice tells it once."""
    if listener not in LISTENERS:
        LISTENERS.append(listener)


def append(
    ticket: Ticket, kind: str, content: Mapping[str, Any], sealed: Sealed, *,
    by: Person | None, now: datetime, act: Handoff | JointAct | None = None,
) -> LedgerEntry:
    """Append an entry and let ticket and waiting act follow it; the verb flushes at its end.

    ``by`` is None for the system itself (a timer). ``act`` is the row that the entry begins or
    changes; a new one gets the entry's seq. Where somebody was quicker the flush raises
    IntegrityError, which ``atomic`` turns into Conflict.
    """
    entry = record(ticket, kind, by=by.ref if by else "system", at=now, content=content)
    values = project(kind, content, now, sealed, entry.seq)
    if values.pop("reopened", 0):
        ticket.reopen_count += 1
    _follow(ticket, values)
    change = project_act(kind, content, now, sealed, entry.seq)
    if change is not None and act is not None:
        act.seq = change[1]
        _follow(act, change[2])
        db.session.add(act)
    _forget_former(ticket, values)
    if change is not None and act is not None:
        _forget_former(act, change[2])
    for listener in LISTENERS:
        listener(ticket, kind, content, act=act, by=by, now=now)
    return entry


def _follow(row: Ticket | Handoff | JointAct, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _forget_former(row: Ticket | Handoff | JointAct, values: Mapping[str, Any]) -> None:
    """Let ``holder`` and its like be read anew where ``holder_id`` has changed; a new row has read
    nothing yet. (Without names ``expire`` would throw away every change not yet flushed.)"""
    state = instance_state(row)
    changed = {name.removesuffix("_id") for name in values if name.endswith("_id")}
    names = changed & set(state.mapper.relationships.keys())
    if state.persistent and names:
        db.session.expire(row, names)
