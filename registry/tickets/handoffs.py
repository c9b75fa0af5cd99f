"""Handoffs: a ticket changes hands only when giver, receiver and, where asked, witness signed.

*Offered* by the giver, then *accepted* (with one line in the receiver's own words: what I do
next, and by when), *declined* with a reason, or *withdrawn*. The holder changes at the last
signature of the acceptance and at no other moment (the domain, 1.4; the design, 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

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
from registry.tickets.handoff_models import Handoff, HandoffState, HandoverSheet
from registry.tickets.lifecycles import facts_of, party, party_now
from registry.tickets.models import Ticket
from registry.tickets.promises import promise_on_taking
from workflows import Act, Move, SignatureNeed, Signed, Step


@dataclass(frozen=True)
class Offer:
    """What the giver says when offering. ``fields`` are the move's own, dates in ISO 8601."""

    move: str
    receiver: Person | None
    witness: Person | None = None
    note: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


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
    need = opening_need(move)
    act = _opening_act(ticket, move, offer, by, now)
    judged(lambda: engine_for(ticket).offer(ticket.state, move.name, act),
           nothing_waits(ticket), signing.problem, _is_here(offer.receiver),
           _witness_named(move, offer))
    assert offer.receiver is not None
    principal = None if authority else stand_for(by, ticket.holder, now)
    signature = sign_act(
        signing, need, move.name, ticket,
        opening_statement(ticket, move, offer.receiver, signing.language, on_behalf_of=principal),
        {"giver": ticket.holder, "receiver": offer.receiver, "witness": offer.witness},
        now=now, on_behalf_of=principal)
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
    _must_be_open(handoff)
    principal = stand_for(by, handoff.receiver, now)
    if handoff.receiver_signed_at is not None:
        raise Refused(Reason("signed_already", N_("The receiver has signed already; the witness "
                                                  "has not.")))
    move = move_of(ticket, handoff.move)
    need = need_of(move, "receiver")
    assert need is not None
    own = {"next_step": next_step.strip(), "next_step_by": next_step_by}
    act = _completing_act(handoff, move, own, by, now)
    step = judged(lambda: engine_for(ticket).fire(ticket.state, move.name, act), signing.problem)
    signature = sign_act(
        signing, need, move.name, ticket,
        statements.receiving_text(ticket, handoff.giver, signing.language, on_behalf_of=principal),
        _parties(handoff), now=now, on_behalf_of=principal)
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
    _must_be_open(handoff)
    if handoff.witness is None or handoff.witness_signed_at is not None:
        raise Refused(Reason("no_witness_asked", N_("No witness's signature is awaited here.")))
    principal = stand_for(by, handoff.witness, now)
    move = move_of(ticket, handoff.move)
    need = need_of(move, "witness")
    assert need is not None
    refuse_if(signing.problem, _third_person(handoff, by))
    signature = sign_act(
        signing, need, move.name, ticket,
        statements.witnessing_text(ticket, handoff.giver, handoff.receiver, signing.language,
                                   on_behalf_of=principal),
        _parties(handoff), now=now, on_behalf_of=principal)
    content = {"offer": handoff.seq, "as": "witness", "signatures": [in_entry(signature)]}
    append(ticket, "handoff_signed", content, Sealed(), by=by, now=now, act=handoff)
    if handoff.taker is not None:
        own = {"next_step": handoff.next_step, "next_step_by": iso(handoff.next_step_by)}
        act = _completing_act(handoff, move, own, handoff.taker, now)
        step = judged(lambda: engine_for(ticket).fire(ticket.state, move.name, act))
        _complete(handoff, step, by=by, now=now)
    return handoff


def decline_handoff(handoff: Handoff, *, reason: str, by: Person, now: datetime) -> Handoff:
    """Refuse to take the ticket; it stays with the giver, who is told why."""
    ticket_then(handoff)
    _must_be_open(handoff)
    stand_for(by, handoff.receiver, now)
    refuse_if(None if reason.strip() else Reason(
        "reason_missing", N_("Give the reason in your own words."), field="reason"))
    return _end(handoff, "handoff_declined", reason, by=by, now=now)


