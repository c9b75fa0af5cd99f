"""Verbs of the company's calendar: days on which it works or is free against the country's.

The calendar itself is core/calendar.py's; a change here counts from the next request or job on.
Days that are over stay as they were: what was late has been reckoned by them.
"""

from __future__ import annotations

from datetime import date, datetime

from registry.admin.rules import DAY_OVER, exception_faults
from registry.core.calendar import WorkingCalendar
from registry.core.db import db
from registry.core.errors import refuse_if
from registry.core.models import DayException
from registry.people.models import Person
from registry.people.permissions import require


def declare_day(
    day: date | None, *, is_working: bool, reason: str, by: Person, calendar: WorkingCalendar,
    now: datetime,
) -> DayException:
    """Make ``day`` a working or a free one, against the country's calendar.

    Raises Forbidden, or Refused with everything that stands against it.
    """
    require(by, "manage_calendar")
    reason = " ".join(reason.split())
    refuse_if(*exception_faults(day, is_working=is_working, reason=reason, calendar=calendar,
                                today=calendar.local(now).date()))
    assert day is not None
    exception = DayException(day=day, is_working=is_working, reason=reason)
    db.session.add(exception)
    db.session.flush()
    return exception


def forget_day(
    exception: DayException, *, by: Person, calendar: WorkingCalendar, now: datetime
) -> None:
    """Let the country's calendar speak for the day again. Raises Forbidden, or Refused for a day
    that is over."""
    require(by, "manage_calendar")
    refuse_if(DAY_OVER if exception.day < calendar.local(now).date() else None)
    db.session.delete(exception)
    db.session.flush()
