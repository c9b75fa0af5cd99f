"""Handoffs: a ticket changes hands only when giver, receiver and, where asked, witness signed.

*Offered* by the giver, then *accepted* (with one line in the receiver's own words: what I do
next, and by when), *declined* with a reason, *withdrawn*, or *lapsed* where not all have signed
before the day is over. The holder changes at the last signature of the acceptance and at no other
moment (the domain, 1.4; the design, 4).
"""

from __future__ import annotations

from datetime import datetime

from registry.core.db import db
from registry.core.errors import Conflict, Reason, Refused, refuse_if
from registry.core.words import N_
from registry.people.models import Person, Role
from registry.people.signing import Signing, in_entry
from registry.tickets import statements
from registry.tickets.acts import (
    drop_timers,
    engine_for,
    iso,
    judged,
    move_of,
    need_of,
    nothing_waits,
    open_handoff,
    sealed_fields,
    seen,
    set_timers,
    sign_act,
    stamped,
    stand_for,
    ticket_then,
)
from registry.tickets.chain import Sealed, append
from registry.tickets.half_signed import is_over, missing_from, must_be_in_time
from registry.tickets.handoff_judging import (
    Offer,
    completing_act,
    is_here,
    must_be_open,
    not_the_witness,
    opening_act,
    opening_need,
    opening_principal,
    third_person,
    witness_named,
)
from registry.tickets.handoff_models import Handoff, HandoverSheet
from registry.tickets.models import Ticket
from registry.tickets.promises import promise_on_taking
from workflows import Move, Step


def offer_handoff(
    ticket: Ticket, offer: Offer, *, by: Person, signing: Signing, now: datetime,
    sheet: HandoverSheet | None = None,
) -> Handoff:
    """Offer the ticket to a receiver, signed by the giver. The holder stays the same.

    Raises Refused with every reason (lifecycle, signature, an open offer) and Conflict where the
    ticket has changed since the statement was shown.
    """
    seen(signing, ticket)
    move = move_of(ticket, offer.move)
    authority = bool(move.handoff and move.handoff.authority)
    if authority:
        _clear_the_way(ticket, by=by, now=now)
        signing = signing.after(ticket)
    need = opening_need(move)
    act = opening_act(ticket, move, offer, by, now)
    judged(lambda: engine_for(ticket).offer(ticket.state, move.name, act),
           nothing_waits(ticket), signing.problem, is_here(offer.receiver),
           witness_named(move, offer))
    assert offer.receiver is not None
    principal = opening_principal(ticket, move, by, now)
    signature = sign_act(
        signing, need, move, ticket,
        opening_statement(ticket, move, offer.receiver, signing.language, on_behalf_of=principal),
        {"giver": ticket.holder, "receiver": offer.receiver, "witness": offer.witness},
        now=now, on_behalf_of=principal, own=offer.own_words)
    sealed = Sealed()
    content = {
        "move": move.name, "giver": ticket.holder.ref, "receiver": offer.receiver.ref,
        "witness": offer.witness.ref if offer.witness else "", "offered_by": by.ref,
        "authority": int(authority),
        "note": sealed(offer.note.strip()), "fields": sealed_fields(move, offer.fields, sealed),
        "signatures": [in_entry(signature)],
    }
    handoff = Handoff(ticket=ticket, sheet_id=sheet.id if sheet else None)
    append(ticket, "handoff_offered", content, sealed, by=by, now=now, act=handoff)
    set_timers(ticket, engine_for(ticket).offer_timers(move.name), f"offer:{handoff.seq}", now,
               now=now)
    db.session.flush()
    return handoff


