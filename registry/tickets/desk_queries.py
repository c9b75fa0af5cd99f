"""My desk: what waits for my signature, what is in my hands by promise, what I gave or signed and
not all have signed, and whom to call back. Each list is bounded; the whole desk takes six queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from registry.clients.models import Client
from registry.core.db import db
from registry.people.models import Person, Role, initials
from registry.tickets.acts import second_of
from registry.tickets.half_signed import Standing, standing_of
from registry.tickets.handoff_models import Handoff, HandoffState, JointAct, JointState
from registry.tickets.lifecycles import engine_of
from registry.tickets.models import Ticket
from workflows import conditions

MOST = 60
Query = Select[*tuple[Any, ...]]
Waits = tuple[Handoff, Ticket, str, str, str, str | None]


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
    seq: int
    number: int
    summary: str
    client: str
    giver: Hand
    receiver: Hand
    part: str
    for_name: str
    since: datetime
    sheet_id: int | None
    standing: Standing


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
    signed: tuple[WaitingRow, ...]
    to_call_back: tuple[HeldRow, ...]
    counts: Counts


def desk_of(person: Person, absent: Sequence[Person], *, now: datetime) -> Desk:
    """The desk of ``person``, who stands in for the ``absent``."""
    names = {each.id: each.name for each in absent}
    ids = [person.id, *names]
    rows = [_waiting_row(row, ids, names, now) for row in _read(ASKED_FOR, ids)]
    others = [_waiting_row(row, ids, names, now) for row in _read(AWAITED, ids)]
    return Desk(
        to_sign=tuple(row for row in rows if row.part == "receiver"),
        to_witness=tuple(row for row in rows if row.part == "witness"),
        to_agree=_to_agree(person),
        held=tuple(_held_row(ticket, client, now) for ticket, client in _read(IN_HAND, ids)),
        given=tuple(row for row in others if row.giver.id in ids),
        signed=tuple(row for row in others if row.giver.id not in ids),
        to_call_back=tuple(_held_row(ticket, client, now)
                           for ticket, client in _read(MENDED, ids)),
        counts=Counts(*_read(COUNTS, ids)[0]))


def _read(query: Query, ids: Sequence[int]) -> Sequence[Any]:
    return db.session.execute(query, {"ids": ids}).all()


# What every desk asks is put together once: of persons with these ids.
IDS: BindParameter[int] = bindparam("ids", expanding=True)


def _asked() -> ColumnElement[bool]:
    """Handoffs that one of the persons is asked to sign."""
    return or_(and_(Handoff.receiver_id.in_(IDS), Handoff.receiver_signed_at.is_(None)),
               and_(Handoff.witness_id.in_(IDS), Handoff.witness_signed_at.is_(None)))


def _given() -> ColumnElement[bool]:
    """Handoffs that one of the persons has offered."""
    return Handoff.giver_id.in_(IDS)


def _signed() -> ColumnElement[bool]:
    """Handoffs that one of the persons has signed as the receiver or the witness."""
    return or_(and_(Handoff.receiver_id.in_(IDS), Handoff.receiver_signed_at.is_not(None)),
               and_(Handoff.witness_id.in_(IDS), Handoff.witness_signed_at.is_not(None)))


def _in_hands(*, mended: bool) -> ColumnElement[bool]:
    """Tickets in hand and not offered on: those stand under "given, not yet taken"."""
    offered = exists().where(Handoff.ticket_id == Ticket.id, Handoff.state == HandoffState.OFFERED)
    done = Ticket.mended_at.is_not(None) if mended else Ticket.mended_at.is_(None)
    return and_(Ticket.is_open, Ticket.holder_id.in_(IDS), done, ~offered)


def _counts() -> Query:
    """All four in one query."""
    open_handoffs = select(func.count()).select_from(Handoff).where(
        Handoff.state == HandoffState.OFFERED)
    tickets = select(func.count()).select_from(Ticket)
    counts = (open_handoffs.where(_asked()), tickets.where(_in_hands(mended=False)),
              tickets.where(_in_hands(mended=True)), open_handoffs.where(_given()))
    return select(*(each.scalar_subquery() for each in counts))


def _waiting(condition: ColumnElement[bool]) -> Query:
    giver, receiver, witness = aliased(Person), aliased(Person), aliased(Person)
    return (select(Handoff, Ticket, Client.name, giver.name, receiver.name, witness.name)
            .join(Ticket, Ticket.id == Handoff.ticket_id)
            .join(Client, Client.id == Ticket.client_id)
            .join(giver, giver.id == Handoff.giver_id)
            .join(receiver, receiver.id == Handoff.receiver_id)
            .outerjoin(witness, witness.id == Handoff.witness_id)
            .where(Handoff.state == HandoffState.OFFERED, condition)
            .order_by(Handoff.offered_at, Handoff.id).limit(MOST))


def _held(*, mended: bool) -> Query:
    return (select(Ticket, Client.name).join(Client, Client.id == Ticket.client_id)
            .where(_in_hands(mended=mended))
            .order_by(Ticket.promised_at.is_(None), Ticket.promised_at, Ticket.number)
            .limit(MOST))


ASKED_FOR, AWAITED = _waiting(_asked()), _waiting(or_(_given(), _signed()))
IN_HAND, MENDED = _held(mended=False), _held(mended=True)
COUNTS = _counts()


def _waiting_row(row: Waits, ids: Sequence[int],
                 names: dict[int, str], now: datetime) -> WaitingRow:
    handoff, ticket, client, giver, receiver, witness = row
    as_receiver = handoff.receiver_id in ids and handoff.receiver_signed_at is None
    wanted = handoff.receiver_id if as_receiver else handoff.witness_id or 0
    return WaitingRow(handoff.id, handoff.seq, ticket.number, ticket.summary, client,
                      Hand(handoff.giver_id, giver, initials(giver)),
                      Hand(handoff.receiver_id, receiver, initials(receiver)),
                      "receiver" if as_receiver else "witness",
                      names.get(wanted, ""), handoff.offered_at, handoff.sheet_id,
                      standing_of(handoff, receiver, witness or "", now=now))


def hand(person: Person) -> Hand:
    """The person's mark."""
    return Hand(person.id, person.name, person.initials)


def _held_row(ticket: Ticket, client: str, now: datetime) -> HeldRow:
    title = engine_of(ticket.lifecycle_digest).workflow.states[ticket.state].title
    late = (ticket.promised_at is not None and ticket.promised_at < now
            and ticket.mended_at is None)
    return HeldRow(ticket.number, ticket.summary, client, ticket.state, title, ticket.promised_at,
                   late, ticket.next_step, ticket.holder_since)


def _to_agree(person: Person) -> tuple[JointRow, ...]:
    """What waits for the chief engineer's second signature; others are told by mail."""
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
                 for joint, ticket, client, proposer in db.session.execute(query)
                 if ("role", Role.REGISTRAR) in conditions(second_of(joint).by))
