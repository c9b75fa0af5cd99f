"""Reads the registry: one page of the list by its key, and the numbers above it.

First the keys of the page are picked from the index, then what its rows show is read for those
tickets alone; so neither the size of the registry nor the depth of the page matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, func, literal, select
from sqlalchemy.orm import aliased

from registry.clients.models import Client, Criterion, Site
from registry.core.db import db
from registry.core.languages import language
from registry.people.models import Department, Person, initials
from registry.tickets.desk_queries import Hand
from registry.tickets.filters import Filters
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import CheckResult, Opinion, Ticket
from registry.tickets.places import Place
from registry.tickets.registry_conditions import (
    Condition,
    conditions_of,
    is_late,
    is_unaccepted,
    is_with_client,
)
from registry.tickets.registry_order import pick
from registry.tickets.state_names import StateNames

PAGE = 50
MOST_COUNTED = 9_999
"""Counting ends here: "more than 9,999" costs no more than 9,999 does."""


@dataclass(frozen=True)
class Row:
    """One ticket of the list. ``offered_to`` is who was asked to take it and has not answered;
    ``is_confirmed`` says that it ended because the client checked and it was gone."""

    id: int
    number: int
    summary: str
    measured: Decimal | None
    norm: Decimal | None
    unit: str
    criterion: str
    opinion: Opinion
    client_id: int
    client: str
    site: str
    state: str
    is_open: bool
    is_confirmed: bool
    is_imported: bool
    holder: Hand
    holder_since: datetime
    offered_to: str
    originator: str
    department: str
    logged_at: datetime
    promised_at: datetime | None
    mended_at: datetime | None
    ended_at: datetime | None
    reopen_count: int

    def is_late(self, now: datetime) -> bool:
        """Whether the promise is broken (see ``registry_conditions.is_late``)."""
        return (self.is_open and self.mended_at is None and self.promised_at is not None
                and self.promised_at < now)


@dataclass(frozen=True)
class Page:
    """The rows of one page; the places are those of its neighbours, None where there is none."""

    rows: tuple[Row, ...]
    previous: Place | None
    following: Place | None


@dataclass(frozen=True)
class Counts:
    """The numbers of the head line, over the whole registry; at most MOST_COUNTED + 1 each."""

    open: int
    late: int
    unaccepted: int
    with_client: int


def registry_page(
    filters: Filters, place: Place | None, names: StateNames, *, me: Person, now: datetime,
    size: int = PAGE,
) -> Page:
    """The page of the list that begins at ``place``, or the first one."""
    conditions = conditions_of(filters, names, me=me, now=now)
    picked = pick(filters.sort, conditions, place, size + 1)
    more, picked = len(picked) > size, picked[:size]
    forward = place is None or place.after
    if not forward:
        picked.reverse()
    if not picked:
        return Page((), None, None)
    first, last = picked[0], picked[-1]
    has_previous, has_following = (place is not None, more) if forward else (more, True)
    return Page(
        rows_of([each.id for each in picked]),
        Place(first.number, first.value, after=False) if has_previous else None,
        Place(last.number, last.value) if has_following else None)


def count_matching(filters: Filters, names: StateNames, *, me: Person, now: datetime) -> int:
    """How many tickets the list has; MOST_COUNTED + 1 where there are more than that."""
    conditions = conditions_of(filters, names, me=me, now=now)
    return db.session.scalar(select(_count(*conditions))) or 0


def head_counts(names: StateNames, *, now: datetime) -> Counts:
    """The numbers of the head line in one query."""
    row = db.session.execute(select(
        _count(and_(Ticket.is_open)), _count(is_late(now)), _count(is_unaccepted(names)),
        _count(is_with_client()))).one()
    return Counts(*row)


def _count(*conditions: Condition):  # type: ignore[no-untyped-def]
    found = select(literal(1)).select_from(Ticket).where(*conditions).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def rows_of(ids: Sequence[int]) -> tuple[Row, ...]:
    """What the rows show of these tickets, in the order of ``ids``. One query."""
    russian = language() == "ru"
    unit, criterion = ((Criterion.unit_ru, Criterion.name_ru) if russian
                       else (Criterion.unit_en, Criterion.name_en))
    holder, originator, receiver = aliased(Person), aliased(Person), aliased(Person)
    query = (
        select(Ticket, Client.name, Site.name, unit, criterion, holder.name, originator.name,
               receiver.name, Department.name)
        .join(Client, Client.id == Ticket.client_id)
        .join(holder, holder.id == Ticket.holder_id)
        .join(originator, originator.id == Ticket.originator_id)
        .outerjoin(Site, Site.id == Ticket.site_id)
        .outerjoin(Criterion, Criterion.id == Ticket.criterion_id)
        .outerjoin(Department, Department.id == Ticket.department_id)
        .outerjoin(Handoff, and_(Handoff.ticket_id == Ticket.id,
                                 Handoff.state == HandoffState.OFFERED))
        .outerjoin(receiver, receiver.id == Handoff.receiver_id)
        .where(Ticket.id.in_(ids)))
    found = {row[0].id: _row(*row) for row in db.session.execute(query)}
    return tuple(found[each] for each in ids if each in found)


def _row(ticket: Ticket, client: str, site: str | None, unit: str | None, criterion: str | None,
         holder: str, originator: str, receiver: str | None, department: str | None) -> Row:
    return Row(
        id=ticket.id, number=ticket.number, summary=ticket.summary, measured=ticket.measured,
        norm=ticket.norm, unit=unit or "", criterion=criterion or "", opinion=ticket.opinion,
        client_id=ticket.client_id, client=client, site=site or "", state=ticket.state,
        is_open=ticket.is_open, is_imported=ticket.is_imported,
        is_confirmed=not ticket.is_open and ticket.client_check is CheckResult.GONE,
        holder=Hand(ticket.holder_id, holder, initials(holder)), holder_since=ticket.holder_since,
        offered_to=receiver or "", originator=originator, department=department or "",
        logged_at=ticket.logged_at, promised_at=ticket.promised_at, mended_at=ticket.mended_at,
        ended_at=ticket.ended_at, reopen_count=ticket.reopen_count)


def ticket_has_number(number: int) -> bool:
    """Whether there is a ticket of this number."""
    return db.session.scalar(select(Ticket.id).where(Ticket.number == number)) is not None
