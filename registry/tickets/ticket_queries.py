"""What the page of one ticket shows, and the ticket that a verb is to change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from registry.core.db import db
from registry.core.languages import say
from registry.core.times import exact_text, moment_text
from registry.core.words import N_
from registry.people.absences import absent_persons_of
from registry.people.models import Person, PersonRole, Role
from registry.tickets.acts import engine_for, open_handoff, open_joint_act, second_of
from registry.tickets.half_signed import Standing, standing_of
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.lifecycles import facts_of, party
from registry.tickets.models import Attachment, CheckResult, PromiseChange, Ticket
from workflows import Act, Choice, Move, Party, conditions, stands, stands_in_any

PEOPLE = ("holder", "originator", "raised_by", "last_mender", "promised_by")
AROUND = ("client", "site", "contact", "criterion", "department")


# What every ticket's page asks is put together once; each of these takes its values by name.
TICKET = (select(Ticket).where(Ticket.number == bindparam("number"))
          .options(*(joinedload(getattr(Ticket, each)) for each in AROUND)))
PERSONS = (select(Person).where(Person.id.in_(bindparam("ids", expanding=True)))
           .options(joinedload(Person.role_rows)))
ATTACHMENTS = (select(Attachment).where(Attachment.ticket_id == bindparam("ticket"))
               .options(joinedload(Attachment.by).lazyload(Person.role_rows))
               .order_by(Attachment.id))
PROMISES = (select(PromiseChange).where(PromiseChange.ticket_id == bindparam("ticket"))
            .options(joinedload(PromiseChange.by).lazyload(Person.role_rows))
            .order_by(PromiseChange.id.desc()))


def ticket_by_number(number: int) -> Ticket | None:
    """The ticket with everything its page names: itself, its people, their roles."""
    ticket = db.session.scalars(TICKET, {"number": number}).first()
    if ticket is not None:
        _know_people(ticket)
    return ticket


def _know_people(ticket: Ticket) -> None:
    """Read the ticket's people at once; five joins would each ask for roles of their own."""
    ids = {each: getattr(ticket, f"{each}_id") for each in PEOPLE}
    found = db.session.scalars(PERSONS, {"ids": list(set(ids.values()) - {None})}).unique()
    people = {person.id: person for person in found}
    for each, person_id in ids.items():
        set_committed_value(ticket, each, people.get(person_id))


def handoff_by_id(handoff_id: int) -> Handoff | None:
    """The handoff with its parties and its ticket."""
    return _handoff(Handoff.id == handoff_id)


FOLLOWED = select(Handoff).where(Handoff.id == bindparam("handoff")).options(
    *(joinedload(getattr(Handoff, part)).lazyload(Person.role_rows)
      for part in ("giver", "receiver", "witness")),
    joinedload(Handoff.ticket))


def handoff_followed(handoff_id: int) -> Handoff | None:
    """The handoff with the names of its parties and its ticket, for whoever asks every second."""
    return db.session.scalars(FOLLOWED, {"handoff": handoff_id}).first()


def handoff_of(number: int, seq: int) -> Handoff | None:
    """The handoff that entry ``seq`` of the ticket's chain offered, with its parties."""
    of_ticket = select(Ticket.id).where(Ticket.number == number).scalar_subquery()
    return _handoff(Handoff.ticket_id == of_ticket, Handoff.seq == seq)


def _handoff(*conditions: ColumnElement[bool]) -> Handoff | None:
    query = select(Handoff).where(*conditions).options(
        joinedload(Handoff.giver), joinedload(Handoff.receiver), joinedload(Handoff.witness),
        joinedload(Handoff.ticket).joinedload(Ticket.client))
    return db.session.scalars(query).first()


def joint_act_by_id(joint_id: int) -> JointAct | None:
    """The joint act by its id."""
    return db.session.get(JointAct, joint_id)


@dataclass(frozen=True)
class Waiting:
    """Which act waits on the ticket, and what the reader may do about it."""

    handoff: Handoff | None
    standing: Standing | None
    joint: JointAct | None
    proposal: str
    may_accept: bool
    may_witness: bool
    may_withdraw: bool
    may_agree: bool
    may_sign_together: bool

    @property
    def any(self) -> bool:
        """Whether anything waits: then nothing else may begin, but taking by authority."""
        return self.handoff is not None or self.joint is not None


