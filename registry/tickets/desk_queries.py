"""My desk: what waits for my signature, what is in my hands by promise, what I gave and is not
yet taken, and whom to call back. Each list is bounded; the whole desk takes seven queries.
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
class Desk:
    """All of a person's desk; ``*_more`` say how many more there are than are shown."""

    to_sign: tuple[WaitingRow, ...]
    to_witness: tuple[WaitingRow, ...]
    to_agree: tuple[JointRow, ...]
    held: tuple[HeldRow, ...]
    held_count: int
    given: tuple[WaitingRow, ...]
    to_call_back: tuple[HeldRow, ...]
    calls_count: int


def desk_of(person: Person, absent: Sequence[Person], *, now: datetime) -> Desk:
    """The desk of ``person``, who stands in for the ``absent``."""
    names = {each.id: each.name for each in absent}
    ids = [person.id, *names]
    waiting = _waiting(or_(
        and_(Handoff.receiver_id.in_(ids), Handoff.receiver_signed_at.is_(None)),
        and_(Handoff.witness_id.in_(ids), Handoff.witness_signed_at.is_(None))))
    rows = [_waiting_row(row, ids, names) for row in waiting]
    held = _held(Ticket.holder_id.in_(ids) & Ticket.mended_at.is_(None), now)
    calls = _held(Ticket.holder_id.in_(ids) & Ticket.mended_at.is_not(None), now)
    return Desk(
        to_sign=tuple(row for row in rows if row.part == "receiver"),
        to_witness=tuple(row for row in rows if row.part == "witness"),
        to_agree=_to_agree(person),
        held=held, held_count=_count(Ticket.holder_id.in_(ids) & Ticket.mended_at.is_(None)),
        given=tuple(_waiting_row(row, ids, names)
                    for row in _waiting(Handoff.giver_id.in_(ids))),
        to_call_back=calls,
        calls_count=_count(Ticket.holder_id.in_(ids) & Ticket.mended_at.is_not(None)))


def waiting_count(person: Person, absent: Sequence[Person]) -> int:
    """How many handoffs wait for a signature of the person."""
    ids = [person.id, *(each.id for each in absent)]
    return db.session.scalar(select(func.count()).select_from(Handoff).where(
        Handoff.state == HandoffState.OFFERED,
        or_(and_(Handoff.receiver_id.in_(ids), Handoff.receiver_signed_at.is_(None)),
            and_(Handoff.witness_id.in_(ids), Handoff.witness_signed_at.is_(None))))) or 0


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
    """What is in the hands and not offered on: that stands under "given, not yet taken"."""
    offered = exists().where(Handoff.ticket_id == Ticket.id,
                             Handoff.state == HandoffState.OFFERED)
    query = (select(Ticket, Client.name).join(Client, Client.id == Ticket.client_id)
             .where(Ticket.is_open, condition, ~offered)
             .order_by(Ticket.promised_at.is_(None), Ticket.promised_at, Ticket.number)
             .limit(MOST))
    return tuple(_held_row(ticket, client, now) for ticket, client in db.session.execute(query))


def _held_row(ticket: Ticket, client: str, now: datetime) -> HeldRow:
    title = engine_of(ticket.lifecycle_digest).workflow.states[ticket.state].title
    late = (ticket.promised_at is not None and ticket.promised_at < now
            and ticket.mended_at is None)
    return HeldRow(ticket.number, ticket.summary, client, ticket.state, title, ticket.promised_at,
                   late, ticket.next_step, ticket.holder_since)


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Ticket)
                             .where(Ticket.is_open, condition)) or 0


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
