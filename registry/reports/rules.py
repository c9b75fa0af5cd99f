"""When a report is owed, for which day, and when it is late. Pure: the calendar is a value.

Each working day at the hour set a report on the working day before is owed (the domain, 1.5). A
worker that was down makes it late, once; after a long silence only the last days are made up for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

LATE_AFTER = timedelta(minutes=10)
MOST_OWED = 10


class Calendar(Protocol):
    """The company's calendar, as far as it is asked here."""

    def is_working(self, day: date) -> bool: ...

    def previous_working_day(self, day: date) -> date: ...

    def local(self, moment: datetime) -> datetime: ...

    def at(self, day: date, minutes: int) -> datetime: ...


@dataclass(frozen=True)
class Owed:
    """A report that is owed: on which day, and since when."""

    day: date
    due_at: datetime


def latest_owed(calendar: Calendar, report_at: int, now: datetime) -> Owed:
    """The newest report whose hour has come; ``report_at`` is in minutes after midnight."""
    today = calendar.local(now).date()
    if not calendar.is_working(today) or calendar.at(today, report_at) > now:
        today = calendar.previous_working_day(today)
    return Owed(calendar.previous_working_day(today), calendar.at(today, report_at))


def owed_since(
    calendar: Calendar, report_at: int, now: datetime, last: date | None
) -> list[Owed]:
    """What is owed after the report on ``last``, oldest first: at most MOST_OWED days, and only
    the newest where there has been no report at all."""
    newest = latest_owed(calendar, report_at, now)
    found: list[Owed] = []
    while len(found) < MOST_OWED and (last is None or newest.day > last):
        found.append(newest)
        if last is None:
            break
        newest = Owed(calendar.previous_working_day(newest.day),
                      calendar.at(newest.day, report_at))
    return found[::-1]


def is_late(due_at: datetime, now: datetime) -> bool:
    """Whether a report made now is late."""
    return now - due_at > LATE_AFTER


def why_late(due_at: datetime, found_at: datetime, seen_at: datetime | None) -> str:
    """The code of the reason: no worker was there, or making it failed at first, or the calendar
    was changed afterwards.

    ``found_at`` is when a worker noticed that it is owed, ``seen_at`` when one was last seen
    before that.
    """
    if not is_late(due_at, found_at):
        return "failed_before"
    if seen_at is None:
        return "first_start"
    return "calendar_changed" if is_late(due_at, seen_at) else "worker_down"
