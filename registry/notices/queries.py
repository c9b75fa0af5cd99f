"""Reads of notices: who is to be told now, what each notice is about, what a person has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from registry.core.db import db
from registry.notices.models import Kind, Notice, NoticeChoice, NoticeRhythm, Rhythm
from registry.notices.rules import OFFERS, wanted_by_default
from registry.people.absences import absences_now
from registry.people.models import Person
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Ticket

# A mail of more is read by nobody; what is left over goes into the next one.
MOST = 500
Act = Handoff | JointAct
Place = tuple[int, int | None]


@dataclass(frozen=True)
class Subjects:
    """What notices are about: tickets by id, acts by ticket and seq, and of which offers
    (person, ticket, seq) somebody was told."""

    tickets: Mapping[int, Ticket]
    acts: Mapping[Place, Act]
    told_offers: frozenset[tuple[int, int, int | None]]

    def act_of(self, notice: Notice) -> Act | None:
        """The handoff or joint act of the notice, if it is about one."""
        return self.acts.get((notice.ticket_id, notice.act_seq))

    def offer_was_told(self, notice: Notice) -> bool:
        """Whether the person of the notice was told of the offer that it is about."""
        return (notice.person_id, notice.ticket_id, notice.act_seq) in self.told_offers


@dataclass(frozen=True)
class Choices:
    """What one person is told and when."""

    wanted: frozenset[Kind]
    rhythm: Rhythm


def readers_due(now: datetime) -> list[int]:
    """Who has mails to be made now, each once: the persons told, or who reads for them."""
    query = (select(Notice.person_id).where(*waiting(), Notice.due_at <= now).distinct()
             .order_by(Notice.person_id).limit(MOST))
    persons = {person.id: person for person in db.session.scalars(
        select(Person).where(Person.id.in_(list(db.session.scalars(query)))))}
    deputies = _deputies(persons, now)
    return sorted({deputies.get(person_id, person_id) for person_id in persons})


def told_through(reader: Person, now: datetime) -> list[int]:
    """Whose notices the reader gets: the own, and those of the absent whose deputy they are."""
    due = select(Notice.person_id).where(*waiting(), Notice.at <= now).distinct()
    persons = set(db.session.scalars(due))
    deputies = _deputies(persons | {reader.id}, now)
    return sorted(each for each in persons if deputies.get(each, each) == reader.id)


def _deputies(person_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """Who is told in place of whom: deputies whom a mail can reach, of those away now."""
    return {absent: absence.deputy_id for absent, absence in absences_now(person_ids,
                                                                          now=now).items()
            if absence.deputy.is_active and absence.deputy.email}


def take_waiting(person_ids: Sequence[int], now: datetime) -> list[Notice]:
    """The notices of these persons that have come about and are not told, the oldest first;
    locked until the transaction ends, and what another worker has in hand is passed by."""
    query = (select(Notice).where(*waiting(), Notice.person_id.in_(person_ids), Notice.at <= now)
             .order_by(Notice.at, Notice.key).limit(MOST).with_for_update(skip_locked=True))
    return list(db.session.scalars(query))


def waiting() -> tuple[ColumnElement[bool], ...]:
    """The conditions of what is neither told nor left out (models.WAITING, for the indexes)."""
    return Notice.told_at.is_(None), Notice.left_out_at.is_(None)


def subjects_of(notices: Sequence[Notice]) -> Subjects:
    """All that the notices are about, in a query for each table."""
    ticket_ids = {each.ticket_id for each in notices}
    seqs = {each.act_seq for each in notices if each.act_seq is not None}
    tickets = select(Ticket).where(Ticket.id.in_(ticket_ids)).options(
        joinedload(Ticket.client), joinedload(Ticket.holder), joinedload(Ticket.originator))
    acts: dict[Place, Act] = {}
    if seqs:
        joint_acts = select(JointAct).where(
            JointAct.ticket_id.in_(ticket_ids), JointAct.seq.in_(seqs)).options(
            joinedload(JointAct.proposed_by))
        handoffs = select(Handoff).where(
            Handoff.ticket_id.in_(ticket_ids), Handoff.seq.in_(seqs)).options(
            joinedload(Handoff.giver), joinedload(Handoff.receiver), joinedload(Handoff.taker))
        for query in (joint_acts, handoffs):
            acts |= {(each.ticket_id, each.seq): each for each in db.session.scalars(query)}
    told = _told_offers(ticket_ids, seqs) if any(
        each.kind is Kind.WITHDRAWN for each in notices) else frozenset()
    return Subjects({each.id: each for each in db.session.scalars(tickets)}, acts, told)


def _told_offers(ticket_ids: set[int], seqs: set[int]) -> frozenset[tuple[int, int, int | None]]:
    query = select(Notice.person_id, Notice.ticket_id, Notice.act_seq).where(
        Notice.ticket_id.in_(ticket_ids), Notice.act_seq.in_(seqs), Notice.told_at.is_not(None),
        Notice.kind.in_([*OFFERS, Kind.SECOND_SIGNATURE]))
    return frozenset((row.person_id, row.ticket_id, row.act_seq)
                     for row in db.session.execute(query))


def choices_of(persons: Iterable[Person]) -> dict[int, Choices]:
    """What each of the persons is told and when, by the person's id."""
    by_id = {person.id: person for person in persons}
    said: dict[int, dict[Kind, bool]] = {each: {} for each in by_id}
    for choice in db.session.scalars(select(NoticeChoice).where(
            NoticeChoice.person_id.in_(by_id))):
        said[choice.person_id][choice.kind] = choice.is_wanted
    rhythms = {row.person_id: row.rhythm for row in db.session.scalars(
        select(NoticeRhythm).where(NoticeRhythm.person_id.in_(by_id)))}
    return {person_id: Choices(
        frozenset(kind for kind in Kind
                  if said[person_id].get(kind, wanted_by_default(kind, person))),
        rhythms.get(person_id, Rhythm.WORKING_HOURS)) for person_id, person in by_id.items()}
