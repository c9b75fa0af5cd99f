"""Timers count in working time, by whatever calendar they are given."""

from datetime import UTC, datetime, timedelta, timezone

from workflows import Span, Timer, due, next_due

TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


class Office:
    """Open from 9 to 17 on every day of the week: enough to be no clock."""

    def add_hours(self, start: datetime, hours: int) -> datetime:
        for _ in range(hours):
            start += timedelta(hours=1)
            if start.hour >= 17:
                start += timedelta(hours=16)
        return start

    def add_days(self, start: datetime, days: int) -> datetime:
        return start + timedelta(days=7 * days)


def test_hours_and_days_are_those_of_the_calendar():
    hours = Timer("late", ("role:lead",), after=Span(4, "h"))
    days = Timer("late", ("role:lead",), after=Span(2, "d"))

    assert due(hours, TUESDAY, Office()) == datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
    assert due(days, TUESDAY, Office()) == TUESDAY + timedelta(days=14)


def test_a_timer_tells_again_only_if_it_says_so():
    once = Timer("late", ("role:lead",), after=Span(4, "h"))
    often = Timer("late", ("role:lead",), after=Span(4, "h"), every=Span(1, "h"))

    assert next_due(once, TUESDAY, Office()) is None
    assert next_due(often, TUESDAY.replace(hour=16), Office()) == datetime(
        2026, 11, 25, 9, 0, tzinfo=UTC)


def test_a_timer_of_a_field_is_due_at_its_date():
    timer = Timer("over", ("relation:holder",), at_field="until")
    moscow = datetime(2026, 12, 1, 10, 0, tzinfo=timezone(timedelta(hours=3)))

    def at(value: object) -> datetime | None:
        return due(timer, TUESDAY, Office(), {"until": value})

    assert at("2026-12-01") is None
    assert at("2026-12-01T10:00:00+03:00") == moscow
    assert at(moscow) == moscow


def test_a_timer_of_an_empty_field_is_never_due():
    timer = Timer("over", ("relation:holder",), at_field="until")

    assert due(timer, TUESDAY, Office()) is None
    assert due(timer, TUESDAY, Office(), {"until": ""}) is None
    assert due(timer, TUESDAY, Office(), {"until": "some day"}) is None
