"""Reads for the calendar's page: the declared days, and what the country calls its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import holidays
from sqlalchemy import select

from registry.core.db import db
from registry.core.models import DayException


def declared_days(year: int) -> dict[date, str]:
    """The days declared in the year, each with its reason."""
    query = (select(DayException.day, DayException.reason)
             .where(DayException.day.between(date(year, 1, 1), date(year, 12, 31))))
    return dict(db.session.execute(query).all())


def declared_day(day: date) -> DayException | None:
    """What was declared of the day."""
    return db.session.get(DayException, day)


def holiday_names(country: str, year: int, language: str) -> Mapping[date, str]:
    """What the country calls its free days, in the reader's language where it can be had."""
    spoken = holidays.country_holidays(country).supported_languages
    closest = next((each for each in spoken if each.split("_")[0] == language), None)
    return holidays.country_holidays(country, years=year, language=closest)
