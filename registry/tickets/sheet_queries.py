"""What the pages of handover sheets show: what is in somebody's hands and may go to whom, and how
far a sheet has come. A handful of queries, however many tickets there are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, false, func, select
from sqlalchemy.orm import joinedload

from registry.core.db import db
from registry.core.languages import language
from registry.people.absences import absent_persons_of, deputy_of
from registry.people.models import Department, Person
from registry.people.permissions import may
from registry.tickets.acts import engine_for
from registry.tickets.handoff_models import Handoff, HandoffState, HandoverSheet
from registry.tickets.lifecycles import party
from registry.tickets.models import Ticket
from registry.tickets.sheets import way_to, ways_on
from registry.tickets.visits import VisitLine, visits_among
from workflows import Move, stands_in_any

MOST_LINES = 100


@dataclass(frozen=True)
class SheetLine:
    """A ticket that can go to the receiver, and by which move."""

    ticket: Ticket
    move: Move

    @property
    def needs_witness(self) -> bool:
        """Whether a third person must see it go."""
        return bool(self.move.handoff and self.move.handoff.witness)


@dataclass(frozen=True)
class LeftOut:
    """A ticket that cannot go on the sheet: ``offered_to`` names who was asked already."""

    ticket: Ticket
    offered_to: str


@dataclass(frozen=True)
class Part:
    """A part of what somebody has in hand, of which a sheet is made by one tap: all of one visit,
    or all of one department. ``name`` is how the address names it."""

    name: str
    conditions: tuple[ColumnElement[bool], ...]
    visit: VisitLine | None = None
    department: str = ""


@dataclass(frozen=True)
class InHand:
    """What somebody has in hand: ``more`` counts what one sheet has no room for."""

    tickets: tuple[Ticket, ...]
    offered: dict[int, str]
    more: int

    @property
    def free(self) -> tuple[Ticket, ...]:
        """Those that are not offered to anybody."""
        return tuple(each for each in self.tickets if each.id not in self.offered)


def parts_of(giver: Person) -> list[Part]:
    """The visits and departments of whose tickets the giver has any that are not offered yet."""
    free = (Ticket.is_open, Ticket.holder_id == giver.id, ~exists().where(
        Handoff.ticket_id == Ticket.id, Handoff.state == HandoffState.OFFERED))
    visits = [Part(f"visit-{each.visit.name}", each.visit.conditions(), visit=each)
              for each in visits_among(*free)]
    rows = db.session.execute(
        select(Department.id, Department.name).join(Ticket, Ticket.department_id == Department.id)
        .where(*free).group_by(Department.id, Department.name).order_by(Department.name)).all()
    return visits + [Part(f"department-{key}", (Ticket.department_id == key,), department=name)
                     for key, name in rows]


def part_named(name: str, giver: Person) -> Part | None:
    """The part that the address asks for: all, or, where nothing of it is left, nothing."""
    if not name:
        return None
    return next((each for each in parts_of(giver) if each.name == name), Part(name, (false(),)))


def in_hand_of(giver: Person, part: Part | None = None) -> InHand:
    """The open tickets in the giver's hands by promise, or the part of them; a sheet holds
    MOST_LINES of them."""
    wanted = (Ticket.is_open, Ticket.holder_id == giver.id, *(part.conditions if part else ()))
    query = (select(Ticket).where(*wanted)
             .options(*(joinedload(getattr(Ticket, name)) for name in (
                 "client", "criterion", "holder", "originator", "last_mender")))
             .order_by(Ticket.promised_at.is_(None), Ticket.promised_at, Ticket.number)
             .limit(MOST_LINES))
    tickets = tuple(db.session.scalars(query))
    offers = (select(Handoff.ticket_id, Person.name).join(Person, Person.id == Handoff.receiver_id)
              .where(Handoff.state == HandoffState.OFFERED,
                     Handoff.ticket_id.in_([each.id for each in tickets])))
    whole = db.session.scalar(select(func.count()).select_from(Ticket).where(*wanted)) or 0
    return InHand(tickets, dict(db.session.execute(offers).all()), whole - len(tickets))


def lines_to(
    receiver: Person, held: InHand, *, signer: Person, now: datetime
) -> tuple[list[SheetLine], list[LeftOut]]:
    """Which tickets ``signer`` may hand to ``receiver``, and which must be left out."""
    away_signer = absent_persons_of(signer, now=now)
    away_receiver = absent_persons_of(receiver, now=now)
    lines, left_out = [], [LeftOut(each, held.offered[each.id]) for each in held.tickets
                           if each.id in held.offered]
    for ticket in held.free:
        ways = ways_on(ticket, party(signer, ticket, away_signer), now=now)
        name = way_to(party(receiver, ticket, away_receiver), ways)
        if name is None:
            left_out.append(LeftOut(ticket, ""))
        else:
            lines.append(SheetLine(ticket, engine_for(ticket).workflow.moves[name]))
    return lines, left_out


def receivers_of(held: InHand, giver: Person, signer: Person, *,
                 now: datetime) -> list[tuple[Person, int]]:
    """Who could receive at least one of the tickets, by name, and how many of them."""
    away = absent_persons_of(signer, now=now)
    ways = [(ticket, ways_on(ticket, party(signer, ticket, away), now=now))
            for ticket in held.free]
    takes = ((person, sum(way_to(party(person, ticket), ways_of_one) is not None
                          for ticket, ways_of_one in ways))
             for person in active_people() if person.id not in (giver.id, signer.id))
    return [(person, count) for person, count in takes if count]


def witnesses_of(lines: Iterable[SheetLine], without: Iterable[Person]) -> list[Person]:
    """Who may witness every line that asks for one; nobody who is a party to it."""
    asking = [line for line in lines if line.needs_witness]
    if not asking:
        return []
    parties = {person.id for person in without}
    return [person for person in active_people() if person.id not in parties and all(
        stands_in_any(party(person, line.ticket), line.move.handoff.witness)
        for line in asking if line.move.handoff)]


def active_people() -> Sequence[Person]:
    """Everybody who works here, by name."""
    return db.session.scalars(select(Person).where(Person.is_active).order_by(Person.name)).all()


def signers_for(person: Person, reader: Person, *, now: datetime) -> list[Person]:
    """Who may sign for the person now: the person, and the deputy during an absence. The reader,
    if one of them, comes first."""
    deputy = deputy_of(person, now=now)
    found = [person] if deputy is None else [deputy, person]
    return sorted(found, key=lambda each: each.id != reader.id)


def may_prepare(giver: Person, reader: Person, *, now: datetime) -> bool:
    """Whether the reader may open a sheet of what the giver has: one's own, an absent person's
    whose deputy one is, or by permission. Signing it is the giver's or the deputy's alone."""
    if giver.id == reader.id or may(reader, "build_sheet_for_others"):
        return True
    deputy = deputy_of(giver, now=now)
    return deputy is not None and deputy.id == reader.id


def sheet_by_id(sheet_id: int) -> HandoverSheet | None:
    """The sheet with its parties."""
    query = select(HandoverSheet).where(HandoverSheet.id == sheet_id).options(
        joinedload(HandoverSheet.giver), joinedload(HandoverSheet.receiver),
        joinedload(HandoverSheet.witness))
    return db.session.scalars(query).first()


def handoffs_on(sheet: HandoverSheet) -> list[Handoff]:
    """The sheet's lines by the ticket's number, with all that the page names."""
    ticket = joinedload(Handoff.ticket)
    query = (select(Handoff).join(Ticket, Ticket.id == Handoff.ticket_id)
             .where(Handoff.sheet_id == sheet.id)
             .options(ticket.joinedload(Ticket.client), ticket.joinedload(Ticket.criterion),
                      ticket.joinedload(Ticket.holder), joinedload(Handoff.giver),
                      joinedload(Handoff.receiver), joinedload(Handoff.witness),
                      joinedload(Handoff.offered_by), joinedload(Handoff.taker))
             .order_by(Ticket.number))
    return list(db.session.scalars(query))


def mark_of(lines: Iterable[Handoff | Row[Any]]) -> str:
    """By what a page of a sheet is told from one before: it changes with each line's signatures."""
    said = [f"{each.id} {each.state} {each.receiver_signed_at is None}"
            f" {each.witness_signed_at is None}" for each in lines]
    return hashlib.sha256(" ".join([language(), *said]).encode()).hexdigest()[:32]