def accept_handoff(
    handoff: Handoff, *, next_step: str, next_step_by: str = "", by: Person, signing: Signing,
    now: datetime,
) -> Handoff:
    """Sign as the receiver: ``next_step`` says in the own words what comes next, and
    ``next_step_by`` by when (ISO 8601). Completes the handoff unless a witness must still sign.
    """
    ticket = ticket_then(handoff)
    seen(signing, ticket)
    must_be_open(handoff)
    must_be_in_time(handoff, now)
    principal = stand_for(by, handoff.receiver, now)
    if handoff.receiver_signed_at is not None:
        raise Refused(Reason("signed_already", N_("The receiver has signed already; the witness "
                                                  "has not.")))
    move = move_of(ticket, handoff.move)
    need = need_of(move, "receiver")
    assert need is not None
    own = {"next_step": next_step.strip(), "next_step_by": next_step_by}
    act = completing_act(handoff, move, own, by, now)
    step = judged(lambda: engine_for(ticket).fire(ticket.state, move.name, act), signing.problem,
                  not_the_witness(handoff, by))
    signature = sign_act(
        signing, need, move, ticket,
        statements.receiving_text(ticket, handoff.giver, signing.language, on_behalf_of=principal),
        _parties(handoff), now=now, on_behalf_of=principal, own=own)
    sealed = Sealed()
    content = {"offer": handoff.seq, "as": "receiver", "next_step": sealed(own["next_step"]),
               "next_step_by": stamped(next_step_by), "taker": by.ref,
               "signatures": [in_entry(signature)]}
    append(ticket, "handoff_signed", content, sealed, by=by, now=now, act=handoff)
    if handoff.witness_id is None or handoff.witness_signed_at is not None:
        _complete(handoff, step, by=by, now=now)
    return handoff


def witness_handoff(handoff: Handoff, *, by: Person, signing: Signing, now: datetime) -> Handoff:
    """Sign as the witness, before or after the receiver; the last of the two completes it."""
    ticket = ticket_then(handoff)
    seen(signing, ticket)
    must_be_open(handoff)
    must_be_in_time(handoff, now)
    if handoff.witness is None or handoff.witness_signed_at is not None:
        raise Refused(Reason("no_witness_asked", N_("No witness's signature is awaited here.")))
    principal = stand_for(by, handoff.witness, now)
    move = move_of(ticket, handoff.move)
    need = need_of(move, "witness")
    assert need is not None
    refuse_if(signing.problem, third_person(handoff, by))
    signature = sign_act(
        signing, need, move, ticket,
        statements.witnessing_text(ticket, handoff.giver, handoff.receiver, signing.language,
                                   on_behalf_of=principal),
        _parties(handoff), now=now, on_behalf_of=principal)
    content = {"offer": handoff.seq, "as": "witness", "signatures": [in_entry(signature)]}
    append(ticket, "handoff_signed", content, Sealed(), by=by, now=now, act=handoff)
    if handoff.taker is not None:
        own = {"next_step": handoff.next_step, "next_step_by": iso(handoff.next_step_by)}
        act = completing_act(handoff, move, own, handoff.taker, now)
        step = judged(lambda: engine_for(ticket).fire(ticket.state, move.name, act))
        _complete(handoff, step, by=by, now=now)
    return handoff


def decline_handoff(handoff: Handoff, *, reason: str, by: Person, now: datetime) -> Handoff:
    """Refuse to take the ticket; it stays with the giver, who is told why."""
    ticket_then(handoff)
    must_be_open(handoff)
    stand_for(by, handoff.receiver, now)
    refuse_if(None if reason.strip() else Reason(
        "reason_missing", N_("Give the reason in your own words."), field="reason"))
    return _end(handoff, "handoff_declined", reason, by=by, now=now)


def withdraw_handoff(handoff: Handoff, *, reason: str = "", by: Person, now: datetime) -> Handoff:
    """Take the offer back; nothing has changed hands. The giver, or whoever offered by authority,
    or the giver's deputy during an absence may do it."""
    ticket_then(handoff)
    must_be_open(handoff)
    if by.id != handoff.offered_by_id:
        stand_for(by, handoff.giver, now)
    return _end(handoff, "handoff_withdrawn", reason, by=by, now=now)


