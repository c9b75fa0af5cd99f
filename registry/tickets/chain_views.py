"""The page of a ticket's chain, for somebody who is no programmer: does this history verify, what
does that mean, and what does each entry say?"""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from registry.core.calendar import company_calendar
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.core.web import found
from registry.ledger.keys import verifier_of
from registry.ledger.queries import EntryRow, chain_of, chain_verdict
from registry.ledger.spoken import printable, spoken_finding
from registry.people.access import permitted
from registry.tickets.blueprint import bp
from registry.tickets.history import Event, history_of
from registry.tickets.models import Ticket
from registry.tickets.ticket_queries import ticket_by_number


@dataclass(frozen=True)
class Told:
    """One entry: as a sentence (None where it is damaged), and as the ledger keeps it."""

    event: Event | None
    entry: EntryRow


@bp.get("/tickets/<int:number>/ledger")
@permitted("see_ledger")
def chain(number: int) -> str:
    """The ticket's chain from the first entry to the last."""
    ticket = found(ticket_by_number(number))
    verdict = chain_verdict(ticket.chain, verifier=verifier_of(current_settings()))
    told = _told(ticket)
    return render_template(
        "tickets/chain.html", ticket=ticket, verdict=verdict, told=told,
        findings=[printable(spoken_finding(each)) for each in verdict.findings],
        waiting=sum(each.entry.place is None for each in told))


def _told(ticket: Ticket) -> list[Told]:
    events = _events(ticket)
    return [Told(events.get(entry.seq), entry) for entry in chain_of(ticket.chain)]


def _events(ticket: Ticket) -> dict[int, Event]:
    """The sentences by the number of the entry; none where the chain is too damaged to be told."""
    try:
        history = history_of(ticket, company_calendar(), now=utc_now())
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}
    return {event.seq: event for event in history.events}