def mark_now(sheet_id: int) -> str:
    """The mark of the sheet as it stands, for one small query."""
    query = (select(Handoff.id, Handoff.state, Handoff.receiver_signed_at,
                    Handoff.witness_signed_at)
             .join(Ticket, Ticket.id == Handoff.ticket_id)
             .where(Handoff.sheet_id == sheet_id).order_by(Ticket.number))
    return mark_of(db.session.execute(query))


@dataclass(frozen=True)
class Progress:
    """How far a sheet has come, in tickets."""

    lines: int
    taken: int
    declined: int
    withdrawn: int
    lapsed: int
    wait_for_receiver: int
    wait_for_witness: int

    @property
    def is_done(self) -> bool:
        """Whether nothing waits for a signature any more."""
        return not (self.wait_for_receiver or self.wait_for_witness)


def progress_of(handoffs: Sequence[Handoff]) -> Progress:
    """Count the sheet's lines by what they wait for."""
    states = [each.state for each in handoffs]
    waiting = [each for each in handoffs if each.state is HandoffState.OFFERED]
    return Progress(
        lines=len(handoffs), taken=states.count(HandoffState.ACCEPTED),
        declined=states.count(HandoffState.DECLINED),
        withdrawn=states.count(HandoffState.WITHDRAWN), lapsed=states.count(HandoffState.LAPSED),
        wait_for_receiver=sum(each.receiver_signed_at is None for each in waiting),
        wait_for_witness=sum(each.witness_id is not None and each.witness_signed_at is None
                             for each in waiting))