def waiting_on(ticket: Ticket, reader: Person, absent: Sequence[Person], *,
               now: datetime) -> Waiting:
    """The open handoff or joint act of the ticket, as seen by ``reader``."""
    handoff = open_handoff(ticket) if ticket.is_open else None
    joint = open_joint_act(ticket) if ticket.is_open else None
    ids = {reader.id, *(each.id for each in absent)}
    is_second = joint is not None and stands(party(reader, ticket, absent), second_of(joint).by)
    standing = None if handoff is None else standing_of(
        handoff, handoff.receiver.name, handoff.witness.name if handoff.witness else "", now=now)
    return Waiting(
        handoff, standing, joint, _proposal(joint) if joint else "",
        may_accept=(handoff is not None and handoff.receiver_id in ids
                    and handoff.receiver_signed_at is None),
        may_witness=(handoff is not None and handoff.witness_id in ids
                     and handoff.witness_signed_at is None),
        may_withdraw=(handoff is not None
                      and (handoff.giver_id in ids or handoff.offered_by_id == reader.id))
        or (joint is not None
            and (joint.proposed_by_id == reader.id or is_second)),
        may_agree=joint is not None and is_second and joint.proposed_by_id != reader.id,
        may_sign_together=handoff is not None and not ids.isdisjoint(
            (handoff.giver_id, handoff.offered_by_id, handoff.receiver_id, handoff.witness_id)))


def _proposal(joint: JointAct) -> str:
    """Who proposed what, and whose signature it waits for."""
    workflow = engine_for(joint.ticket).workflow
    return say(N_("“%(move)s” was proposed by %(name)s. Not signed yet: %(who)s."), {
        "move": workflow.moves[joint.move].title, "name": joint.proposed_by.name,
        "who": workflow.who((second_of(joint).by,))})


def every_choice(ticket: Ticket, reader: Person, absent: Sequence[Person], *,
                 now: datetime) -> list[Choice]:
    """Every move from the ticket's state, in the lifecycle's order: whether ``reader`` may begin
    it now, else all reasons why not."""
    act = Act(by=party(reader, ticket, absent), now=now,
              giver=party(ticket.holder, ticket) if reader.id != ticket.holder_id else None,
              facts=facts_of(ticket))
    return engine_for(ticket).moves(ticket.state, act)


def choices_for(ticket: Ticket, reader: Person, absent: Sequence[Person], *,
                now: datetime) -> list[Choice]:
    """The moves that ``reader`` may begin now; the client's check is recorded on its own page and
    stands for the moves that it decides."""
    return [choice for choice in every_choice(ticket, reader, absent, now=now)
            if choice.allowed and choice.name != "confirm_gone"]


def given_by_holder(ticket: Ticket, *, now: datetime) -> list[Choice]:
    """The handoffs that whoever has the ticket may begin now, also at another's screen."""
    return [choice for choice in every_choice(ticket, ticket.holder, (), now=now)
            if choice.allowed and choice.handoff is not None and not choice.handoff.authority]


def may_check(ticket: Ticket, reader: Person, absent: Sequence[Person]) -> bool:
    """Whether ``reader`` may record the client's check now."""
    workflow = engine_for(ticket).workflow
    move = workflow.moves.get("confirm_gone")
    return (move is not None and ticket.state in move.sources
            and stands_in_any(party(reader, ticket, absent), move.may))


def absent_for(reader: Person, *, now: datetime) -> list[Person]:
    """Those for whom the reader stands in now."""
    return absent_persons_of(reader, now=now)


def receivers_for(ticket: Ticket, move: Move, giver: Person) -> list[Person]:
    """Who may receive the ticket by ``move``, by name; never the giver."""
    return eligible(ticket, move.handoff.to if move.handoff else (), {giver.id, ticket.holder_id})


def witnesses_for(ticket: Ticket, move: Move, giver: Person,
                  receiver: Person | None) -> list[Person]:
    """Who may witness it: neither giver nor receiver."""
    parties = {giver.id, ticket.holder_id, receiver.id if receiver else 0}
    return eligible(ticket, move.handoff.witness if move.handoff else (), parties)


