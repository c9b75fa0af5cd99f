"""What happens when a ticket has waited too long: somebody is told by mail, and again later.

A timer is a job; when it is due it looks whether what it waits on still holds (the same stay in
the state, the same open offer). If not, it does nothing: a timer never changes a ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.core.languages import say
from registry.core.outbox import queue_job, queue_message
from registry.core.settings import current_settings
from registry.core.words import N_
from registry.ledger.entries import moment, stamp
from registry.people.absences import deputy_of
from registry.people.models import Person, PersonRole, Role
from registry.tickets.acts import engine_for, timed
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from workflows import Timer, conditions, next_due

SUBJECTS = {
    "unaccepted": N_("Ticket %(number)s: nobody has taken it yet"),
    "offer_unaccepted": N_("Ticket %(number)s: an offer is not answered"),
    "not_started": N_("Ticket %(number)s: accepted, but work has not begun"),
    "hold_is_over": N_("Ticket %(number)s: the time on hold is over"),
    "not_checked": N_("Ticket %(number)s: the client has not been called back"),
}
OTHER_SUBJECT = N_("Ticket %(number)s waits")
BODY = N_("Ticket No. %(number)s — %(summary)s\nClient: %(client)s\nState: %(state)s since "
          "%(since)s\nIn the hands of: %(holder)s\n\n%(link)s\n")


def ring(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Tell those whom the timer tells, if its subject still holds, and owe the next round."""
    ticket = db.session.get(Ticket, payload["ticket"])
    if ticket is None or not _still_holds(ticket, payload):
        return
    timer = _timer(ticket, payload)
    if timer is None:
        return
    for person in _told(ticket, timer, now):
        _tell(person, ticket, timer, payload, now=now)
    following = next_due(timer, now, company_calendar())
    if following is not None:
        round_no = payload["round"] + 1
        queue_job("ticket_timer",
                  f"timer:{ticket.number}:{payload['subject']}:{payload['since']}:{timer.name}:"
                  f"{round_no}",
                  due_at=following, now=now, about=timed(ticket, payload["subject"]),
                  payload={**payload, "round": round_no})


def _still_holds(ticket: Ticket, payload: Mapping[str, Any]) -> bool:
    kind, _, name = payload["subject"].partition(":")
    if kind == "state":
        return ticket.state == name and stamp(ticket.state_since) == payload["since"]
    return db.session.scalar(select(Handoff.id).where(
        Handoff.ticket_id == ticket.id, Handoff.seq == int(name),
        Handoff.state == HandoffState.OFFERED)) is not None


def _timer(ticket: Ticket, payload: Mapping[str, Any]) -> Timer | None:
    kind, _, name = payload["subject"].partition(":")
    engine = engine_for(ticket)
    if kind == "state":
        timers = engine.timers(name)
    else:
        move = db.session.scalar(select(Handoff.move).where(
            Handoff.ticket_id == ticket.id, Handoff.seq == int(name)))
        timers = engine.offer_timers(move or "")
    return next((each for each in timers if each.name == payload["timer"]), None)


def _told(ticket: Ticket, timer: Timer, now: datetime) -> list[Person]:
    """The persons behind the timer's terms, each once, with the deputies of those away."""
    found: dict[int, Person] = {}
    for term in timer.tells:
        for kind, name in conditions(term):
            for person in (_with_role(name) if kind == "role" else _related(ticket, name)):
                away_for = deputy_of(person, now=now)
                found[person.id] = person
                if away_for is not None:
                    found[away_for.id] = away_for
    return [person for person in found.values() if person.email and person.is_active]


def _with_role(name: str) -> list[Person]:
    query = (select(Person).join(PersonRole).where(PersonRole.role == Role(name), Person.is_active)
             .order_by(Person.id))
    return list(db.session.scalars(query))


def _related(ticket: Ticket, name: str) -> list[Person]:
    persons = {"holder": ticket.holder, "originator": ticket.originator,
               "last_mender": ticket.last_mender}
    person = persons.get(name)
    return [person] if person is not None else []


def _tell(person: Person, ticket: Ticket, timer: Timer, payload: Mapping[str, Any], *,
          now: datetime) -> None:
    workflow = engine_for(ticket).workflow
    link = f"{current_settings().base_url}/tickets/{ticket.number}"
    words = {
        "number": ticket.number, "summary": ticket.summary, "client": ticket.client.name,
        "state": workflow.states[ticket.state].title, "since": moment(payload["since"]),
        "holder": ticket.holder.name, "link": link,
    }
    key = (f"timer:{ticket.number}:{payload['subject']}:{payload['since']}:{timer.name}:"
           f"{payload['round']}:{person.id}")
    queue_message("timer", key, to=person.email, now=now, language=person.language,
                  subject=say(SUBJECTS.get(timer.name, OTHER_SUBJECT), words, person.language),
                  text=say(BODY, words, person.language))
