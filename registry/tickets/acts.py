"""What every signed act on a ticket shares: judging it with all reasons, signing it, timing it.

An act is judged by the lifecycle's engine and by its signature together, so that a refusal
names everything that stands against it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import instance_state

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.core.errors import Conflict, Reason, Refused, refuse_if
from registry.core.outbox import drop_jobs, queue_job
from registry.core.words import N_
from registry.ledger.entries import stamp
from registry.people.models import Person, Signature
from registry.people.signing import Said, Signing, sign
from registry.tickets.chain import Sealed
from registry.tickets.handoff_models import Handoff, HandoffState, JointAct, JointState
from registry.tickets.lifecycles import engine_of, ours, principal_of
from registry.tickets.models import Ticket
from registry.tickets.requirements import passkey_missing
from registry.tickets.statements import with_own_words
from workflows import Engine, Move, SignatureNeed, Timer, due, moment_of
from workflows import Refused as EngineRefused


def engine_for(ticket: Ticket) -> Engine:
    """The engine of the version that the ticket is pinned to."""
    return engine_of(ticket.lifecycle_digest)


def move_of(ticket: Ticket, name: str) -> Move:
    """The move by its name. Raises Refused where the lifecycle has none of that name."""
    move = engine_for(ticket).workflow.moves.get(name)
    if move is None:
        raise Refused(Reason("unknown_move", N_("This lifecycle has no such step.")))
    return move


def need_of(move: Move, *signers: str) -> SignatureNeed | None:
    """The signature that the move asks of ``signers`` (the first that it knows)."""
    return next((need for need in move.signatures if need.by in signers), None)


def judged(judge: Callable[[], Any], *more: Reason | None) -> Any:
    """What ``judge`` returns. Raises Refused with the engine's reasons and those in ``more``."""
    found = [each for each in more if each is not None]
    result = None
    try:
        result = judge()
    except EngineRefused as error:
        found = [*ours(error), *found]
    if found:
        raise Refused(found)
    return result


OFFERED = select(Handoff).where(Handoff.ticket_id == bindparam("ticket"),
                               Handoff.state == HandoffState.OFFERED)
PROPOSED = select(JointAct).where(JointAct.ticket_id == bindparam("ticket"),
                                  JointAct.state == JointState.PROPOSED)
WAITS = select(OFFERED.exists(), PROPOSED.exists())
# Every statement that is signed names the client, and what was measured by which criterion.
WITH_TICKET = (joinedload(Ticket.client), joinedload(Ticket.criterion))
THEN: dict[type, Select[Any]] = {
    Handoff: select(Handoff).where(Handoff.id == bindparam("act"))
    .options(joinedload(Handoff.ticket).options(*WITH_TICKET)),
    JointAct: select(JointAct).where(JointAct.id == bindparam("act"))
    .options(joinedload(JointAct.ticket).options(*WITH_TICKET)),
}


def open_handoff(ticket: Ticket) -> Handoff | None:
    """The one handoff of the ticket that is offered and not yet answered."""
    return db.session.scalars(OFFERED, {"ticket": ticket.id}).first()


def open_joint_act(ticket: Ticket) -> JointAct | None:
    """The one act that waits for a second signature."""
    return db.session.scalars(PROPOSED, {"ticket": ticket.id}).first()


def second_of(joint: JointAct) -> SignatureNeed:
    """The signature that the act waits for."""
    return move_of(joint.ticket, joint.move).signatures[1]


def ticket_then(act: Handoff | JointAct) -> Ticket:
    """The act's ticket, and the act as it stands together with the ticket or after it was read.

    Whoever changes the act also moves the head of the ticket's chain: an act read *after* the
    ticket, or by the statement that reads both, is either as the head tells it, or the append
    collides (see ``atomic``). Read the other way round, two answers to one offer could both stand.
    """
    db.session.flush()  # what this transaction has done to the act itself is to be read too
    db.session.expire(act)
    identity = instance_state(act).identity
    assert identity is not None
    ticket: Ticket = db.session.scalars(THEN[type(act)], {"act": identity[0]}).one().ticket
    return ticket


