"""Working days and hours: the country's holidays, the administrator's exceptions, one time zone.

Pure: a calendar is a value. ``company_calendar()`` reads the exceptions once for each
request or job. Spans may be as old as the registry, so each year is counted through once and kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from flask import current_app, g
from sqlalchemy import select

from registry.config import Settings
from registry.core.db import db
from registry.core.models import DayException

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
Shift = tuple[datetime, datetime]


@lru_cache(maxsize=8)
def _country(name: str) -> holidays.HolidayBase:
    return holidays.country_holidays(name)


class Year:
    """The working time of one year, counted through once."""

    def __init__(self, shifts: Iterator[Shift]) -> None:
        self._opens: list[datetime] = []
        self._lengths: list[timedelta] = []
        self._before: list[timedelta] = []
        self.whole = timedelta()
        for opens, closes in shifts:
            self._opens.append(opens)
            self._lengths.append(closes - opens)
            self._before.append(self.whole)
            self.whole += closes - opens

    def until(self, moment: datetime) -> timedelta:
        """Working time from the beginning of the year."""
        index = bisect_right(self._opens, moment) - 1
        if index < 0:
            return timedelta()
        return self._before[index] + min(moment - self._opens[index], self._lengths[index])


@dataclass(frozen=True)
class WorkingCalendar:
    """The company's working time; ``begins``, ``ends``: minutes after midnight in ``zone``."""

    zone: ZoneInfo
    country: str
    begins: int
    ends: int
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    _years: dict[int, Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def hours_a_day(self) -> float:
        """Working hours of one working day."""
        return (self.ends - self.begins) / 60

    def is_working(self, day: date) -> bool:
        """Whether people work on ``day``."""
        if day in self.exceptions:
            return self.exceptions[day]
        return _country(self.country).is_working_day(day)

    def previous_working_day(self, day: date) -> date:
        """The last working day before ``day``."""
        day -= DAY
        while not self.is_working(day):
            day -= DAY
        return day

    def next_working_day(self, day: date) -> date:
        """The first working day after ``day``."""
        day += DAY
        while not self.is_working(day):
            day += DAY
        return day

    def local(self, moment: datetime) -> datetime:
        """The moment on the company's clock."""
        return moment.astimezone(self.zone)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """When ``day`` begins and when the next one does (UTC): a whole calendar day."""
        return self.at(day, 0), self.at(day + DAY, 0)

    def shift(self, day: date) -> Shift:
        """When work begins and ends on ``day`` (UTC)."""
        return self.at(day, self.begins), self.at(day, self.ends)

    def add_hours(self, start: datetime, hours: float) -> datetime:
        """The moment at which ``hours`` of working time have passed since ``start`` (UTC)."""
        left = timedelta(hours=hours)
        for opens, closes in self._shifts(start):
            begun = max(start, opens)
            if closes - begun >= left:
                return begun + left
            left -= max(closes - begun, timedelta())
        raise AssertionError("working days never end")

    def add_days(self, start: datetime, days: float) -> datetime:
        """The moment at which ``days`` whole working days have passed since ``start`` (UTC)."""
        return self.add_hours(start, days * self.hours_a_day)

    def hours_between(self, start: datetime, end: datetime) -> float:
        """Working hours from ``start`` to ``end``; 0 where ``end`` is not later. It costs the same
        however far apart they are, but for the first time that a year is asked of."""
        if end <= start:
            return 0.0
        first, last = self.local(start).year, self.local(end).year
        passed = self._year(last).until(end) - self._year(first).until(start)
        for year in range(first, last):
            passed += self._year(year).whole
        return passed / HOUR

    def _year(self, year: int) -> Year:
        if year not in self._years:
            special = frozenset(each for each in self.exceptions.items() if each[0].year == year)
            self._years[year] = _counted(self.zone, self.country, self.begins, self.ends, special,
                                         year)
        return self._years[year]

    def _shifts(self, start: datetime) -> Iterator[Shift]:
        day = self.local(start).date()
        while True:
            if self.is_working(day):
                yield self.shift(day)
            day += DAY

    def at(self, day: date, minutes: int) -> datetime:
        """The moment (UTC) so many minutes after midnight on ``day``."""
        return _at(day, minutes, self.zone)


@lru_cache(maxsize=8192)
def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    clock = time(minutes // 60, minutes % 60)
    return datetime.combine(day, clock, zone).astimezone(UTC)


@lru_cache(maxsize=256)
def _counted(zone: ZoneInfo, country: str, begins: int, ends: int,
             special: frozenset[tuple[date, bool]], year: int) -> Year:
    """A year by all that it follows from: requests share it, and declaring a day makes another."""
    calendar = WorkingCalendar(zone, country, begins, ends, dict(special))
    days = (date(year, 1, 1) + DAY * index for index in range(366))
    return Year(calendar.shift(day) for day in days
                if day.year == year and calendar.is_working(day))


def company_calendar() -> WorkingCalendar:
    """The company's calendar with the administrator's exceptions, read once a request or job."""
    if "calendar" not in g:
        settings: Settings = current_app.config["SETTINGS"]
        begins, ends = settings.day_bounds
        rows = db.session.execute(select(DayException.day, DayException.is_working))
        g.calendar = WorkingCalendar(settings.zone, settings.calendar, begins, ends,
                                     {row.day: row.is_working for row in rows})
    calendar: WorkingCalendar = g.calendar
    return calendar
