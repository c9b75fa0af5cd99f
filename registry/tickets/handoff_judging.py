"""What an offer or an acceptance is judged by: the act as the engine sees it, and the conditions
that the lifecycle does not know (who is still here, whether it was answered already)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from registry.core.errors import Conflict, Reason
from registry.core.words import N_
from registry.people.absences import absent_persons_of
from registry.people.models import Person
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.lifecycles import facts_of, parties_now, party
from registry.tickets.models import Ticket
from registry.tickets.signed_entries import signatures_on
from workflows import PARTIES, Act, Move, SignatureNeed, Signed, stands_in_any


@dataclass(frozen=True)
class Offer:
    """What the giver says when offering. ``fields`` are the move's own, dates in ISO 8601;
    ``contact`` is who checked at the client's, where that is why it goes back."""

    move: str
    receiver: Person | None
    witness: Person | None = None
    note: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    contact: str = ""

    @property
    def own_words(self) -> dict[str, str]:
        """What the giver signs of it in the own words."""
        return {"contact": self.contact, **self.fields, "note": self.note.strip()}


def opening_act(ticket: Ticket, move: Move, offer: Offer, by: Person, now: datetime) -> Act:
    """The act as it is begun, signed by whoever begins it."""
    parties = parties_now((by, ticket.holder, offer.receiver, offer.witness), ticket, now)
    opener = parties[by.id]
    opening = opening_need(move)
    return Act(
        by=opener, now=now, fields={name: value for name, value in offer.fields.items() if value},
        reason=offer.note if move.reason != "off" else "",
        giver=parties[ticket.holder_id] if by.id != ticket.holder_id else None,
        receiver=parties[offer.receiver.id] if offer.receiver else None,
        witness=parties[offer.witness.id] if offer.witness else None,
        signatures=(Signed(opener, opening.by, opening.meaning),), facts=facts_of(ticket))


def completing_act(handoff: Handoff, move: Move, own: Mapping[str, str], taker: Person,
                    now: datetime) -> Act:
    """The act with all its signatures, as it will stand when the last has been given.

    Whoever offered did so rightly at that time; that an absence has ended since undoes nothing.
    """
    ticket = handoff.ticket
    opener = party(handoff.offered_by, ticket, [handoff.giver])
    now_here = parties_now((taker, handoff.witness), ticket, now)
    parties = {"receiver": now_here[taker.id]}
    if handoff.witness is not None:
        parties["witness"] = now_here[handoff.witness.id]
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


def opening_principal(ticket: Ticket, move: Move, by: Person, now: datetime) -> Person | None:
    """For whom ``by`` begins the move: None in the own right, as by authority; the absent person
    whose part ``by`` takes as a deputy. Pages show it, and verbs sign it."""
    opener = opening_need(move).by
    terms = move.may if opener in PARTIES else (opener,)
    if stands_in_any(party(by, ticket), terms):
        return None
    return next((each for each in absent_persons_of(by, now=now)
                 if stands_in_any(party(by, ticket, [each]), terms)), None)


def must_be_open(handoff: Handoff) -> None:
    """Raise Conflict where the handoff has been answered already."""
    if handoff.state is not HandoffState.OFFERED:
        raise Conflict(N_("This handoff of ticket No. %(number)s has been answered already."),
                       number=handoff.ticket.number)


def third_person(handoff: Handoff, by: Person) -> Reason | None:
    """Giver, receiver and witness are three different persons, also where a deputy signs."""
    if by.id in (handoff.offered_by_id, handoff.giver_id, handoff.receiver_id, handoff.taker_id):
        return Reason("witness_is_party", N_("The witness must be a third person, neither giver "
                                             "nor receiver."), field="password")
    return None


def not_the_witness(handoff: Handoff, by: Person) -> Reason | None:
    """Whoever has signed as the witness takes nothing: not even one deputy for two absent persons
    signs twice."""
    if handoff.witness_signed_at is None:
        return None
    seen = signatures_on(handoff).get("witness")
    if seen is not None and seen.signer_id == by.id:
        return Reason("witness_is_party", N_("The witness must be a third person, neither giver "
                                             "nor receiver."), field="password")
    return None


def witness_named(move: Move, offer: Offer) -> Reason | None:
    """Where the lifecycle asks for a witness, one is named when offering."""
    if move.handoff is not None and move.handoff.witness and offer.witness is None:
        return Reason("witness_missing", N_("Choose the witness in whose presence it is handed "
                                            "over."), field="witness")
    return None


def is_here(receiver: Person | None) -> Reason | None:
    """Why a person who has left receives nothing."""
    if receiver is not None and not receiver.is_active:
        return Reason("receiver_left", N_("%(name)s does not work here any more. Choose somebody "
                                          "else."), {"name": receiver.name}, "receiver")
    return None
