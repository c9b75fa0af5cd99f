"""From an entry of a ticket's chain, or a timer that rang, to the notices for its people.

Here is decided who is told of what; that nobody is told of the own act, that a deputy reads for an
absent person and what the mail says is decided when it is made (telling.py). An act pays one INSERT
for all its notices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.notices.models import Kind, Notice
from registry.notices.rules import QUARTER, near_at
from registry.people.models import Person
from registry.tickets.acts import engine_for
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Ticket
from registry.tickets.rules import has_promise
from registry.tickets.ticket_queries import eligible
from registry.tickets.timers import Rung
from workflows import Move

Told = tuple[Kind, int | None]
REWORK, MENDED, PROMISES = "count_rework", "mended", "promise"
# Timers of these names say that nobody has signed; all others that a ticket waits.
NOT_TAKEN = frozenset({"unaccepted", "offer_unaccepted"})


def note_entry(
    ticket: Ticket, kind: str, content: Mapping[str, Any], *, act: Handoff | JointAct | None,
    by: Person | None, now: datetime,
) -> None:
    """Write down who is to be told of the entry; part of the act's transaction, nothing flushed.
    What was brought in from another system is told to nobody, by whatever road it came."""
    if content.get("imported"):
        return
    tell = ON_ENTRY.get(kind)
    if tell is not None and act is not None:
        for of_what, person_id in _each_once(tell(ticket, content, act)):
            if by is None or person_id != by.id:
                db.session.add(_notice(ticket, of_what, person_id, at=now, act_seq=act.seq,
                                       by_id=by.id if by else None))
    if kind == "promised" or (kind == "handoff_accepted" and _passes_a_promise_on(content, act)):
        _watch_promise(ticket, now)
    if kind == "originator_succeeded" and ticket.originator_id != ticket.holder_id:
        _watch_breaking(ticket, [ticket.originator_id], now)


def note_timer(rung: Rung, *, now: datetime) -> None:
    """Write down whom the timer tells; of an offer that nobody answers also who made it."""
    handoff, ticket = rung.handoff, rung.ticket
    kind = Kind.UNACCEPTED if rung.timer in NOT_TAKEN else Kind.WAITS
    told = [person.id for person in rung.persons]
    if handoff is not None:
        told.append(handoff.offered_by_id if handoff.by_authority else handoff.giver_id)
    for person_id in dict.fromkeys(told):
        db.session.add(Notice(
            key=f"{kind}:{ticket.number}:{rung.key}:{person_id}", kind=kind, person_id=person_id,
            ticket_id=ticket.id, act_seq=handoff.seq if handoff is not None else None,
            state="" if handoff is not None else ticket.state, timer=rung.timer,
            moment=rung.since, at=now, due_at=now + QUARTER))


def _each_once(told: Iterable[Told]) -> Iterator[tuple[Kind, int]]:
    for kind, person_id in dict.fromkeys(told):
        if person_id is not None:
            yield kind, person_id


def _notice(ticket: Ticket, kind: Kind, person_id: int, *, at: datetime, **about: Any) -> Notice:
    return Notice(key=f"{kind}:{ticket.number}:{ticket.head_seq}:{person_id}", kind=kind,
                  person_id=person_id, ticket_id=ticket.id, at=at, due_at=at + QUARTER, **about)


def _offered(ticket: Ticket, content: Mapping[str, Any], act: Handoff) -> Iterator[Told]:
    move = engine_for(ticket).workflow.moves[act.move]
    yield _offer_kind(move), act.receiver_id
    yield Kind.SECOND_SIGNATURE, act.witness_id


def _offer_kind(move: Move) -> Kind:
    if REWORK in move.effects:
        return Kind.CAME_BACK
    return Kind.RETURNED if MENDED in move.effects else Kind.OFFERED


def _accepted(ticket: Ticket, content: Mapping[str, Any], act: Handoff) -> Iterator[Told]:
    yield (Kind.TAKEN if act.by_authority else Kind.ACCEPTED), act.giver_id


def _declined(ticket: Ticket, content: Mapping[str, Any], act: Handoff) -> Iterator[Told]:
    yield Kind.DECLINED, act.offered_by_id if act.by_authority else act.giver_id


def _withdrawn(ticket: Ticket, content: Mapping[str, Any], act: Handoff) -> Iterator[Told]:
    yield Kind.WITHDRAWN, act.receiver_id
    yield Kind.WITHDRAWN, act.witness_id


def _lapsed(ticket: Ticket, content: Mapping[str, Any], act: Handoff) -> Iterator[Told]:
    """All three are told: those who signed, and the one who was waited for."""
    for person_id in (act.giver_id, act.offered_by_id, act.receiver_id, act.witness_id):
        yield Kind.LAPSED, person_id


def _proposed(ticket: Ticket, content: Mapping[str, Any], act: JointAct) -> Iterator[Told]:
    """Whoever fulfils what the second signature asks may give it."""
    second = engine_for(ticket).workflow.moves[act.move].signatures[1]
    with db.session.no_autoflush:
        yield from ((Kind.SECOND_SIGNATURE, each.id) for each in eligible(ticket, (second.by,)))


def _passes_a_promise_on(content: Mapping[str, Any], act: Handoff | JointAct | None) -> bool:
    """The new holder keeps what was promised before, naming no date of the own."""
    own = isinstance(act, Handoff) and act.next_step_by is not None
    return not (own and PROMISES in content["effects"])


def _watch_promise(ticket: Ticket, now: datetime) -> None:
    """The holder is warned before the promise is broken; of a broken one the originator hears
    too, who talks with the client. Each says only what is still so when its hour has come."""
    promised = _promise_ahead(ticket, now)
    if promised is None:
        return
    with db.session.no_autoflush:
        near = near_at(promised, now, company_calendar())
    db.session.add(_notice(ticket, Kind.PROMISE_NEAR, ticket.holder_id, at=near, moment=promised))
    _watch_breaking(ticket, dict.fromkeys((ticket.holder_id, ticket.originator_id)), now)


def _watch_breaking(ticket: Ticket, person_ids: Iterable[int], now: datetime) -> None:
    """These persons hear of the promise if it is broken."""
    promised = _promise_ahead(ticket, now)
    if promised is None:
        return
    for person_id in person_ids:
        db.session.add(_notice(ticket, Kind.PROMISE_BROKEN, person_id, at=promised,
                               moment=promised))


def _promise_ahead(ticket: Ticket, now: datetime) -> datetime | None:
    """What was promised, if its hour is still to come."""
    promised = ticket.promised_at
    return promised if promised is not None and promised > now and has_promise(ticket) else None


ON_ENTRY: dict[str, Callable[[Ticket, Mapping[str, Any], Any], Iterator[Told]]] = {
    "handoff_offered": _offered, "handoff_accepted": _accepted, "handoff_declined": _declined,
    "handoff_withdrawn": _withdrawn, "handoff_lapsed": _lapsed, "joint_proposed": _proposed,
}
