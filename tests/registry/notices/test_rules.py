"""When somebody is told: quarter-hours, quiet hours, mornings, and the warning before a promise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from registry.core.calendar import WorkingCalendar
from registry.notices.models import Kind, Rhythm
from registry.notices.rules import leaves_at, near_at, wanted_by_default
from registry.people.models import Person, PersonRole, Role

MOSCOW = ZoneInfo("Europe/Moscow")
CALENDAR = WorkingCalendar(MOSCOW, "RU", 9 * 60, 18 * 60, {date(2026, 11, 28): True})


def moscow(day: int, clock: str) -> datetime:
    """A moment of November 2026; the 23rd is a Monday, Saturday the 28th is worked."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


@pytest.mark.parametrize(("happened", "rhythm", "told"), [
    ((24, "10:40"), Rhythm.WORKING_HOURS, (24, "10:55")),
    ((24, "18:00"), Rhythm.WORKING_HOURS, (24, "18:15")),
    ((24, "18:01"), Rhythm.WORKING_HOURS, (25, "09:00")),
    ((24, "03:00"), Rhythm.WORKING_HOURS, (24, "09:00")),
    ((24, "08:50"), Rhythm.WORKING_HOURS, (24, "09:05")),
    ((27, "19:00"), Rhythm.WORKING_HOURS, (28, "09:00")),
    ((28, "19:00"), Rhythm.WORKING_HOURS, (30, "09:00")),
    ((29, "12:00"), Rhythm.WORKING_HOURS, (30, "09:00")),
    ((29, "03:00"), Rhythm.ALWAYS, (29, "03:15")),
    ((24, "10:40"), Rhythm.MORNING, (25, "08:00")),
    ((24, "07:30"), Rhythm.MORNING, (24, "08:00")),
    ((24, "08:00"), Rhythm.MORNING, (24, "08:00")),
    ((24, "08:01"), Rhythm.MORNING, (25, "08:00")),
    ((29, "12:00"), Rhythm.MORNING, (30, "08:00")),
])
def test_a_mail_leaves_when_its_reader_wants_it(
    happened: tuple[int, str], rhythm: Rhythm, told: tuple[int, str]
) -> None:
    assert leaves_at(moscow(*happened), rhythm, CALENDAR) == moscow(*told)


@pytest.mark.parametrize(("made", "promised", "warned"), [
    ((24, "10:40"), (26, "18:00"), (26, "09:00")),
    ((24, "10:40"), (26, "12:00"), (25, "12:00")),
    ((24, "10:40"), (30, "10:00"), (28, "10:00")),
    ((24, "10:40"), (29, "12:00"), (28, "09:00")),
    ((24, "10:00"), (24, "16:00"), (24, "13:00")),
    ((24, "17:00"), (25, "10:00"), (24, "18:00")),
    ((24, "20:00"), (24, "23:00"), (24, "20:00")),
])
def test_the_holder_is_warned_a_working_day_before_a_promise_is_broken(
    made: tuple[int, str], promised: tuple[int, str], warned: tuple[int, str]
) -> None:
    assert near_at(moscow(*promised), moscow(*made), CALENDAR) == moscow(*warned)


def test_a_promise_of_many_years_ahead_is_counted_at_once() -> None:
    far = datetime(2400, 1, 12, 12, 0, tzinfo=MOSCOW).astimezone(UTC)
    warned = near_at(far, moscow(24, "10:40"), CALENDAR)
    assert CALENDAR.hours_between(warned, far) == CALENDAR.hours_a_day
    assert far - warned < timedelta(days=14)


def test_only_those_who_log_tickets_hear_unasked_that_one_was_taken() -> None:
    visitor, engineer = Person(name="Anna"), Person(name="Pavel")
    visitor.role_rows = [PersonRole(role=Role.VISITOR), PersonRole(role=Role.ENGINEER)]
    engineer.role_rows = [PersonRole(role=Role.ENGINEER)]
    for kind in Kind:
        assert wanted_by_default(kind, visitor)
        assert wanted_by_default(kind, engineer) is (kind is not Kind.ACCEPTED)
