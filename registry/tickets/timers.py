"""What happens when a ticket has waited too long: somebody is told, and again later.

A timer is a job; when it is due it looks whether what it waits on still holds (the same stay in
the state, the same open offer). If not, it does nothing: a timer never changes a ticket. How people
are told is the business of an area above, which asks for it by ``tell_by``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.core.outbox import queue_job
from registry.ledger.entries import moment, stamp
from registry.people.models import Person
from registry.tickets.acts import engine_for, timed
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from registry.tickets.ticket_queries import eligible
from workflows import Timer, next_due


@dataclass(frozen=True)
class Rung:
    """A timer that rang: of which ticket, by its name, since when it is waited, whom it tells.
    ``handoff`` is the open offer that it waits on, None for a state; ``key`` is of this round."""

    ticket: Ticket
    timer: str
    since: datetime
    handoff: Handoff | None
    persons: tuple[Person, ...]
    key: str


class Teller(Protocol):
    """Lets the persons know, in the transaction that stands."""

    def __call__(self, rung: Rung, *, now: datetime) -> None: ...


TELLERS: list[Teller] = []


def tell_by(teller: Teller) -> None:
    """Let ``teller`` know of every timer that rings; asking twice tells it once."""
    if teller not in TELLERS:
        TELLERS.append(teller)


def ring(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Tell those whom the timer tells, if its subject still holds, and owe the next round."""
    ticket = db.session.get(Ticket, payload["ticket"])
    if ticket is None:
        return
    handoff = _offer(ticket, payload["subject"])
    if not _still_holds(ticket, handoff, payload):
        return
    timer = _timer(ticket, handoff, payload)
    if timer is None:
        return
    key = f"{payload['subject']}:{payload['since']}:{timer.name}:{payload['round']}"
    rung = Rung(ticket, timer.name, moment(payload["since"]), handoff, _told(ticket, timer), key)
    for teller in TELLERS:
        teller(rung, now=now)
    following = next_due(timer, now, company_calendar())
    if following is not None:
        round_no = payload["round"] + 1
        queue_job("ticket_timer",
                  f"timer:{ticket.number}:{payload['subject']}:{payload['since']}:{timer.name}:"
                  f"{round_no}",
                  due_at=following, now=now, about=timed(ticket, payload["subject"]),
                  payload={**payload, "round": round_no})


def _offer(ticket: Ticket, subject: str) -> Handoff | None:
    """The offer that the subject names, answered or not; None where it names a state."""
    kind, _, name = subject.partition(":")
    if kind == "state":
        return None
    return db.session.scalar(select(Handoff).where(Handoff.ticket_id == ticket.id,
                                                   Handoff.seq == int(name)))


def _still_holds(ticket: Ticket, handoff: Handoff | None, payload: Mapping[str, Any]) -> bool:
    kind, _, name = payload["subject"].partition(":")
    if kind == "state":
        return ticket.state == name and stamp(ticket.state_since) == payload["since"]
    return handoff is not None and handoff.state is HandoffState.OFFERED


def _timer(ticket: Ticket, handoff: Handoff | None, payload: Mapping[str, Any]) -> Timer | None:
    engine = engine_for(ticket)
    timers = engine.offer_timers(handoff.move) if handoff else engine.timers(ticket.state)
    return next((each for each in timers if each.name == payload["timer"]), None)


def _told(ticket: Ticket, timer: Timer) -> tuple[Person, ...]:
    """The persons behind the timer's terms, each once."""
    found = {person.id: person for term in timer.tells for person in _behind(ticket, term)}
    return tuple(found.values())


def _behind(ticket: Ticket, term: str) -> list[Person]:
    """Who fulfils the term; whom the ticket itself names need not be looked for."""
    named = {"relation:holder": ticket.holder, "relation:originator": ticket.originator,
             "relation:last_mender": ticket.last_mender}
    if term in named:
        person = named[term]
        return [person] if person is not None else []
    return eligible(ticket, (term,))
