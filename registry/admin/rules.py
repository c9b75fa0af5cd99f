"""Which days of a year are not as their weekday says, and what may be declared of a day; what the
reason of an erasure by law may say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from registry.core.calendar import WorkingCalendar
from registry.core.errors import Reason
from registry.core.words import N_

LONGEST_REASON = 200
YEARS_AHEAD = 10
# What was late and what was reported has been reckoned by the calendar as it stood.
DAY_OVER = Reason("day_over", N_("This day is over: the calendar of past days stays as it was."),
                  field="day")


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not as its weekday says, and why."""

    day: date
    is_working: bool
    reason: str
    is_exception: bool


def special_days(
    year: int, calendar: WorkingCalendar, reasons: Mapping[date, str], holidays: Mapping[date, str]
) -> list[SpecialDay]:
    """The year's free weekdays, working weekend days and declared days, in their order.

    ``reasons`` are those of the declared days, ``holidays`` the country's names of its days.
    """
    found = []
    day = date(year, 1, 1)
    while day.year == year:
        works, usual = calendar.is_working(day), day.weekday() < 5
        if works != usual or day in reasons:
            found.append(SpecialDay(day, works, reasons.get(day, holidays.get(day, "")),
                                    day in reasons))
        day += timedelta(days=1)
    return found


def exception_faults(
    day: date | None, *, is_working: bool, reason: str, calendar: WorkingCalendar, today: date
) -> Iterator[Reason]:
    """What stands against declaring the day working or free."""
    if day is None:
        yield Reason("day_missing", N_("Give the day."), field="day")
    elif day < today:
        yield DAY_OVER
    elif day.year > today.year + YEARS_AHEAD:
        yield Reason("day_far", N_("Give a day within the next ten years."), field="day")
    elif day in calendar.exceptions:
        yield Reason("day_declared", N_("This day is declared already: take that back first."),
                     field="day")
    elif calendar.is_working(day) == is_working:
        yield Reason("day_as_is", N_("This is a working day already.") if is_working
                     else N_("This is a free day already."), field="day")
    if not reason:
        yield Reason("reason_missing", N_("Say why: people will ask."), field="reason")
    elif len(reason) > LONGEST_REASON:
        yield Reason("reason_long", N_("Keep the reason under %(count)d characters."),
                     {"count": LONGEST_REASON}, "reason")


def erasing_faults(reason: str, words: tuple[str, ...]) -> Iterator[Reason]:
    """What is wrong with the reason of an erasure: it stays for ever, so it names nobody."""
    if not reason:
        yield Reason("reason_missing", N_("Say by which right it is erased, for example the date "
                                          "of the request."), field="reason")
    elif len(reason) > LONGEST_REASON:
        yield Reason("reason_long", N_("Keep the reason under %(count)d characters."),
                     {"count": LONGEST_REASON}, "reason")
    if any(word.casefold() in reason.casefold() for word in words):
        yield Reason("reason_names", N_("The reason stays in the ledger for ever: name nobody and "
                                        "nothing in it that is to be erased."), field="reason")