def eligible(ticket: Ticket, terms: Sequence[str],
             without: Collection[int | None] = ()) -> list[Person]:
    """Who works here and fulfils one of ``terms`` at the ticket: in the order of the terms, then by
    name. Nobody has a role that this registry does not know."""
    query = select(Person).where(Person.is_active).order_by(Person.name)
    asked = [{name for kind, name in conditions(term) if kind == "role"} for term in terms]
    if all(asked):  # everybody is looked through only where a role does not tell enough
        roles = [role for role in Role if any(role in names for names in asked)]
        if not roles:
            return []
        having = select(PersonRole.person_id).where(PersonRole.role.in_(roles))
        query = query.where(Person.id.in_(having))
    found = [(_first_term(party(person, ticket), terms), person)
             for person in db.session.scalars(query) if person.id not in without]
    return [person for _, person in sorted(
        ((index, person) for index, person in found if index is not None),
        key=lambda each: each[0])]


def _first_term(party_of: Party, terms: Sequence[str]) -> int | None:
    """The place of the first term that holds: who is named first in the lifecycle comes first."""
    return next((index for index, term in enumerate(terms) if stands(party_of, term)), None)


def attachments_of(ticket: Ticket) -> list[Attachment]:
    """The ticket's files in the order of their coming."""
    return list(db.session.scalars(ATTACHMENTS, {"ticket": ticket.id}))


def promises_of(ticket: Ticket) -> list[PromiseChange]:
    """Every promised date with its reason, the newest first."""
    return list(db.session.scalars(PROMISES, {"ticket": ticket.id}))


TO_CLIENT = {
    "logged": N_("We have written your problem down (No. %(number)s, %(logged)s) and are handing "
                 "it to an engineer."),
    "accepted": N_("Our engineer %(holder)s has taken your problem (No. %(number)s) and begins to "
                   "mend it. %(promise)s"),
    "in_fix": N_("Our engineer %(holder)s is mending your problem (No. %(number)s). %(promise)s"),
    "on_hold": N_("Work on your problem (No. %(number)s) is paused until %(until)s. %(promise)s"),
    "returned": N_("We mended your problem (No. %(number)s) at our expense. What was wrong: "
                   "%(wrong)s. What was done: %(done)s. Please check that it is really gone."),
    "closed": N_("You checked your problem (No. %(number)s) on %(ended)s and it was gone."),
    "cancelled": N_("We ended your problem (No. %(number)s) on %(ended)s without a repair."),
}
# Of what another system did, only that is said which its log knows.
TO_CLIENT_IMPORTED = {
    "returned": N_("Your problem (No. %(number)s) was reported as mended. Please check that it is "
                   "really gone."),
    "closed": N_("Your problem (No. %(number)s) was closed on %(ended)s. Please tell us if it is "
                 "not gone."),
}
PROMISED = N_("We promised it by %(promised)s.")
BROKEN = N_("We promised it by %(promised)s and have not kept that. We are sorry.")
UNPROMISED = N_("There is no promised date yet.")


def sentence_for_client(ticket: Ticket, *, now: datetime) -> str:
    """What to tell the client, honestly: whose hands, what was promised, what was done."""
    promised = ticket.promised_at
    broken = promised is not None and promised < now and ticket.mended_at is None
    promise = say(BROKEN if broken else PROMISED if promised else UNPROMISED,
                  {"promised": exact_text(promised) if promised else ""})
    if ticket.state == "returned" and ticket.client_check is CheckResult.NOT_GONE:
        return say(N_("You told us that your problem (No. %(number)s) is not gone. It goes back "
                      "to the engineer who worked on it; we are sorry."),
                   {"number": ticket.number})
    is_elsewhere = ticket.is_imported and not ticket.what_was_done and ticket.client_check is None
    sentence = (TO_CLIENT_IMPORTED.get(ticket.state) if is_elsewhere else None) or (
        TO_CLIENT.get(ticket.state))
    if sentence is None:
        return promise
    return say(sentence, {
        "number": ticket.number, "logged": moment_text(ticket.logged_at),
        "holder": ticket.holder.name, "promise": promise,
        "until": exact_text(ticket.on_hold_until) if ticket.on_hold_until else "—",
        "wrong": ticket.what_was_wrong.rstrip("."), "done": ticket.what_was_done.rstrip("."),
        "ended": exact_text(ticket.ended_at) if ticket.ended_at else "—"}).strip()