def withdraw_handoff(handoff: Handoff, *, reason: str = "", by: Person, now: datetime) -> Handoff:
    """Take the offer back; nothing has changed hands. The giver, or whoever offered by authority,
    or the giver's deputy during an absence may do it."""
    ticket_then(handoff)
    _must_be_open(handoff)
    if by.id != handoff.offered_by_id:
        stand_for(by, handoff.giver, now)
    return _end(handoff, "handoff_withdrawn", reason, by=by, now=now)


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
        "originator": taker.ref if step.succeeds == "originator" else "",
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


def _opening_act(ticket: Ticket, move: Move, offer: Offer, by: Person, now: datetime) -> Act:
    opener = party_now(by, ticket, now)
    opening = opening_need(move)
    return Act(
        by=opener, now=now, fields={name: value for name, value in offer.fields.items() if value},
        reason=offer.note if move.reason != "off" else "",
        giver=party_now(ticket.holder, ticket, now) if by.id != ticket.holder_id else None,
        receiver=party_now(offer.receiver, ticket, now) if offer.receiver else None,
        witness=party_now(offer.witness, ticket, now) if offer.witness else None,
        signatures=(Signed(opener, opening.by, opening.meaning),), facts=facts_of(ticket))


def _completing_act(handoff: Handoff, move: Move, own: Mapping[str, str], taker: Person,
                    now: datetime) -> Act:
    """The act with all its signatures, as it will stand when the last has been given.

    Whoever offered did so rightly at that time; that an absence has ended since undoes nothing.
    """
    ticket = handoff.ticket
    opener = party(handoff.offered_by, ticket, [handoff.giver])
    parties = {"receiver": party_now(taker, ticket, now)}
    if handoff.witness is not None:
        parties["witness"] = party_now(handoff.witness, ticket, now)
    signatures = tuple(Signed(parties.get(need.by, opener), need.by, need.meaning)
                       for need in move.signatures)
    fields = {**handoff.fields, **own}
    asked = {each.name for each in move.fields}
    return Act(
        by=opener, now=now, fields={name: value for name, value in fields.items()
                                    if value and name in asked},
        reason=handoff.note if move.reason != "off" else "", receiver=parties["receiver"],
        giver=party(handoff.giver, ticket) if handoff.offered_by_id != handoff.giver_id else None,
        witness=parties.get("witness"), signatures=signatures, facts=facts_of(ticket))


def opening_need(move: Move) -> SignatureNeed:
    """The signature with which the move is begun."""
    return next(need for need in move.signatures if need.opening)


def _parties(handoff: Handoff) -> dict[str, Person | None]:
    return {"giver": handoff.giver, "receiver": handoff.receiver, "witness": handoff.witness}


def _must_be_open(handoff: Handoff) -> None:
    if handoff.state is not HandoffState.OFFERED:
        raise Conflict(N_("This handoff of ticket No. %(number)s has been answered already."),
                       number=handoff.ticket.number)


def _third_person(handoff: Handoff, by: Person) -> Reason | None:
    """Giver, receiver and witness are three different persons, also where a deputy signs."""
    if by.id in (handoff.offered_by_id, handoff.giver_id, handoff.receiver_id, handoff.taker_id):
        return Reason("witness_is_party", N_("The witness must be a third person, neither giver "
                                             "nor receiver."), field="password")
    return None


def _witness_named(move: Move, offer: Offer) -> Reason | None:
    """Where the lifecycle asks for a witness, one is named when offering."""
    if move.handoff is not None and move.handoff.witness and offer.witness is None:
        return Reason("witness_missing", N_("Choose the witness in whose presence it is handed "
                                            "over."), field="witness")
    return None


def _is_here(receiver: Person | None) -> Reason | None:
    if receiver is not None and not receiver.is_active:
        return Reason("receiver_left", N_("%(name)s does not work here any more. Choose somebody "
                                          "else."), {"name": receiver.name}, "receiver")
    return None


def _clear_the_way(ticket: Ticket, *, by: Person, now: datetime) -> None:
    """Taking by authority goes over an offer that nobody answers."""
    waiting = open_handoff(ticket)
    if waiting is not None and Role.DEPUTY in by.roles:
        _end(waiting, "handoff_withdrawn", "", by=by, now=now)


def _end(handoff: Handoff, kind: str, reason: str, *, by: Person, now: datetime) -> Handoff:
    sealed = Sealed()
    content = {"offer": handoff.seq, "reason": sealed(reason.strip())}
    append(handoff.ticket, kind, content, sealed, by=by, now=now, act=handoff)
    drop_timers(handoff.ticket, f"offer:{handoff.seq}")
    return handoff