def lapse_handoff(handoff: Handoff, *, now: datetime) -> Handoff:
    """Undo a half-signed handoff whose day is over: an entry says who had not signed, and nothing
    has changed hands. Raises Conflict where it was answered, or may still be signed."""
    ticket_then(handoff)
    must_be_open(handoff)
    if not is_over(handoff, now):
        raise Conflict()
    (missing,) = missing_from(handoff)
    return _end(handoff, "handoff_lapsed", "", by=None, now=now, missing=missing.person.ref)


def opening_statement(ticket: Ticket, move: Move, receiver: Person, language: str, *,
                      on_behalf_of: Person | None = None) -> str:
    """What the giver signs when offering ``ticket`` by ``move``."""
    if move.name == "reopen":
        return statements.denying_text(ticket, receiver, language, on_behalf_of=on_behalf_of)
    authority = bool(move.handoff and move.handoff.authority)
    return statements.opening_text(ticket, receiver, language, authority=authority,
                                   on_behalf_of=on_behalf_of)


def _complete(handoff: Handoff, step: Step, *, by: Person, now: datetime) -> None:
    """All have signed: the ticket changes hands."""
    ticket, taker = handoff.ticket, handoff.taker
    assert taker is not None
    move = move_of(ticket, handoff.move)
    workflow = engine_for(ticket).workflow
    sealed = Sealed()
    content = {
        "offer": handoff.seq, "move": move.name, "source": step.source, "target": step.target,
        "final": int(workflow.states[step.target].is_final), "effects": list(step.effects),
        "holder": taker.ref,
        "department": f"department:{taker.department_id}" if taker.department_id else "",
        "originator": taker.ref if _becomes_originator(ticket, step, taker) else "",
        "mender": ticket.holder.ref if "mended" in step.effects else "",
        "authority": int(handoff.by_authority), "next_step": sealed(handoff.next_step),
        "fields": sealed_fields(move, handoff.fields, sealed), "signatures": [],
    }
    append(ticket, "handoff_accepted", content, sealed, by=by, now=now, act=handoff)
    if "promise" in step.effects and handoff.next_step_by is not None:
        promise_on_taking(ticket, handoff.next_step_by, handoff.next_step, by=taker, now=now)
    drop_timers(ticket, f"offer:{handoff.seq}")
    if step.source != step.target:
        drop_timers(ticket, f"state:{step.source}")
        set_timers(ticket, engine_for(ticket).timers(step.target), f"state:{step.target}", now,
                   now=now)


def _becomes_originator(ticket: Ticket, step: Step, taker: Person) -> bool:
    """Where the lifecycle wants the ticket with its originator, whoever takes it is that from then
    on: a colleague who takes over, a deputy in an absence. Who raised it stays on record."""
    state = engine_for(ticket).workflow.states[step.target]
    return state.holder_is == "originator" and taker.id != ticket.originator_id


def _parties(handoff: Handoff) -> dict[str, Person | None]:
    return {"giver": handoff.giver, "receiver": handoff.receiver, "witness": handoff.witness}


def _clear_the_way(ticket: Ticket, *, by: Person, now: datetime) -> None:
    """Taking by authority goes over an offer that nobody answers."""
    waiting = open_handoff(ticket)
    if waiting is not None and Role.DEPUTY in by.roles:
        _end(waiting, "handoff_withdrawn", "", by=by, now=now)


def _end(handoff: Handoff, kind: str, reason: str, *, by: Person | None, now: datetime,
         **more: str) -> Handoff:
    sealed = Sealed()
    content = {"offer": handoff.seq, "reason": sealed(reason.strip()), **more}
    append(handoff.ticket, kind, content, sealed, by=by, now=now, act=handoff)
    drop_timers(handoff.ticket, f"offer:{handoff.seq}")
    return handoff
