"""When a report is owed: by working days, over weekends, holidays, years, a changed clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from registry.core.calendar import WorkingCalendar
from registry.reports.rules import MOST_OWED, Owed, is_late, latest_owed, owed_since, why_late

MOSCOW = WorkingCalendar(ZoneInfo("Europe/Moscow"), "RU", 9 * 60, 18 * 60)
BERLIN = WorkingCalendar(ZoneInfo("Europe/Berlin"), "DE", 9 * 60, 18 * 60)
HALF_PAST_EIGHT = 8 * 60 + 30


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.mark.parametrize(("now", "day"), [
    ("2026-11-25T08:30", "2026-11-24"),  # at the hour: about the day before
    ("2026-11-25T08:29", "2026-11-23"),  # before the hour: still the one of the day before
    ("2026-11-25T23:59", "2026-11-24"),
    ("2026-11-23T09:00", "2026-11-20"),  # on Monday about Friday
    ("2026-11-21T12:00", "2026-11-19"),  # on Saturday none is due; Friday's was about Thursday
    ("2027-01-11T09:00", "2026-12-30"),  # after the New Year's days of 2027
])
def test_the_newest_report_is_on_the_last_working_day(now: str, day: str):
    assert latest_owed(MOSCOW, HALF_PAST_EIGHT, moscow(now)).day == date.fromisoformat(day)


def test_an_exception_of_the_administrator_counts():
    calendar = WorkingCalendar(MOSCOW.zone, "RU", 540, 1080, {
        date(2026, 11, 21): True, date(2026, 11, 24): False})
    assert latest_owed(calendar, HALF_PAST_EIGHT, moscow("2026-11-23T09:00")).day == date(
        2026, 11, 21)
    assert latest_owed(calendar, HALF_PAST_EIGHT, moscow("2026-11-25T09:00")).day == date(
        2026, 11, 23)


def test_the_hour_is_the_companys_also_when_its_clock_was_changed():
    before = latest_owed(BERLIN, HALF_PAST_EIGHT, datetime(2026, 10, 23, 12, tzinfo=UTC))
    after = latest_owed(BERLIN, HALF_PAST_EIGHT, datetime(2026, 10, 26, 12, tzinfo=UTC))
    assert before.due_at == datetime(2026, 10, 23, 6, 30, tzinfo=UTC)
    assert after.due_at == datetime(2026, 10, 26, 7, 30, tzinfo=UTC)


def test_at_the_first_start_only_the_newest_is_owed():
    owed = owed_since(MOSCOW, HALF_PAST_EIGHT, moscow("2026-11-25T15:00"), None)
    assert [each.day for each in owed] == [date(2026, 11, 24)]


def test_after_some_days_of_silence_each_day_is_owed_in_order():
    owed = owed_since(MOSCOW, HALF_PAST_EIGHT, moscow("2026-11-25T15:00"), date(2026, 11, 19))
    assert owed == [
        Owed(date(2026, 11, 20), moscow("2026-11-23T08:30")),
        Owed(date(2026, 11, 23), moscow("2026-11-24T08:30")),
        Owed(date(2026, 11, 24), moscow("2026-11-25T08:30")),
    ]


def test_nothing_is_owed_twice():
    assert owed_since(MOSCOW, HALF_PAST_EIGHT, moscow("2026-11-25T15:00"),
                      date(2026, 11, 24)) == []


def test_a_long_silence_is_made_up_for_by_the_last_days_only():
    owed = owed_since(MOSCOW, HALF_PAST_EIGHT, moscow("2026-11-25T15:00"), date(2026, 3, 2))
    assert len(owed) == MOST_OWED
    assert owed[-1].day == date(2026, 11, 24)


def test_ten_minutes_are_not_late():
    due_at = moscow("2026-11-25T08:30")
    assert not is_late(due_at, due_at + timedelta(minutes=10))
    assert is_late(due_at, due_at + timedelta(minutes=10, seconds=1))


@pytest.mark.parametrize(("found", "seen", "code"), [
    ("08:31", "08:29", "failed_before"),
    ("11:00", "07:00", "worker_down"),
    ("11:00", None, "first_start"),
    ("11:00", "10:59", "calendar_changed"),
])
def test_being_late_has_a_reason(found: str, seen: str | None, code: str):
    due_at = moscow("2026-11-25T08:30")
    assert why_late(due_at, moscow(f"2026-11-25T{found}"),
                    moscow(f"2026-11-25T{seen}") if seen else None) == code
