"""Acts on a ticket: log it, move it, offer it, record the client's check, cancel it together.

What a ticket is and may become is read in ticket_views.py; a handoff is answered in
handoff_views.py.
"""

from __future__ import annotations

from decimal import Decimal

from flask import Response

from registry.api import shown
from registry.api.answers import HandoffOut, TicketOut
from registry.api.blueprint import bp
from registry.api.edge import acted, caller, opens, tagged
from registry.api.keys import Done
from registry.api.naming import named_in
from registry.api.responses import answers, link
from registry.api.rules import Scope
from registry.api.shapes import (
    Acting,
    CheckIn,
    HandoffIn,
    MoveIn,
    ReasonIn,
    SignedIn,
    TicketIn,
    TicketPath,
)
from registry.api.signing import Asked, signed
from registry.callbacks.service import Found, record_check
from registry.clients.models import Client, Contact, Criterion, Site
from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.times import utc_now
from registry.core.web import found
from registry.core.words import N_
from registry.people.models import Person
from registry.people.signing import Signing
from registry.tickets.acts import move_of, open_handoff, open_joint_act
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoffs import offer_handoff
from registry.tickets.joint import agree_to_cancelling, propose_cancelling, withdraw_cancelling
from registry.tickets.models import CheckResult, Opinion, Ticket
from registry.tickets.service import Making, Problem, log_ticket, make_move
from registry.tickets.ticket_queries import absent_for, choices_for, ticket_by_number

TO_TICKET = {"ticket": link("ticket", number="$response.body#/number"),
             "moves": link("moves", number="$response.body#/number"),
             "ledger": link("ledger", number="$response.body#/number"),
             "handoffs": link("offer", number="$response.body#/number"),
             "move": link("move", number="$response.body#/number"),
             "check": link("check", number="$response.body#/number")}
TO_HANDOFF = {name: link(name, handoff="$response.body#/id")
              for name in ("accept", "witness", "decline", "withdraw")}
AT = "/tickets/<int:number>"


@bp.post("/tickets", operation_id="log", responses=answers(TicketOut, 201, links=TO_TICKET))
@opens(Scope.TICKETS)
def post_ticket(header: Acting, body: TicketIn) -> Response:
    """Log a problem found at a client; it is in your hands then."""
    def act() -> Done:
        problem = Problem(
            **named_in(body, client=Client, site=Site, contact=Contact, criterion=Criterion),
            summary=body.summary, description=body.description,
            measured=Decimal(body.measured) if body.measured is not None else None,
            opinion=Opinion(body.opinion), opinion_words=body.opinion_words)
        ticket = log_ticket(problem, by=caller(), now=utc_now())
        return tagged(Done(shown.ticket(ticket, None), 201), ticket)

    return acted(act)


@signed(f"{AT}/moves", "move", TicketOut, links=TO_TICKET)
@opens(Scope.TICKETS)
def post_move(path: TicketPath, header: Acting, body: MoveIn) -> Response:
    """Make a move that keeps the holder, or propose one that a second person must sign too."""
    ticket = found(ticket_by_number(path.number))

    def act(signing: Signing) -> Done:
        now = utc_now()
        if move_of(ticket, body.move).is_joint:
            propose_cancelling(ticket, reason=body.reason, by=caller(), signing=signing, now=now,
                               move=body.move, fields=body.fields)
        else:
            make_move(ticket, Making(body.move, body.reason, body.fields), by=caller(),
                      signing=signing, now=now)
        return _told(ticket)

    return acted(act, Asked(caller(), body.signature), on=ticket)


@signed(f"{AT}/handoffs", "offer", HandoffOut, 201, links=TO_HANDOFF)
@opens(Scope.TICKETS)
def post_handoff(path: TicketPath, header: Acting, body: HandoffIn) -> Response:
    """Offer the ticket, signed by the giver; the holder stays the same until it is accepted."""
    ticket = found(ticket_by_number(path.number))

    def act(signing: Signing) -> Done:
        named = named_in(body, receiver=Person, witness=Person)
        offer = Offer(body.move or _only_handoff(ticket), **named, note=body.note,
                      fields=body.fields)
        return Done(shown.handoff(offer_handoff(ticket, offer, by=caller(), signing=signing,
                                                now=utc_now())), 201)

    return acted(act, Asked(caller(), body.signature), on=ticket)


@signed(f"{AT}/check", "check", TicketOut, links=TO_TICKET)
@opens(Scope.TICKETS)
def post_check(path: TicketPath, header: Acting, body: CheckIn) -> Response:
    """Record the client's check, signed by the originator: "gone" closes the ticket, "not gone"
    offers it back to the one who mended it last."""
    ticket = found(ticket_by_number(path.number))

    def act(signing: Signing) -> Done:
        result = CheckResult(body.result) if body.result is not None else None
        told = Found(result, body.contact_name, body.note, body.sure,
                     **named_in(body, receiver=Person))
        record_check(ticket, told, by=caller(), signing=signing, now=utc_now())
        return _told(ticket)

    return acted(act, Asked(caller(), body.signature), on=ticket)


@signed(f"{AT}/cancelling/agree", "agree", TicketOut)
@opens(Scope.TICKETS)
def agree(path: TicketPath, header: Acting, body: SignedIn) -> Response:
    """Give the second signature under a proposed cancelling."""
    ticket = found(ticket_by_number(path.number))

    def act(signing: Signing) -> Done:
        agree_to_cancelling(found(open_joint_act(ticket)), by=caller(), signing=signing,
                            now=utc_now())
        return _told(ticket)

    return acted(act, Asked(caller(), body.signature), on=ticket)


@bp.post(f"{AT}/cancelling/withdraw", operation_id="withdraw_cancelling",
         responses=answers(TicketOut))
@opens(Scope.TICKETS)
def withdraw_proposal(path: TicketPath, header: Acting, body: ReasonIn) -> Response:
    """Take a proposed cancelling back."""
    ticket = found(ticket_by_number(path.number))

    def act() -> Done:
        withdraw_cancelling(found(open_joint_act(ticket)), by=caller(), now=utc_now())
        return _told(ticket)

    return acted(act, on=ticket)


def _told(ticket: Ticket) -> Done:
    db.session.flush()
    return Done(shown.ticket(ticket, open_handoff(ticket)))


def _only_handoff(ticket: Ticket) -> str:
    """The one handoff that the caller may begin now. Raises Refused where there is another number
    of them: then the move must be named."""
    absent = absent_for(caller(), now=utc_now())
    names = [each.name for each in choices_for(ticket, caller(), absent, now=utc_now())
             if each.handoff is not None]
    if len(names) != 1:
        raise Refused(Reason("move_missing", N_("Name the move: GET …/moves lists those that you "
                                                "may begin now."), field="move"))
    return names[0]
