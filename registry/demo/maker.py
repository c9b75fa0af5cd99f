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

import click

from registry.core.calendar import WorkingCalendar, company_calendar
from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.demo.company import Company, found_company
from registry.demo.story import Story
from registry.demo.words import words_of

HALF_A_YEAR = timedelta(days=182)
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


def _live(company: Company, words: dict[str, object], moments: list[datetime], now: datetime,
          rng: random.Random) -> None:
    calendar = company_calendar()
    order = itertools.count()
    clock: list[tuple[datetime, int, Iterator[datetime]]] = []
    stories: dict[int, Story] = {}
    for at in moments:
        key = next(order)
        stories[key] = Story(company, words, calendar, random.Random(rng.random()), at)
        heapq.heappush(clock, (at, key, stories[key].run()))
    db.session().expire_on_commit = False  # nobody else writes here: nothing need be read anew
    with click.progressbar(length=len(moments), label="Half a year of tickets") as bar:
        while clock and clock[0][0] < now:
            batch = [heapq.heappop(clock) for _ in range(min(BATCH, len(clock)))
                     if clock and clock[0][0] < now]
            with atomic():
                for at, key, story in sorted(batch, key=lambda each: each[:2]):
                    stories[key].now = at
                    bar.update(stories[key].is_new)
                    following = next(story, None)
                    if following is not None:
                        heapq.heappush(clock, (max(following, at + timedelta(minutes=1)), key,
                                               story))
