"""Tickets read: the registry's list, one ticket, its ledger, and what may be done with it now."""

from __future__ import annotations

from flask import Response, jsonify, request

from registry.api import shown
from registry.api.answers import Entries, Moves, TicketOut, Tickets
from registry.api.blueprint import bp
from registry.api.edge import caller, opens
from registry.api.naming import place_after, ticket_place
from registry.api.responses import answers
from registry.api.rules import Scope
from registry.api.shapes import LARGEST, Paged, TicketPath, TicketQuery
from registry.callbacks.queries import stand_ins_for
from registry.core.times import utc_now
from registry.core.web import found
from registry.ledger.queries import chain_of
from registry.people.models import Person
from registry.people.permissions import require
from registry.tickets.acts import engine_for, move_of, open_handoff
from registry.tickets.filters import Filters
from registry.tickets.models import Ticket
from registry.tickets.registry_queries import registry_page
from registry.tickets.state_names import state_names
from registry.tickets.ticket_queries import (
    absent_for,
    every_choice,
    may_check,
    receivers_for,
    ticket_by_number,
    witnesses_for,
)
from workflows import Choice


@bp.get("/tickets", operation_id="tickets", responses=answers(Tickets))
@opens(Scope.READ)
def tickets(query: TicketQuery) -> Response:
    """The registry: the same filters as on the screen; ``next`` is the cursor of the next page."""
    require(caller(), "see_registry")
    asked = {name: value for name, value in request.args.items() if name not in ("cursor", "size")}
    filters = Filters.from_args(asked)
    place = ticket_place(query.cursor)
    page = registry_page(filters, place, state_names(), me=caller(), now=utc_now(),
                         size=query.size)
    return jsonify(items=[shown.ticket_row(row) for row in page.rows],
                   next=page.following.key() if page.following else None)


@bp.get("/tickets/<int:number>", operation_id="ticket", responses=answers(TicketOut))
@opens(Scope.READ)
def ticket(path: TicketPath) -> Response:
    """One ticket; its ETag is the hash of the last entry of its ledger."""
    found_ = found(ticket_by_number(path.number))
    response = jsonify(shown.ticket(found_, open_handoff(found_)))
    response.set_etag(found_.head_hash)
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


@bp.get("/tickets/<int:number>/ledger", operation_id="ledger", responses=answers(Entries))
@opens(Scope.READ)
def ledger(path: TicketPath, query: Paged) -> Response:
    """The ticket's entries with the statements that were signed, in their order."""
    require(caller(), "see_ledger")
    entries = chain_of(f"ticket:{path.number}", after=min(place_after(query.cursor), LARGEST),
                       size=query.size + 1)
    if not entries:  # past the end of a chain, or no chain at all
        found(ticket_by_number(path.number))
    page = entries[:query.size]
    return jsonify(items=[shown.entry(each) for each in page],
                   next=str(page[-1].seq) if len(entries) > len(page) else None)


@bp.get("/tickets/<int:number>/moves", operation_id="moves", responses=answers(Moves))
@opens(Scope.READ)
def moves(path: TicketPath) -> Response:
    """Every move from the present state: may I begin it now, what it needs, else why not; and
    whether I may record the client's check."""
    now, reader = utc_now(), caller()
    ticket = found(ticket_by_number(path.number))
    absent = absent_for(reader, now=now)
    checks = may_check(ticket, reader, absent)
    return jsonify(state=ticket.state, head=ticket.head_hash, may_check=checks,
                   check_receivers=[shown.named(each) for each in stand_ins_for(ticket, reader)]
                   if checks else [],
                   items=[_choice(ticket, each, reader)
                          for each in every_choice(ticket, reader, absent, now=now)])


def _choice(ticket: Ticket, each: Choice, reader: Person) -> dict[str, object]:
    offered = each.handoff is not None and each.allowed
    move = move_of(ticket, each.name)
    return shown.choice(each, engine_for(ticket).workflow.meanings,
                        receivers_for(ticket, move, reader) if offered else [],
                        witnesses_for(ticket, move, reader, None) if offered else [])
