"""The verbs of a ticket that need no receiver: log it, move it, say a file belongs to it.

Handing over is in handoffs.py, acts of two signatures in joint.py, many at once in sheets.py,
the promised date in promises.py; what the client found is recorded in ``callbacks``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from registry.clients.models import Client, Contact, Criterion, Site
from registry.core.db import db
from registry.core.errors import Reason, refuse_if
from registry.core.models import Counter
from registry.core.words import N_
from registry.ledger.models import LedgerEntry
from registry.people.models import Person
from registry.people.permissions import require
from registry.people.signing import Signing, in_entry
from registry.tickets import rules, statements
from registry.tickets.acts import (
    drop_timers,
    engine_for,
    judged,
    move_of,
    nothing_waits,
    sealed_fields,
    seen,
    set_timers,
    sign_act,
)
from registry.tickets.chain import Sealed, append
from registry.tickets.handoff_judging import opening_principal
from registry.tickets.lifecycles import current_lifecycle, engine_of, facts_of, party_now
from registry.tickets.models import Lifecycle, Opinion, Ticket, TicketSearch
from registry.tickets.search import stems_of
from workflows import Act, Move, Signed, Step


@dataclass(frozen=True)
class Problem:
    """What a visitor found at a client (the domain, 1.2): measured against a norm, and what the
    client thinks, side by side."""

    client: Client | None
    summary: str
    site: Site | None = None
    contact: Contact | None = None
    criterion: Criterion | None = None
    measured: Decimal | None = None
    opinion: Opinion = Opinion.NOT_ASKED
    opinion_words: str = ""
    description: str = ""


def log_ticket(
    problem: Problem, *, by: Person, now: datetime, lifecycle: Lifecycle | None = None,
    source_key: str | None = None,
) -> Ticket:
    """Enter a problem in the registry. Its originator has it in hand until an engineer takes it.

    Raises Forbidden for a role that logs no tickets and Refused with every fault of ``problem``.
    """
    require(by, "log_ticket")
    refuse_if(*rules.faults_of(problem))
    return enter_ticket(problem, raised_by=by, now=now, lifecycle=lifecycle, source_key=source_key)


def enter_ticket(
    problem: Problem, *, raised_by: Person, now: datetime, lifecycle: Lifecycle | None = None,
    source_key: str | None = None,
) -> Ticket:
    """Give the problem its number and the first entry of its chain."""
    lifecycle = lifecycle or current_lifecycle()
    ticket = Ticket(number=next_numbers(1)[0], source_key=source_key, head_seq=0,
                    head_hash="0" * 64, reopen_count=0)
    sealed = Sealed()
    content = logged_content(problem, raised_by, lifecycle.digest, sealed)
    db.session.add(ticket)
    with db.session.no_autoflush:
        append(ticket, "logged", content, sealed, by=raised_by, now=now)
    db.session.add(TicketSearch(ticket=ticket, stems=stems_of_problem(ticket.number, problem)))
    db.session.flush()
    set_timers(ticket, engine_for(ticket).timers(ticket.state), f"state:{ticket.state}", now,
               now=now)
    return ticket


def logged_content(problem: Problem, raised_by: Person, digest: str,
                   sealed: Sealed) -> dict[str, object]:
    """What the first entry of a chain says; ``digest`` is the version of the lifecycle."""
    state = engine_of(digest).workflow.initial
    criterion, client = problem.criterion, problem.client
    norm = criterion.norm if criterion is not None else None
    return {
        "lifecycle": digest, "state": state,
        "client": f"client:{client.id}" if client else "",
        "site": f"site:{problem.site.id}" if problem.site else "",
        "contact": f"contact:{problem.contact.id}" if problem.contact else "",
        "criterion": f"criterion:{criterion.id}" if criterion else "",
        "summary": sealed(problem.summary.strip()),
        "description": sealed(problem.description.strip()),
        "measured": statements.plain(problem.measured) if problem.measured is not None else "",
        "norm": statements.plain(norm) if norm is not None else "",
        "opinion": problem.opinion.value, "opinion_words": sealed(problem.opinion_words.strip()),
        "raised_by": raised_by.ref,
        "department": f"department:{raised_by.department_id}" if raised_by.department_id else "",
    }


def next_numbers(count: int) -> range:
    """The next ``count`` numbers of tickets: no holes, so the counter is taken under its row's
    lock and falls back with the transaction."""
    query = (update(Counter).where(Counter.name == "ticket").values(value=Counter.value + count)
             .returning(Counter.value))
    last = db.session.scalar(query)
    if last is None:
        _begin_counting()
        last = db.session.scalars(query).one()
    return range(last - count + 1, last + 1)


def _begin_counting() -> None:
    """Make the counter's row; of several who log the first tickets at once one makes it, and the
    others wait for that one's transaction and count on."""
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(Counter(name="ticket", value=0))


