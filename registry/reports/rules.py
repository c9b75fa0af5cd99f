"""When a report is owed, for which day, and when it is late; which day may be asked for. Pure: the
calendar is a value.

Each working day at the hour set a report on the working day before is owed (the domain, 1.5). A
worker that was down makes it late, once; after a long silence only the last days are made up for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from registry.core.errors import NotFound
from registry.core.words import N_

FIRST_DAY = date(1990, 1, 1)
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


def day_of(text: str) -> date | None:
    """The day that was typed; None where it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def past_day(text: str, today: date) -> date:
    """The day that was asked for. Raises NotFound for one that is not over, or is none."""
    day = day_of(text)
    if day is None or not FIRST_DAY <= day < today:
        raise NotFound(N_("A report is on a day that is over. Choose one before today."))
    return day


def is_damaged(ledger: Mapping[str, Any]) -> bool:
    """Whether something in the ledger is not as it was written."""
    return bool(ledger["problem"]) or bool(ledger["check"] and ledger["check"]["findings"])
