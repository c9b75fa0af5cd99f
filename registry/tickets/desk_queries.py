"""My desk: what waits for my signature, what is in my hands by promise, what I gave and is not
yet taken, and whom to call back. Each list is bounded; the whole desk takes six queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from registry.clients.models import Client
from registry.core.db import db
from registry.people.models import Person, Role
from registry.tickets.handoff_models import Handoff, HandoffState, JointAct, JointState
from registry.tickets.lifecycles import engine_of
from registry.tickets.models import Ticket

MOST = 60
Waits = tuple[Handoff, Ticket, str, Person, Person]


@dataclass(frozen=True)
class Hand:
    """A person as a mark and a name."""

    id: int
    name: str
    initials: str


@dataclass(frozen=True)
class WaitingRow:
    """A handoff that waits for a signature. ``part`` is receiver or witness."""

    handoff_id: int
    number: int
    summary: str
    client: str
    giver: Hand
    receiver: Hand
    part: str
    for_name: str
    since: datetime
    sheet_id: int | None


@dataclass(frozen=True)
class HeldRow:
    """A ticket in my hands."""

    number: int
    summary: str
    client: str
    state: str
    state_title: dict[str, str]
    promised_at: datetime | None
    is_late: bool
    next_step: str
    since: datetime


@dataclass(frozen=True)
class JointRow:
    """A cancelling that waits for my second signature."""

    joint_id: int
    number: int
    summary: str
    client: str
    proposed_by: Hand
    since: datetime


@dataclass(frozen=True)
class Counts:
    """How many handoffs wait for a signature, and how many tickets stand in each other list."""

    waiting: int
    held: int
    calls: int
    given: int


@dataclass(frozen=True)
class Desk:
    """All of a person's desk. The lists are bounded; the counts are of all there is."""

    to_sign: tuple[WaitingRow, ...]
    to_witness: tuple[WaitingRow, ...]
    to_agree: tuple[JointRow, ...]
    held: tuple[HeldRow, ...]
    given: tuple[WaitingRow, ...]
    to_call_back: tuple[HeldRow, ...]
    counts: Counts


def desk_of(person: Person, absent: Sequence[Person], *, now: datetime) -> Desk:
    """The desk of ``person``, who stands in for the ``absent``."""
    names = {each.id: each.name for each in absent}
    ids = [person.id, *names]
    rows = [_waiting_row(row, ids, names) for row in _waiting(_asked(ids))]
    return Desk(
        to_sign=tuple(row for row in rows if row.part == "receiver"),
        to_witness=tuple(row for row in rows if row.part == "witness"),
        to_agree=_to_agree(person),
        held=_held(_in_hands(ids, mended=False), now),
        given=tuple(_waiting_row(row, ids, names)
                    for row in _waiting(Handoff.giver_id.in_(ids))),
        to_call_back=_held(_in_hands(ids, mended=True), now), counts=_counts(ids))


def _asked(ids: Sequence[int]) -> ColumnElement[bool]:
    """Handoffs that one of the persons is asked to sign."""
    return or_(and_(Handoff.receiver_id.in_(ids), Handoff.receiver_signed_at.is_(None)),
               and_(Handoff.witness_id.in_(ids), Handoff.witness_signed_at.is_(None)))


def _in_hands(ids: Sequence[int], *, mended: bool) -> ColumnElement[bool]:
    """Tickets in hand and not offered on: those stand under "given, not yet taken"."""
    offered = exists().where(Handoff.ticket_id == Ticket.id, Handoff.state == HandoffState.OFFERED)
    done = Ticket.mended_at.is_not(None) if mended else Ticket.mended_at.is_(None)
    return and_(Ticket.is_open, Ticket.holder_id.in_(ids), done, ~offered)


def _counts(ids: Sequence[int]) -> Counts:
    """All four in one query."""
    open_handoffs = select(func.count()).select_from(Handoff).where(
        Handoff.state == HandoffState.OFFERED)
    tickets = select(func.count()).select_from(Ticket)
    counts = (open_handoffs.where(_asked(ids)), tickets.where(_in_hands(ids, mended=False)),
              tickets.where(_in_hands(ids, mended=True)),
              open_handoffs.where(Handoff.giver_id.in_(ids)))
    return Counts(*db.session.execute(select(*(each.scalar_subquery() for each in counts))).one())


def _waiting(condition: ColumnElement[bool]) -> Sequence[Waits]:
    giver, receiver = aliased(Person), aliased(Person)
    query = (select(Handoff, Ticket, Client.name, giver, receiver)
             .join(Ticket, Ticket.id == Handoff.ticket_id)
             .join(Client, Client.id == Ticket.client_id)
             .join(giver, giver.id == Handoff.giver_id)
             .join(receiver, receiver.id == Handoff.receiver_id)
             .where(Handoff.state == HandoffState.OFFERED, condition)
             .order_by(Handoff.offered_at, Handoff.id).limit(MOST))
    return db.session.execute(_bare(query, giver, receiver)).all()


def _bare(query: Select, *persons: type[Person]) -> Select:  # type: ignore[type-arg]
    """Leave out what a hand mark does not need: departments and roles."""
    from sqlalchemy.orm import lazyload

    for person in persons:
        query = query.options(lazyload(person.department), lazyload(person.role_rows))
    return query


def _waiting_row(row: Waits, ids: Sequence[int],
                 names: dict[int, str]) -> WaitingRow:
    handoff, ticket, client, giver, receiver = row
    as_receiver = handoff.receiver_id in ids and handoff.receiver_signed_at is None
    wanted = handoff.receiver_id if as_receiver else handoff.witness_id or 0
    return WaitingRow(handoff.id, ticket.number, ticket.summary, client, hand(giver),
                      hand(receiver), "receiver" if as_receiver else "witness",
                      names.get(wanted, ""), handoff.offered_at, handoff.sheet_id)


def hand(person: Person) -> Hand:
    """The person's mark."""
    return Hand(person.id, person.name, person.initials)


def _held(condition: ColumnElement[bool], now: datetime) -> tuple[HeldRow, ...]:
    query = (select(Ticket, Client.name).join(Client, Client.id == Ticket.client_id)
             .where(condition)
             .order_by(Ticket.promised_at.is_(None), Ticket.promised_at, Ticket.number)
             .limit(MOST))
    return tuple(_held_row(ticket, client, now) for ticket, client in db.session.execute(query))


def _held_row(ticket: Ticket, client: str, now: datetime) -> HeldRow:
    title = engine_of(ticket.lifecycle_digest).workflow.states[ticket.state].title
    late = (ticket.promised_at is not None and ticket.promised_at < now
            and ticket.mended_at is None)
    return HeldRow(ticket.number, ticket.summary, client, ticket.state, title, ticket.promised_at,
                   late, ticket.next_step, ticket.holder_since)


def _to_agree(person: Person) -> tuple[JointRow, ...]:
    if Role.REGISTRAR not in person.roles:
        return ()
    query = (select(JointAct, Ticket, Client.name, Person)
             .join(Ticket, Ticket.id == JointAct.ticket_id)
             .join(Client, Client.id == Ticket.client_id)
             .join(Person, Person.id == JointAct.proposed_by_id)
             .where(JointAct.state == JointState.PROPOSED).order_by(JointAct.proposed_at)
             .limit(MOST))
    return tuple(JointRow(joint.id, ticket.number, ticket.summary, client, hand(proposer),
                          joint.proposed_at)
                 for joint, ticket, client, proposer in db.session.execute(query))
