"""The numbers of one day: what happened on it, and how things stood when it ended.

The report and the list behind each of its numbers both ask here, so that they cannot differ. A day
is the whole calendar day in the company's time zone; the free days after it have numbers of their
own, for what happened then would else be in no report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from registry.clients.models import Client, Tier
from registry.core.calendar import DAY, WorkingCalendar, company_calendar
from registry.core.db import db
from registry.reports.history import FLOWS, Flows, Standing, happened, in_hands_at, open_at
from registry.tickets.state_names import StateNames, state_names

# How long the originator may leave the client uncalled (the lifecycle's own timer of "returned").
CHECK_HOURS = 16
STANDINGS = ("broken", "danger", "unpromised", "untaken", "unchecked", "open")
HANDS = "hands-"
OTHERS = "hands-others"
MOST_HANDS = 5
LONGEST_ID = 18
CHUNK = 1000
TIERS = {tier: place for place, tier in enumerate(Tier)}


@dataclass
class Figures:
    """Everything counted for one day; lists are in the order in which they are to be read."""

    day: date
    ends_at: datetime
    before: date
    before_ended_at: datetime
    flows: Flows
    flows_before: Flows
    free_days: dict[date, Flows]
    names: StateNames
    broken: list[Standing] = field(default_factory=list)
    danger: list[Standing] = field(default_factory=list)
    unpromised: list[Standing] = field(default_factory=list)
    untaken: list[Standing] = field(default_factory=list)
    unchecked: list[Standing] = field(default_factory=list)
    hands: Counter[int] = field(default_factory=Counter)
    tiers: dict[int, Tier] = field(default_factory=dict)

    @property
    def open(self) -> int:
        """How many tickets were open."""
        return self.hands.total()

    def tier_of(self, standing: Standing) -> Tier:
        """The category of the ticket's client."""
        return self.tiers[standing.client_id]

    def untaken_since(self, standing: Standing) -> datetime:
        """Since when nobody has taken a ticket of ``untaken``."""
        return standing.untaken_since(self.names) or standing.logged_at


def figures_of(day: date) -> Figures:
    """Count the day from the ledger."""
    calendar, names = company_calendar(), state_names()
    before = calendar.previous_working_day(day)
    free_days = free_days_after(day, calendar)
    flows = happened([before, day, *free_days], calendar, names)
    figures = Figures(
        day, calendar.bounds(day)[1], before, calendar.bounds(before)[1], flows[day],
        flows[before], {free: flows[free] for free in free_days}, names)
    _count_open(figures, calendar)
    return figures


def free_days_after(day: date, calendar: WorkingCalendar) -> list[date]:
    """The free days between a working day and the next one; none after a free day."""
    found: list[date] = []
    if not calendar.is_working(day):
        return found
    end = calendar.next_working_day(day)
    while (day := day + DAY) < end:
        found.append(day)
    return found


def listed(day: date, what: str) -> dict[int, Standing | None]:
    """The tickets that the number called ``what`` counts, in reading order: each by its number,
    with how it stood when the day ended, where that was looked at to count it.

    ``what`` is one of FLOWS or STANDINGS, ``hands-12`` for a person or
    ``hands-others`` for all but the fullest. Raises KeyError.
    """
    calendar, names = company_calendar(), state_names()
    if what in FLOWS:
        return dict.fromkeys(sorted(happened([day], calendar, names)[day][what]))
    return {each.number: each for each in _standing(calendar, names, day, what)}


def _standing(calendar: WorkingCalendar, names: StateNames, day: date,
              what: str) -> Iterable[Standing]:
    moment, holder = calendar.bounds(day)[1], holder_in(what)
    if what == "open":
        return open_at(moment)
    if what == OTHERS:
        return _in_other_hands(moment)
    if holder is not None:
        return in_hands_at(moment, holder)
    if what not in STANDINGS:
        raise KeyError(what)
    figures = Figures(day, moment, day, moment, {}, {}, {}, names)
    _count_open(figures, calendar)
    found: list[Standing] = getattr(figures, what)
    return found


def fullest_hands(hands: Counter[int]) -> list[tuple[int, int]]:
    """The persons who had most, each with how many, the fullest first."""
    return sorted(hands.items(), key=lambda each: (-each[1], each[0]))[:MOST_HANDS]


def holder_in(what: str) -> int | None:
    """The person in ``hands-12``; None for any other name of a number."""
    digits = what.removeprefix(HANDS)
    is_person = what.startswith(HANDS) and digits.isdecimal() and len(digits) < LONGEST_ID
    return int(digits) if is_person else None


def _in_other_hands(moment: datetime) -> list[Standing]:
    standings = list(open_at(moment))
    fullest = dict(fullest_hands(Counter(each.holder_id for each in standings)))
    return [each for each in standings if each.holder_id not in fullest]


def _count_open(figures: Figures, calendar: WorkingCalendar) -> None:
    """Look at each open ticket once."""
    moment = figures.ends_at
    # "In danger" is due before one working day more has gone by.
    danger_ends = calendar.add_days(moment, 1)
    for each in open_at(moment):
        figures.hands[each.holder_id] += 1
        if each.is_broken(moment):
            figures.broken.append(each)
        elif each.is_due_between(moment, danger_ends):
            figures.danger.append(each)
        elif each.is_unpromised(figures.names):
            figures.unpromised.append(each)
        if each.untaken_since(figures.names) is not None:
            figures.untaken.append(each)
        if _is_unchecked(each, moment, calendar):
            figures.unchecked.append(each)
    figures.tiers = _tiers({each.client_id for each in (
        *figures.broken, *figures.danger, *figures.untaken, *figures.unchecked)})
    _sort(figures)


def _is_unchecked(each: Standing, moment: datetime, calendar: WorkingCalendar) -> bool:
    """Whether it was mended long ago and the client has still not been asked."""
    return (each.mended_at is not None and not each.was_checked
            and calendar.add_hours(each.mended_at, CHECK_HOURS) <= moment)


def _sort(figures: Figures) -> None:
    """The worst first: promises by the client's category, then all by age."""
    def by_promise(each: Standing) -> tuple[int, datetime, int]:
        return TIERS[figures.tier_of(each)], each.promised_at or figures.ends_at, each.number

    figures.broken.sort(key=by_promise)
    figures.danger.sort(key=lambda each: (each.promised_at or figures.ends_at, each.number))
    figures.untaken.sort(key=lambda each: (figures.untaken_since(each), each.number))
    figures.unchecked.sort(key=lambda each: (each.mended_at or figures.ends_at, each.number))


def _tiers(client_ids: set[int]) -> dict[int, Tier]:
    found: dict[int, Tier] = {}
    wanted = sorted(client_ids)
    for begin in range(0, len(wanted), CHUNK):
        rows = db.session.execute(
            select(Client.id, Client.tier).where(Client.id.in_(wanted[begin:begin + CHUNK])))
        found.update(dict(rows.all()))
    return found
