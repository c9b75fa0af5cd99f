"""Moments and spans as people say them: "today 14:05", "2 working days".

The exact moment stands in the element's title and in print.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import current_app
from markupsafe import Markup

from registry.core.calendar import company_calendar
from registry.core.languages import gettext, language, ngettext
from workflows import YEARS


def utc_now() -> datetime:
    """The present moment; called by the edge only."""
    return datetime.now(UTC)


def zone() -> ZoneInfo:
    """The company's time zone."""
    found: ZoneInfo = current_app.config["SETTINGS"].zone
    return found


def local(moment: datetime) -> datetime:
    """The moment on the company's clock."""
    return moment.astimezone(zone())


def moment_text(moment: datetime, now: datetime | None = None) -> str:
    """«today 14:05», «yesterday 9:10», «Tue 24 Nov 14:05», with the year when it is another."""
    today = local(now or utc_now()).date()
    return _moment_text(local(moment).replace(tzinfo=None), today, language())


# What a moment is called follows from the company's clock, the day of today and the language alone,
# so these keep it: the patterns of dates are slow, and one list asks for a hundred.
@lru_cache(maxsize=4096)
def _moment_text(there: datetime, today: date, tongue: str) -> str:
    days = (there.date() - today).days
    near = {0: gettext("today"), -1: gettext("yesterday"), 1: gettext("tomorrow")}
    if days in near:
        return f"{near[days]} {there:%H:%M}"
    pattern = "EEE d MMM" if there.year == today.year else "d MMM y"
    return f"{format_date(there.date(), pattern, locale=tongue)} {there:%H:%M}"


def exact_text(moment: datetime, tongue: str = "") -> str:
    """The whole moment: «24 November 2026, 10:40»; in the reader's language unless told."""
    return _exact_text(local(moment).replace(tzinfo=None), tongue or language())


@lru_cache(maxsize=4096)
def _exact_text(there: datetime, tongue: str) -> str:
    return format_datetime(there, "d MMMM y, HH:mm", locale=tongue)


def when(moment: datetime | None, empty: str = "—") -> Markup | str:
    """Filter: the moment as people say it, the exact one on hover."""
    if moment is None:
        return empty
    here = zone()
    return _when(moment, here, utc_now().astimezone(here).date(), language())


@lru_cache(maxsize=4096)
def _when(moment: datetime, here: ZoneInfo, today: date, tongue: str) -> Markup:
    there = moment.astimezone(here).replace(tzinfo=None)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(timespec="seconds"), _exact_text(there, tongue),
        _moment_text(there, today, tongue).replace(" ", "\u00a0"))


def day_text(day: date | None, empty: str = "—") -> str:
    """Filter: «24 Nov», with the year when it is another."""
    if day is None:
        return empty
    same = day.year == local(utc_now()).year
    return format_date(day, "d MMM" if same else "d MMM y", locale=language())


def span_text(hours: float) -> str:
    """Filter: working hours as «40 min», «3 h» or «2 working days»."""
    a_day = company_calendar().hours_a_day
    if hours < 1:
        return _span_text("minute", round(hours * 60), language())
    if hours < a_day:
        return _span_text("hour", round(hours), language())
    return _span_text("day", round(hours / a_day), language())


@lru_cache(maxsize=1024)
def _span_text(unit: str, count: int, _tongue: str) -> str:
    if unit == "day":
        return ngettext("%(num)d working day", "%(num)d working days", count)
    return (gettext("%(count)d min", count=count) if unit == "minute"
            else gettext("%(count)d h", count=count))


def since_text(moment: datetime, now: datetime | None = None) -> str:
    """Filter: the working time that has passed since ``moment``."""
    return span_text(company_calendar().hours_between(moment, now or utc_now()))


def is_past(moment: datetime | None) -> bool:
    """Test: whether the moment is over."""
    return moment is not None and moment < utc_now()


def is_near(moment: datetime | None, within: timedelta = timedelta(hours=24)) -> bool:
    """Test: whether the moment is not over but less than a day away."""
    return moment is not None and utc_now() <= moment < utc_now() + within


def from_local_input(text: str | None) -> datetime | None:
    """A moment from an input of date and time in the company's zone; None where it is not one, or
    of a year that the engine takes from nobody."""
    try:
        typed = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    if typed.year not in YEARS:
        return None
    return (typed if typed.tzinfo else typed.replace(tzinfo=zone())).astimezone(UTC)


def to_local_input(moment: datetime | None) -> str:
    """The moment as an input of date and time shows it, in the company's zone."""
    return f"{local(moment):%Y-%m-%dT%H:%M}" if moment else ""
