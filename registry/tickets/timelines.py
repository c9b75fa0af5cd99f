"""The lines that pass from hand to hand, for one ticket or for all tickets of a list at once.

A line's length is working time, its stretches are one state in one person's hands (the look: the
hand). Read from the chains themselves in two queries, however many tickets there are; a state is
called as the version called it under which the ticket was then.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from registry.core.calendar import DAY, WorkingCalendar
from registry.core.db import db
from registry.core.languages import language
from registry.ledger.models import LedgerEntry
from registry.people.models import Person, initials
from registry.tickets.lifecycles import engine_of
from registry.tickets.projection import ref_id
from workflows.definition import State

TELLING = ("logged", "handoff_accepted", "moved", "lifecycle_carried")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Segment:
    """A stretch of the ticket's line: one state in one person's hands. ``hours`` are working
    hours, ``share`` the part of the whole line, ``open`` that it is still going on."""

    name: str
    initials: str
    kind: str
    label: str
    hours: float
    share: float
    open: bool


@dataclass(frozen=True)
class Stretch:
    """One state in one person's hands, from ``start`` to ``end``; ``end`` is None at the last."""

    holder_id: int
    state: State
    start: datetime
    end: datetime | None


class WorkingClock:
    """Working hours between any two moments of a period, counted through once.

    ``WorkingCalendar.hours_between`` walks over the days each time; a page asks some hundred times.
    """

    def __init__(self, calendar: WorkingCalendar, first: datetime, last: datetime) -> None:
        self._opens: list[datetime] = []
        self._lengths: list[timedelta] = []
        self._passed = [timedelta()]
        day, end = calendar.local(first).date(), calendar.local(last).date()
        while day <= end:
            if calendar.is_working(day):
                opens, closes = calendar.shift(day)
                self._opens.append(opens)
                self._lengths.append(closes - opens)
                self._passed.append(self._passed[-1] + (closes - opens))
            day += DAY

    def hours(self, start: datetime, end: datetime) -> float:
        """Working hours from ``start`` to ``end``; 0 where ``end`` is not later."""
        return max((self._until(end) - self._until(start)) / HOUR, 0.0)

    def _until(self, moment: datetime) -> timedelta:
        index = bisect_right(self._opens, moment) - 1
        if index < 0:
            return timedelta()
        return self._passed[index] + min(moment - self._opens[index], self._lengths[index])


def timelines_of(
    numbers: Iterable[int], calendar: WorkingCalendar, *, now: datetime
) -> dict[int, tuple[Segment, ...]]:
    """The line of each ticket by its number, up to ``now``."""
    lines = _stretches(numbers)
    starts = [line[0].start for line in lines.values()]
    if not starts:
        return {}
    clock = WorkingClock(calendar, min(starts), now)
    people = _names(stretch.holder_id for line in lines.values() for stretch in line)
    return {number: tuple(_segments(line, people, clock, now)) for number, line in lines.items()}


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
    clock = WorkingClock(calendar, line.stretches[0].start, now)
    return tuple(_segments(line.stretches, people, clock, now))


def _stretches(numbers: Iterable[int]) -> dict[int, list[Stretch]]:
    query = (select(LedgerEntry.chain, LedgerEntry.at, LedgerEntry.body)
             .where(LedgerEntry.chain.in_([f"ticket:{number}" for number in numbers]),
                    LedgerEntry.kind.in_(TELLING))
             .order_by(LedgerEntry.chain, LedgerEntry.seq))
    lines: dict[int, _Line] = {}
    for chain, at, body in db.session.execute(query):
        line = lines.setdefault(int(chain.rpartition(":")[2]), _Line())
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


def _segments(line: list[Stretch], people: Mapping[int, str], clock: WorkingClock,
              now: datetime) -> Iterator[Segment]:
    spans = [(stretch, clock.hours(stretch.start, _end(stretch, now))) for stretch in line]
    whole = sum(hours for _, hours in spans) or 1.0
    for stretch, hours in spans:
        name = people.get(stretch.holder_id, "")
        yield Segment(name, initials(name), stretch.state.kind,
                      stretch.state.title.said(language()), hours, hours / whole,
                      stretch.end is None and not stretch.state.is_final)


def _end(stretch: Stretch, now: datetime) -> datetime:
    if stretch.end is not None:
        return stretch.end
    return stretch.start if stretch.state.is_final else now


def _names(ids: Iterable[int]) -> dict[int, str]:
    query = select(Person.id, Person.name).where(Person.id.in_(set(ids)))
    return dict(db.session.execute(query).all())
