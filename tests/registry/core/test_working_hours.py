"""Working hours between two moments, however far apart: the same as walking over the days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core import calendar as calendars
from registry.core.calendar import DAY, WorkingCalendar

MOSCOW = ZoneInfo("Europe/Moscow")
HOUR = timedelta(hours=1)
BEGIN, END = datetime(2009, 1, 1, tzinfo=UTC), datetime(2027, 12, 30, tzinfo=UTC)
MOMENTS = st.datetimes(BEGIN.replace(tzinfo=None), END.replace(tzinfo=None),
                       timezones=st.just(UTC))
EXCEPTIONS = st.dictionaries(st.dates(date(2024, 12, 20), date(2025, 1, 12)), st.booleans(),
                             max_size=4)
# Moscow changed its clock for good in 2011 and in 2014; Lord Howe's summer begins by half an hour,
# and people there who work all day have a shift of another length on that day.
CALENDARS = st.builds(WorkingCalendar, st.sampled_from([MOSCOW, ZoneInfo("Australia/Lord_Howe")]),
                      st.sampled_from(["RU", "AU"]), st.sampled_from([0, 540]),
                      st.sampled_from([1080, 1439]), EXCEPTIONS)


def walked(calendar: WorkingCalendar, start: datetime, end: datetime) -> float:
    """Hours counted day by day."""
    return sum((max(min(closes, end) - max(opens, start), timedelta())
                for opens, closes in shifts(calendar, start, end)), timedelta()) / HOUR


def shifts(calendar: WorkingCalendar, start: datetime,
           end: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = calendar.local(start).date()
    while day <= calendar.local(end).date():
        if calendar.is_working(day):
            yield calendar.shift(day)
        day += DAY


@given(CALENDARS, MOMENTS, MOMENTS)
def test_hours_are_those_of_the_days_between(calendar: WorkingCalendar, one: datetime,
                                             other: datetime) -> None:
    start, end = sorted((one, other))
    assert calendar.hours_between(start, end) == walked(calendar, start, end)
    assert calendar.hours_between(end, start) == 0.0


def test_a_year_ends_on_the_company_s_clock_and_not_on_utc() -> None:
    both = {date(2024, 12, 31): True, date(2025, 1, 1): True}
    tokyo = WorkingCalendar(ZoneInfo("Asia/Tokyo"), "RU", 0, 1439, both)
    start, end = datetime(2024, 12, 31, 14, tzinfo=UTC), datetime(2024, 12, 31, 18, tzinfo=UTC)
    assert tokyo.hours_between(start, end) == walked(tokyo, start, end) > 3


def test_exceptions_declared_between_two_requests_are_seen() -> None:
    start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    before = WorkingCalendar(MOSCOW, "RU", 540, 1080)
    after = WorkingCalendar(MOSCOW, "RU", 540, 1080, {date(2021, 3, 2): False})
    assert before.hours_between(start, end) - after.hours_between(start, end) == 9


def test_thirteen_years_once_counted_look_at_no_day_again(
        monkeypatch: pytest.MonkeyPatch) -> None:
    start, end = datetime(2013, 3, 1, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)
    WorkingCalendar(MOSCOW, "RU", 540, 1080).hours_between(start, end)
    looked_at: list[date] = []

    def of_country(_self: WorkingCalendar, day: date) -> bool:
        looked_at.append(day)
        return True

    monkeypatch.setattr(calendars.WorkingCalendar, "is_working", of_country)
    # As the next request has it: a calendar of its own.
    assert WorkingCalendar(MOSCOW, "RU", 540, 1080).hours_between(start, end) > 20_000
    assert looked_at == []
