"""The company's calendar: what is special of a year, and declaring days against the country's."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.admin.queries import declared_day, declared_days, holiday_names
from registry.admin.rules import exception_faults, special_days
from registry.admin.service import declare_day, forget_day
from registry.admin.views import PLACES
from registry.core.calendar import WorkingCalendar, company_calendar
from registry.core.errors import Forbidden, Refused
from registry.core.models import DayException
from registry.core.times import utc_now
from registry.people.models import Person, Role
from registry.people.permissions import PERMISSIONS
from tests.factories import NOW, a_person

TODAY = NOW.date()
A_WEDNESDAY = date(2026, 11, 25)
A_HOLIDAY = date(2027, 1, 4)


def the_calendar(**exceptions: bool) -> WorkingCalendar:
    return WorkingCalendar(ZoneInfo("Europe/Moscow"), "RU", 540, 1080, exceptions)  # type: ignore[arg-type]


def test_the_special_days_of_a_year_are_those_against_their_weekday() -> None:
    names = holiday_names("RU", 2026, "en")
    days = {each.day: each for each in special_days(2026, the_calendar(), {}, names)}
    assert days[date(2026, 1, 7)].reason == "Christmas Day"
    assert not days[date(2026, 5, 1)].is_working
    assert date(2026, 11, 24) not in days, "an ordinary Tuesday"
    assert date(2026, 11, 22) not in days, "an ordinary Sunday"
    assert all(each.day.weekday() >= 5 for each in days.values() if each.is_working)
    assert all(each.day.weekday() < 5 for each in days.values() if not each.is_working)


def test_a_declared_day_stands_among_them_with_its_reason() -> None:
    calendar = WorkingCalendar(ZoneInfo("Europe/Moscow"), "RU", 540, 1080, {A_WEDNESDAY: False})
    days = special_days(2026, calendar, {A_WEDNESDAY: "The founder's day"}, {})
    (found,) = [each for each in days if each.day == A_WEDNESDAY]
    assert (found.is_working, found.reason, found.is_exception) == (
        False, "The founder's day", True)


def test_holidays_are_named_in_the_readers_language_where_it_can_be_had() -> None:
    assert holiday_names("RU", 2026, "ru")[date(2026, 5, 9)] == "День Победы"
    assert holiday_names("RU", 2026, "en")[date(2026, 5, 9)] == "Victory Day"
    assert holiday_names("US", 2026, "ru")[date(2026, 7, 4)] == "Independence Day"


@pytest.mark.parametrize(("day", "is_working", "reason", "codes"), [
    (A_WEDNESDAY, False, "Moved", []),
    (date(2026, 11, 28), True, "Moved", []),
    (A_HOLIDAY, True, "Moved", []),
    (None, False, "", ["day_missing", "reason_missing"]),
    (TODAY - timedelta(days=1), False, "Moved", ["day_over"]),
    (TODAY, False, "Moved", []),
    (date(2040, 1, 2), False, "Moved", ["day_far"]),
    (A_WEDNESDAY, True, "Moved", ["day_as_is"]),
    (A_HOLIDAY, False, "Moved", ["day_as_is"]),
    (A_WEDNESDAY, False, "x" * 201, ["reason_long"]),
])
def test_what_may_be_declared(
    day: date | None, is_working: bool, reason: str, codes: list[str]
) -> None:
    faults = exception_faults(day, is_working=is_working, reason=reason,
                              calendar=the_calendar(), today=TODAY)
    assert [each.code for each in faults] == codes


def declared(by: Person, day: date = A_WEDNESDAY, **values: Any) -> DayException:
    return declare_day(day, **({"is_working": False, "reason": " Moved ", "by": by, "now": NOW,
                                "calendar": company_calendar()} | values))


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DEPUTY])
def test_a_declared_day_counts_and_can_be_taken_back(session: Session, app: Flask,
                                                     role: Role) -> None:
    by = a_person(role)
    declared(by)
    assert declared_days(2026) == {A_WEDNESDAY: "Moved"}
    with app.app_context():
        later = company_calendar()
        assert not later.is_working(A_WEDNESDAY)
    with pytest.raises(Refused, match="declared already"):
        declared(by, is_working=True, calendar=later)
    exception = declared_day(A_WEDNESDAY)
    assert exception is not None
    forget_day(exception, by=by, calendar=later, now=NOW)
    assert declared_days(2026) == {}


def test_days_that_are_over_stay_as_they_were(session: Session) -> None:
    by = a_person(Role.DEPUTY)
    exception = declared(by)
    with pytest.raises(Refused, match="This day is over"):
        forget_day(exception, by=by, calendar=company_calendar(), now=NOW + timedelta(days=2))


def test_the_calendar_is_changed_by_few(session: Session) -> None:
    exception = declared(a_person(Role.ADMINISTRATOR))
    for role in (Role.VISITOR, Role.ENGINEER, Role.REGISTRAR, Role.LEAD):
        with pytest.raises(Forbidden):
            declared(a_person(role))
        with pytest.raises(Forbidden):
            forget_day(exception, by=a_person(role), calendar=company_calendar(), now=NOW)


def test_the_page_declares_a_day_and_takes_it_back(
    session: Session, sign_in: Callable[[Person], Any]
) -> None:
    client = sign_in(a_person(Role.ADMINISTRATOR))
    day = utc_now().date() + timedelta(days=3)
    while not the_calendar().is_working(day):
        day += timedelta(days=1)
    answer = client.post("/settings/calendar", data={
        "day": day.isoformat(), "kind": "free", "reason": "The founder's day"})
    assert (answer.status_code, answer.location) == (303, f"/settings/calendar?year={day.year}")
    page = client.get(answer.location).text
    assert "The founder&#39;s day" in page
    assert f"/settings/calendar/{day}/forget" in page
    refused = client.post("/settings/calendar", data={
        "day": day.isoformat(), "kind": "free", "reason": ""})
    assert refused.status_code == 422
    assert "declared already" in refused.text
    assert f'value="{day}"' in refused.text
    assert client.post(f"/settings/calendar/{day}/forget").status_code == 303
    assert client.post(f"/settings/calendar/{day}/forget").status_code == 404
    assert client.post("/settings/calendar/someday/forget").status_code == 404


def test_everybody_may_look_at_the_calendar(
    session: Session, sign_in: Callable[[Person], Any],
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = sign_in(a_person(Role.ENGINEER))
    with count_queries() as queries:
        page = client.get("/settings/calendar?year=2027").text
    assert "Victory Day" in page
    assert "Declare a day" not in page
    assert len(queries) == 3, queries
    assert client.get("/settings/calendar?year=1").status_code == 200
    assert client.get("/settings/calendar?year=x").status_code == 200
    assert client.post("/settings/calendar", data={}).status_code == 403


def test_the_page_of_settings_shows_what_the_role_allows(
    session: Session, sign_in: Callable[[Person], Any]
) -> None:
    seen = re.findall(r'href="(/[^"]+)"><strong>',
                      sign_in(a_person(Role.ENGINEER)).get("/settings").text)
    assert "/settings/calendar" in seen
    assert "/people/attempts" not in seen
    assert "/people/attempts" in sign_in(a_person(Role.ADMINISTRATOR)).get("/settings").text


def test_every_place_of_settings_is_there(app: Flask) -> None:
    assert {place.endpoint for place in PLACES} <= set(app.view_functions)
    assert {place.permission for place in PLACES} <= set(PERMISSIONS)
