"""The lines that pass from hand to hand, for one ticket or for all tickets of a list at once.

A line's length is working time, its stretches are one state in one person's hands (the look: the
hand). Read from the chains themselves in two queries, however many tickets there are; a state is
called as the version called it under which the ticket was then. What a chain tells up to its head
is kept by the head's hash: the same head is the same history on every node, for ever.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import select

from registry.core.calendar import WorkingCalendar
from registry.core.db import db
from registry.core.languages import language
from registry.ledger.models import LedgerEntry
from registry.people.models import Person, initials
from registry.tickets.lifecycles import engine_of
from registry.tickets.projection import ref_id
from workflows.definition import State

TELLING = ("logged", "handoff_accepted", "moved", "lifecycle_carried")
MOST_KEPT = 4096
Head = tuple[int, str]


class Segment(NamedTuple):
    """A stretch of the ticket's line: one state in one person's hands. ``hours`` are working
    hours, ``share`` the part of the whole line, ``open`` that it is still going on."""

    name: str
    kind: str
    label: str
    hours: float
    share: float
    open: bool

    @property
    def initials(self) -> str:
        """The person's two letters."""
        return initials(self.name)


@dataclass(frozen=True)
class Stretch:
    """One state in one person's hands, from ``start`` to ``end``; ``end`` is None at the last."""

    holder_id: int
    state: State
    start: datetime
    end: datetime | None


def timelines_of(
    heads: Mapping[int, Head], calendar: WorkingCalendar, *, now: datetime
) -> dict[int, tuple[Segment, ...]]:
    """The line of each ticket by its number, up to ``now``. ``heads`` tells where each chain ends:
    the seq and the hash in the ticket's row."""
    known = {number: _kept.get(head) for number, (_, head) in heads.items()}
    unknown = {number: heads[number][0] for number, line in known.items() if line is None}
    lines = {number: line for number, line in known.items() if line}
    for number, line in _stretches(unknown).items():
        lines[number] = line
        _kept.put(heads[number][1], line)
    if not lines:
        return {}
    people = _names(stretch.holder_id for line in lines.values() for stretch in line)
    return {number: tuple(_segments(line, people, calendar, now)) for number, line in lines.items()}


class _Kept:
    """The stretches of the chains that were asked for last, by the hash of the head."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, list[Stretch]] = OrderedDict()
        self._guard = Lock()

    def get(self, head: str) -> list[Stretch] | None:
        with self._guard:
            line = self._lines.get(head)
            if line is not None:
                self._lines.move_to_end(head)
            return line

    def put(self, head: str, line: list[Stretch]) -> None:
        with self._guard:
            self._lines[head] = line
            while len(self._lines) > MOST_KEPT:
                self._lines.popitem(last=False)


_kept = _Kept()


def timeline_of(
    entries: Iterable[tuple[datetime, str, Mapping[str, Any]]], people: Mapping[int, str],
    calendar: WorkingCalendar, *, now: datetime
) -> tuple[Segment, ...]:
    """The line of one ticket whose entries (at, kind, content) are at hand, with the names of
    ``people`` by their ids."""
    line = _Line()
    for at, kind, content in entries:
        if kind in TELLING:
            line.follow(at, content)
    if not line.stretches:
        return ()
    return tuple(_segments(line.stretches, people, calendar, now))


def _stretches(seqs: Mapping[int, int]) -> dict[int, list[Stretch]]:
    """What the chain of each ticket tells up to the entry that the row has as its head: one that
    came between the two reads would otherwise be kept under the head before it."""
    if not seqs:
        return {}
    query = (select(LedgerEntry.chain, LedgerEntry.seq, LedgerEntry.at, LedgerEntry.body)
             .where(LedgerEntry.chain.in_([f"ticket:{number}" for number in seqs]),
                    LedgerEntry.kind.in_(TELLING))
             .order_by(LedgerEntry.chain, LedgerEntry.seq))
    lines: dict[int, _Line] = {}
    for chain, seq, at, body in db.session.execute(query):
        number = int(chain.rpartition(":")[2])
        if seq > seqs[number]:
            continue
        line = lines.setdefault(number, _Line())
        try:
            line.follow(at, json.loads(body)["content"])
        except (ValueError, LookupError, TypeError):
            line.is_damaged = True
    return {number: line.stretches for number, line in lines.items() if not line.is_damaged}


class _Line:
    """Follows one chain: who holds the ticket, in which state of which version. Of a damaged chain
    no line is drawn; what is wrong with it is said by ``verify``."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.is_damaged = False
        self._lifecycle = ""

    def follow(self, at: datetime, content: Mapping[str, str]) -> None:
        """Begin a new stretch where the entry changes hand or state."""
        before = self.stretches[-1] if self.stretches else None
        self._lifecycle = content.get("lifecycle") or self._lifecycle
        holder = ref_id(content.get("holder") or content.get("raised_by") or "")
        holder = holder or (before.holder_id if before else 0)
        name = content.get("target") or content.get("state") or ""
        state = engine_of(self._lifecycle).workflow.states[name]
        if before is not None:
            if (before.holder_id, before.state.name) == (holder, name):
                return
            self.stretches[-1] = Stretch(before.holder_id, before.state, before.start, at)
        self.stretches.append(Stretch(holder, state, at, None))


def _segments(line: list[Stretch], people: Mapping[int, str], calendar: WorkingCalendar,
              now: datetime) -> Iterator[Segment]:
    tongue = language()
    spans = [calendar.hours_between(stretch.start, _end(stretch, now)) for stretch in line]
    whole = sum(spans) or 1.0
    for stretch, hours in zip(line, spans, strict=True):
        state = stretch.state
        yield Segment(people.get(stretch.holder_id, ""), state.kind, state.title.said(tongue),
                      hours, hours / whole, stretch.end is None and not state.is_final)


def _end(stretch: Stretch, now: datetime) -> datetime:
    if stretch.end is not None:
        return stretch.end
    return stretch.start if stretch.state.is_final else now


def _names(ids: Iterable[int]) -> dict[int, str]:
    query = select(Person.id, Person.name).where(Person.id.in_(set(ids)))
    return dict(db.session.execute(query).all())