def stems_of_problem(number: int, problem: Problem) -> str:
    """By what the search finds the ticket: its words, client, site and number."""
    client, site = problem.client, problem.site
    return stems_of(str(number), problem.summary, problem.description, problem.opinion_words,
                    client.name if client else "", f"{site.name} {site.address}" if site else "")


@dataclass(frozen=True)
class Making:
    """What a person says when making a move: ``fields`` are the move's own, dates ISO 8601."""

    move: str
    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_words(self) -> dict[str, str]:
        """What the person signs of it in the own words."""
        return {**self.fields, "reason": self.reason.strip()}


def make_move(
    ticket: Ticket, making: Making, *, by: Person, signing: Signing, now: datetime
) -> LedgerEntry:
    """Make a move that keeps the holder (start, hold, resume …), signed by who makes it.

    Raises Refused with every reason, Conflict where the ticket has changed since it was shown.
    """
    seen(signing, ticket)
    move = move_of(ticket, making.move)
    need = move.signatures[0] if move.signatures else None
    actor = party_now(by, ticket, now)
    signatures = (Signed(actor, need.by, need.meaning),) if need else ()
    act = Act(by=actor, now=now, fields={k: v for k, v in making.fields.items() if v},
              reason=making.reason, signatures=signatures, facts=facts_of(ticket))
    step: Step = judged(lambda: engine_for(ticket).fire(ticket.state, move.name, act),
                        nothing_waits(ticket), signing.problem if need else None,
                        _by_handoff_only(move))
    sealed = Sealed()
    signed = []
    if need is not None:
        principal = opening_principal(ticket, move, by, now)
        text = making_text(ticket, move, signing.language, on_behalf_of=principal)
        signed = [in_entry(sign_act(signing, need, move, ticket, text,
                                    {"actor": by, "holder": ticket.holder}, now=now,
                                    on_behalf_of=principal, own=making.own_words))]
    return write_move(ticket, move, step, making, signed, sealed, by=by, now=now)


def making_text(ticket: Ticket, move: Move, language: str, *,
                on_behalf_of: Person | None = None) -> str:
    """What is signed when a move is made: what it is called, and the state that it leads to."""
    target = engine_for(ticket).workflow.states[move.target_from(ticket.state)]
    return statements.moving_text(ticket, move, target.title.said(language), language,
                                  on_behalf_of=on_behalf_of)


def write_move(
    ticket: Ticket, move: Move, step: Step, making: Making, signed: list[dict[str, str]],
    sealed: Sealed, *, by: Person, now: datetime,
) -> LedgerEntry:
    """Write a judged step down and set the timers of the state it leads to."""
    state = engine_for(ticket).workflow.states[step.target]
    content = {
        "move": move.name, "source": step.source, "target": step.target,
        "final": int(state.is_final), "effects": list(step.effects),
        "reason": sealed(making.reason.strip()),
        "fields": sealed_fields(move, making.fields, sealed), "signatures": signed,
    }
    entry = append(ticket, "moved", content, sealed, by=by, now=now)
    if step.source != step.target:
        drop_timers(ticket, f"state:{step.source}")
        set_timers(ticket, engine_for(ticket).timers(step.target), f"state:{step.target}", now,
                   now=now, fields=dict(making.fields))
    return entry


def _by_handoff_only(move: Move) -> Reason | None:
    if move.handoff is not None or move.is_joint:
        return Reason("needs_others", N_("“%(move)s” needs the signature of others: offer it."),
                      {"move": move.title})
    return None
