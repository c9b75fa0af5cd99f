"""Reads the registry: one page of the list by its key, and the numbers above it.

First the keys of the page are picked from the index, then what its rows show is read for those
tickets alone; so neither the size of the registry nor the depth of the page matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, literal, select

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
MOST_FOUND = 999
"""What a search finds is counted to here: each ticket has to be looked at for it."""


class Row(NamedTuple):
    """One ticket of the list, as the database tells it. ``offered_to`` is who was asked to take it
    and has not answered."""

    id: int
    number: int
    head_seq: int
    head_hash: str
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
    client_check: CheckResult | None
    is_imported: bool
    holder_id: int
    holder_name: str
    holder_since: datetime
    offered_to: str
    originator: str
    department: str
    logged_at: datetime
    promised_at: datetime | None
    mended_at: datetime | None
    ended_at: datetime | None
    reopen_count: int

    @property
    def head(self) -> tuple[int, str]:
        """Where the ticket's chain ends."""
        return self.head_seq, self.head_hash

    @property
    def holder(self) -> Hand:
        """In whose hands the ticket is, or was at its end."""
        return Hand(self.holder_id, self.holder_name, initials(self.holder_name))

    @property
    def is_confirmed(self) -> bool:
        """Whether it ended because the client checked and the problem was gone."""
        return not self.is_open and self.client_check is CheckResult.GONE

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
    """How many tickets the list has; ``most_counted`` + 1 where there are more than that."""
    conditions = conditions_of(filters, names, me=me, now=now)
    return db.session.scalar(select(_count(*conditions, most=most_counted(filters)))) or 0


def count_beside(page: Page, counts: Counts, filters: Filters, names: StateNames, *, me: Person,
                 now: datetime) -> int:
    """``count_matching`` where ``page`` of the list and the ``counts`` above it are known: most
    lists are counted by that."""
    if page.previous is None and page.following is None:
        return len(page.rows)
    if not filters.narrows:
        return counts.open
    return count_matching(filters, names, me=me, now=now)


def most_counted(filters: Filters) -> int:
    """How far the tickets of a list are counted."""
    return MOST_FOUND if filters.q else MOST_COUNTED


def head_counts(names: StateNames, *, now: datetime) -> Counts:
    """The numbers of the head line in one query."""
    row = db.session.execute(_query_of_counts(MOST_COUNTED),
                             {"now": now, "initial": names.initial}).one()
    return Counts(*row)


@cache
def _query_of_counts(most: int) -> Select[Any]:
    now: BindParameter[datetime] = bindparam("now")
    initial: BindParameter[str] = bindparam("initial", expanding=True)
    return select(*(_count(each, most=most) for each in (
        and_(Ticket.is_open), is_late(now), is_unaccepted(initial), is_with_client())))


def _count(*conditions: Condition, most: int):  # type: ignore[no-untyped-def]
    found = select(literal(1)).select_from(Ticket).where(*conditions).limit(most + 1)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def rows_of(ids: Sequence[int]) -> tuple[Row, ...]:
    """What the rows show of these tickets, in the order of ``ids``. One query."""
    found = {row[0]: Row(*row)
             for row in db.session.execute(_query_of_rows(language()), {"ids": ids})}
    return tuple(found[each] for each in ids if each in found)


@cache
def _query_of_rows(tongue: str) -> Select[Any]:
    """The fields of ``Row`` in their order. Plain columns: of fifty tickets the objects with all
    that they have cost more than the rest of the list."""
    ticket, handoff, person = Ticket.__table__, Handoff.__table__, Person.__table__
    client, site, department = Client.__table__, Site.__table__, Department.__table__
    criterion = Criterion.__table__
    holder, originator, receiver = person.alias(), person.alias(), person.alias()
    of, words = ticket.c, criterion.c
    return (
        select(of.id, of.number, of.head_seq, of.head_hash, of.summary, of.measured, of.norm,
               _or_nothing(words[f"unit_{tongue}"]), _or_nothing(words[f"name_{tongue}"]),
               of.opinion, of.client_id, client.c.name, _or_nothing(site.c.name), of.state,
               of.is_open, of.client_check, of.is_imported, of.holder_id, holder.c.name,
               of.holder_since, _or_nothing(receiver.c.name), originator.c.name,
               _or_nothing(department.c.name), of.logged_at, of.promised_at, of.mended_at,
               of.ended_at, of.reopen_count)
        .join(client, client.c.id == of.client_id)
        .join(holder, holder.c.id == of.holder_id)
        .join(originator, originator.c.id == of.originator_id)
        .outerjoin(site, site.c.id == of.site_id)
        .outerjoin(criterion, words.id == of.criterion_id)
        .outerjoin(department, department.c.id == of.department_id)
        .outerjoin(handoff, and_(handoff.c.ticket_id == of.id,
                                 handoff.c.state == HandoffState.OFFERED))
        .outerjoin(receiver, receiver.c.id == handoff.c.receiver_id)
        .where(of.id.in_(bindparam("ids", expanding=True))))


def _or_nothing(name: ColumnElement[str]) -> ColumnElement[str]:
    return func.coalesce(name, "")


def ticket_has_number(number: int) -> bool:
    """Whether there is a ticket of this number."""
    return db.session.scalar(select(Ticket.id).where(Ticket.number == number)) is not None
