"""When a timer is due, counted in working time.

The engine knows no calendar: whoever asks brings one that adds working hours and working days.
Remembering what was told already is the application's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from workflows.definition import Span, Timer
from workflows.judgement import moment_of


class Calendar(Protocol):
    """Working time: what moment lies so many working hours or days after another."""

    def add_hours(self, start: datetime, hours: int, /) -> datetime: ...

    def add_days(self, start: datetime, days: int, /) -> datetime: ...


def due(
    timer: Timer, since: datetime, calendar: Calendar, fields: Mapping[str, object] | None = None
) -> datetime | None:
    """Return when ``timer`` first tells, for a state or offer that began at ``since``.

    A timer of a field's date takes it from ``fields`` (ISO 8601 with its zone, or an aware
    datetime) and is never due (None) where the field is empty.
    """
    if timer.at_field is None:
        return _added(since, timer.after, calendar)
    value = (fields or {}).get(timer.at_field)
    if isinstance(value, datetime):
        return value
    return moment_of(str(value)) if value else None


def next_due(timer: Timer, previous: datetime, calendar: Calendar) -> datetime | None:
    """Return when ``timer`` tells again after ``previous``; None if it tells once only."""
    return _added(previous, timer.every, calendar)


def _added(start: datetime, span: Span | None, calendar: Calendar) -> datetime | None:
    if span is None:
        return None
    add = calendar.add_hours if span.unit == "h" else calendar.add_days
    return add(start, span.amount)
