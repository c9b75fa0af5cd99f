"""Makes the demo company: its people and clients first, then half a year, day after day.

All tickets live at once on one clock: each is a story that says when it goes on, and the earliest
goes on next, so the ledger grows in the order of time as in a real registry.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

import click

from registry.config import clock as minutes_of
from registry.core.calendar import WorkingCalendar, company_calendar
from registry.core.db import atomic, db
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.demo.company import Company, found_company
from registry.demo.story import Story
from registry.demo.words import words_of
from registry.reports.rules import latest_owed
from registry.reports.service import keep_report

HALF_A_YEAR = timedelta(days=182)
REPORTED = timedelta(days=16)
TICKETS = 800
BATCH = 200


def make_company(*, language: str, seed: int, now: datetime | None = None,
                 tickets: int = TICKETS) -> Company:
    """Make the company in ``language`` with its life up to ``now``; shows its progress."""
    now = now or utc_now()
    rng = random.Random(seed)
    words = words_of(language)
    begins = now - HALF_A_YEAR
    with atomic():
        company = found_company(words, language, rng, begins)
    click.echo(f"{words['company']}: {len(company.people)} people, {len(company.clients)} clients")
    moments = births(tickets, begins, now, company_calendar(), rng)
    _live(company, words, moments, now, rng)
    with atomic():
        company.send_somebody_away(words["absence"], now)
    return company


def births(count: int, begins: datetime, now: datetime, calendar: WorkingCalendar,
           rng: random.Random) -> list[datetime]:
    """When each ticket is logged: in working hours, evenly over the time."""
    hours = calendar.hours_between(begins, now)
    return [calendar.add_hours(begins, each)
            for each in sorted(rng.uniform(0, hours) for _ in range(count))]


class Course(Protocol):
    """Something that goes on: ``run`` yields when, ``now`` is set before each step."""

    now: datetime

    def run(self) -> Iterator[datetime]:
        """Begin; yield the moment of each next step."""


class Clock:
    """Everything that goes on, the earliest first."""

    def __init__(self) -> None:
        self._order = itertools.count()
        self._courses = 0
        self._waiting: list[tuple[datetime, int, Course, Iterator[datetime]]] = []

    def start(self, at: datetime, course: Course) -> None:
        """Let the course begin at ``at``."""
        self._push(at, course, course.run())
        self._courses += 1

    def is_before(self, end: datetime) -> bool:
        """Whether anything goes on before ``end``."""
        return bool(self._waiting) and self._waiting[0][0] < end

    def step(self) -> bool:
        """Let the earliest go on to its next moment; say whether that was its beginning."""
        at, order, course, run = heapq.heappop(self._waiting)
        course.now = at
        following = next(run, None)
        if following is not None:
            self._push(max(following, at + timedelta(minutes=1)), course, run)
        return order < self._courses

    def _push(self, at: datetime, course: Course, run: Iterator[datetime]) -> None:
        heapq.heappush(self._waiting, (at, next(self._order), course, run))


class Mornings:
    """The daily reports of the last weeks, each made at its hour. The newest is left to the
    worker, which also sends it."""

    def __init__(self, first: datetime, now: datetime, report_at: int) -> None:
        self.now, self._end, self._report_at = first, now, report_at

    def run(self) -> Iterator[datetime]:
        """Make the report of the working day before, morning after morning."""
        calendar = company_calendar()
        newest = latest_owed(calendar, self._report_at, self._end).day
        while True:
            owed = latest_owed(calendar, self._report_at, self.now)
            if owed.day >= newest:
                return
            keep_report(owed.day, now=self.now, due_at=owed.due_at)
            yield calendar.at(calendar.next_working_day(calendar.local(self.now).date()),
                              self._report_at)


def _live(company: Company, words: dict[str, object], moments: list[datetime], now: datetime,
          rng: random.Random) -> None:
    calendar, clock = company_calendar(), Clock()
    report_at = minutes_of(current_settings().report_at)
    for at in moments:
        clock.start(at, Story(company, words, calendar, random.Random(rng.random()), at))
    first = calendar.at(calendar.next_working_day((now - REPORTED).date()), report_at)
    clock.start(first, Mornings(first, now, report_at))
    db.session().expire_on_commit = False  # nobody else writes here: nothing need be read anew
    with click.progressbar(length=len(moments) + 1, label="Half a year of tickets") as bar:
        while clock.is_before(now):
            with atomic():
                for _ in range(BATCH):
                    if not clock.is_before(now):
                        break
                    bar.update(clock.step())