def nothing_waits(ticket: Ticket) -> Reason | None:
    """Why nothing else may begin on the ticket: an act on it still waits for an answer."""
    offered, proposed = db.session.execute(WAITS, {"ticket": ticket.id}).one()
    waiting = open_handoff(ticket) if offered else None
    if waiting is not None:
        return Reason("handoff_open", N_("Ticket No. %(number)s is offered to %(name)s already. "
                                         "Withdraw the offer, or wait for the answer."),
                      {"number": ticket.number, "name": waiting.receiver.name})
    joint = open_joint_act(ticket) if proposed else None
    if joint is not None:
        return Reason("joint_act_open", N_("Ticket No. %(number)s waits for a second signature "
                                           "under “%(move)s”. Withdraw that first."),
                      {"number": ticket.number, "move": move_of(ticket, joint.move).title})
    return None


def seen(signing: Signing, ticket: Ticket) -> None:
    """Raise Conflict where the ticket has changed since its statement was shown: the person is
    told what happened instead of why the act would not fit any more."""
    if not signing.has_seen(ticket):
        raise Conflict(N_("Ticket No. %(number)s has changed since you opened it. Look at what "
                          "happened, then decide again."), number=ticket.number)


def role_of(person: Person, as_party: str) -> str:
    """In which role somebody signs: the part in the act and the role in the house."""
    roles = ",".join(sorted(role.value for role in person.roles))
    return f"{as_party}:{roles}"


def sign_act(
    signing: Signing, need: SignatureNeed, move: Move, ticket: Ticket, text: str,
    parties: Mapping[str, Person | None], *, now: datetime, on_behalf_of: Person | None = None,
    own: Mapping[str, str] = MappingProxyType({}),
) -> Signature:
    """The signature under one act: under ``text`` and the signer's ``own`` words, by their names.
    Raises Refused or Conflict as ``people.signing.sign`` does, and Refused where the installation
    asks for a passkey."""
    refuse_if(passkey_missing(signing, move.name, ticket))
    text = with_own_words(text, move, own, signing.language)
    names = {part: person.ref for part, person in parties.items() if person is not None}
    said = Said(move.name, need.meaning, role_of(signing.signer, need.by), text, names,
                on_behalf_of)
    return sign(signing, said, ticket, now=now)


def stand_for(by: Person, wanted: Person, now: datetime) -> Person | None:
    """For whom ``by`` acts where ``wanted`` is asked for (see ``principal_of``)."""
    return principal_of(by, wanted, now)


def stamped(value: str) -> str:
    """A moment as a field gives it, in the ledger's form; empty where there is none."""
    moment = moment_of(value)
    return stamp(moment) if moment else ""


def iso(value: datetime | None) -> str:
    """A moment in ISO 8601; empty for none."""
    return value.isoformat() if value else ""


def sealed_fields(move: Move, fields: Mapping[str, str], sealed: Sealed) -> dict[str, str]:
    """The fields as an entry carries them: texts sealed, dates in the ledger's form."""
    kinds = {each.name: each.kind for each in move.fields}
    return {name: _carried(kinds.get(name, "text"), value, sealed)
            for name, value in sorted(fields.items()) if value}


def _carried(kind: str, value: str, sealed: Sealed) -> str:
    if kind == "date":
        return stamped(value)
    return value if kind == "choice" else sealed(value)


def set_timers(
    ticket: Ticket, timers: tuple[Timer, ...], subject: str, since: datetime, *, now: datetime,
    fields: Mapping[str, object] | None = None,
) -> None:
    """Owe a job for each timer. ``subject`` is ``state:in_fix`` or ``offer:<seq>``: when the job
    is due it looks whether that still holds (tickets/timers.py)."""
    calendar = company_calendar()
    for timer in timers:
        moment = due(timer, since, calendar, fields)
        if moment is not None:
            queue_job("ticket_timer",
                      f"timer:{ticket.number}:{subject}:{stamp(since)}:{timer.name}:1",
                      due_at=moment, now=now, about=timed(ticket, subject),
                      payload={"ticket": ticket.id, "subject": subject, "since": stamp(since),
                               "timer": timer.name, "round": 1})


def drop_timers(ticket: Ticket, subject: str) -> None:
    """Nobody need be told any more: the stay in the state or the offer is over."""
    drop_jobs(timed(ticket, subject))


def timed(ticket: Ticket, subject: str) -> str:
    """How the jobs of a ticket's timers name what they wait on."""
    return f"ticket:{ticket.number}:{subject}"
