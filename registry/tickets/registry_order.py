"""The orders of the registry's list, and picking the keys of one page in one of them.

By number the newest come first; by promise the nearest date, then what has no date; by since what
has lain longest in the same hands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from registry.core.db import db
from registry.tickets.models import Ticket
from registry.tickets.places import Place
from registry.tickets.registry_conditions import Condition


@dataclass(frozen=True)
class Picked:
    """The key of one ticket of the page."""

    id: int
    number: int
    value: datetime | None


@dataclass(frozen=True)
class Section:
    """A part of the list that is read by one index: what belongs to it, and by what it goes."""

    within: tuple[Condition, ...]
    value: InstrumentedAttribute[Any] | None
    descending: bool = False

    @property
    def columns(self) -> tuple[InstrumentedAttribute[Any], ...]:
        """The columns of the key."""
        return (Ticket.number,) if self.value is None else (self.value, Ticket.number)

    def has(self, place: Place) -> bool:
        """Whether the place lies in this section."""
        return (self.value is None) == (place.value is None)


SECTIONS: dict[str, tuple[Section, ...]] = {
    "number": (Section((), None, descending=True),),
    "since": (Section((), Ticket.holder_since),),
    "promise": (Section((Ticket.promised_at.is_not(None),), Ticket.promised_at),
                Section((Ticket.promised_at.is_(None),), None)),
}


def pick(
    sort: str, conditions: Sequence[Condition], place: Place | None, size: int
) -> list[Picked]:
    """The keys of the ``size`` tickets next to ``place``, the nearest first: going on from it,
    or back from it. One query for each section that is reached."""
    forward = place is None or place.after
    picked: list[Picked] = []
    for section in _ahead(SECTIONS[sort], place, forward):
        start = place if place is not None and section.has(place) else None
        picked += _read(section, conditions, start, forward, size - len(picked))
        if len(picked) >= size:
            break
    return picked


def _ahead(
    sections: tuple[Section, ...], place: Place | None, forward: bool
) -> tuple[Section, ...]:
    """The sections from the place's own on, in the order in which they are walked."""
    walked = sections if forward else tuple(reversed(sections))
    if place is None:
        return walked
    begun = next((index for index, each in enumerate(walked) if each.has(place)), 0)
    return walked[begun:]


def _read(section: Section, conditions: Sequence[Condition], start: Place | None, forward: bool,
          size: int) -> list[Picked]:
    descending = section.descending == forward
    value = literal(None) if section.value is None else section.value
    query = select(Ticket.id, Ticket.number, value).where(*conditions, *section.within)
    if start is not None:
        query = query.where(_beyond(section, start, descending))
    order = [each.desc() if descending else each.asc() for each in section.columns]
    rows = db.session.execute(query.order_by(*order).limit(size))
    return [Picked(*row) for row in rows]


def _beyond(section: Section, start: Place, descending: bool) -> Condition:
    if section.value is None:
        return Ticket.number < start.number if descending else Ticket.number > start.number
    here = tuple_(section.value, Ticket.number)
    there = tuple_(literal(start.value, section.value.type), literal(start.number))
    return here < there if descending else here > there
