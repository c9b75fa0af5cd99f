"""Handover sheets: many tickets handed over at once, signed one after the other on one screen.

Every ticket is shown and may be left out; each gets its own handoff, statement and entries. An
absence or a departure hands everything over by a sheet: nobody leaves with tickets in hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.people.models import Person
from registry.people.signing import Signing
from registry.tickets.acts import engine_for
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff, HandoverSheet
from registry.tickets.handoffs import (
    accept_handoff,
    decline_handoff,
    offer_handoff,
    witness_handoff,
)
from registry.tickets.lifecycles import facts_of
from registry.tickets.models import Ticket
from workflows import Act, Choice, Party, stands_in_any

PURPOSES = ("work", "absence", "departure", "visit")


@dataclass(frozen=True)
class Line:
    """One ticket on a sheet: by which move it goes, and the giver's fields of that move."""

    ticket: Ticket
    move: str
    fields: Mapping[str, str] = field(default_factory=dict)
    shown_head: str = ""
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """The receiver's answer to one line: taken with a next step and a date, or left out."""

    handoff: Handoff
    take: bool
    next_step: str = ""
    next_step_by: str = ""
    shown_head: str = ""
    reason: str = ""


def ways_on(ticket: Ticket, giver: Party, *, now: datetime) -> list[Choice]:
    """The moves by which ``giver`` may hand the ticket to somebody now.

    The lifecycle's own steps come first; handing over to a colleague is the last resort.
    """
    act = Act(by=giver, now=now, facts=facts_of(ticket))
    return [choice for choice in engine_for(ticket).moves(ticket.state, act)
            if choice.allowed and choice.handoff is not None and not choice.handoff.authority]


def way_to(taker: Party, ways: Iterable[Choice]) -> str | None:
    """The first of the moves that leads to ``taker``; None where none does."""
    return next((way.name for way in ways
                 if way.handoff is not None and stands_in_any(taker, way.handoff.to)), None)


def offer_sheet(
    lines: Iterable[Line], *, receiver: Person, witness: Person | None, purpose: str, by: Person,
    signing: Signing, now: datetime,
) -> HandoverSheet:
    """Offer every line to ``receiver``; the giver's one proof signs each with its own statement.

    Raises Refused with the reasons of every line, each naming its ticket; then nothing is offered.
    """
    lines = list(lines)
    if not lines:
        raise Refused(Reason("sheet_empty", N_("Choose at least one ticket for the sheet.")))
    sheet = HandoverSheet(giver_id=lines[0].ticket.holder_id, receiver_id=receiver.id,
                          witness_id=witness.id if witness else None, purpose=purpose,
                          created_at=now)
    db.session.add(sheet)
    db.session.flush()
    reasons = _Reasons()
    for line in lines:
        asks = engine_for(line.ticket).workflow.moves[line.move].handoff
        named = witness if asks is not None and asks.witness else None
        with reasons.of(line.ticket):
            offer_handoff(line.ticket,
                          Offer(line.move, receiver, named, line.note, line.fields), by=by,
                          signing=_own(signing, line.ticket, line.shown_head), now=now,
                          sheet=sheet)
    reasons.refuse()
    return sheet


def answer_sheet(
    answers: Iterable[Answer], *, by: Person, signing: Signing, now: datetime
) -> None:
    """Sign as the receiver for each line that is taken; decline the others, with the reason."""
    reasons = _Reasons()
    for answer in answers:
        with reasons.of(answer.handoff.ticket):
            if answer.take:
                accept_handoff(answer.handoff, next_step=answer.next_step,
                               next_step_by=answer.next_step_by, by=by, now=now,
                               signing=_own(signing, answer.handoff.ticket,
                                            answer.shown_head))
            else:
                decline_handoff(answer.handoff, reason=answer.reason, by=by, now=now)
    reasons.refuse()


def witness_sheet(
    handoffs: Iterable[Handoff], *, by: Person, signing: Signing, now: datetime,
    shown_heads: Mapping[int, str] | None = None,
) -> None:
    """Sign as the witness of each line that asks for one (``shown_heads`` by handoff id)."""
    reasons = _Reasons()
    for handoff in handoffs:
        with reasons.of(handoff.ticket):
            head = (shown_heads or {}).get(handoff.id, "")
            witness_handoff(handoff, by=by, signing=_own(signing, handoff.ticket, head),
                            now=now)
    reasons.refuse()


def _own(signing: Signing, ticket: Ticket, shown_head: str) -> Signing:
    """The same proof for one line: a nonce and a head of its own."""
    return replace(signing, nonce=f"{signing.nonce}-{ticket.number}", shown_head=shown_head)


class _Reasons:
    """Collects the refusals of many lines into one that names each ticket."""

    def __init__(self) -> None:
        self.found: list[Reason] = []

    @contextmanager
    def of(self, ticket: Ticket) -> Iterator[None]:
        """Keep the reasons against one line and go on with the next."""
        try:
            yield
        except Refused as error:
            if error.status != Refused.status:
                raise
            self.found += [_of_line(each, ticket.number) for each in error.reasons]

    def refuse(self) -> None:
        """Raise Refused where any line was refused; one wrong password is said once."""
        unique = {(each.code, each.field): each for each in self.found}
        if unique:
            raise Refused(unique.values())


def _of_line(reason: Reason, number: int) -> Reason:
    if reason.field is not None and reason.field.endswith(("password", "passkey")):
        return reason
    return Reason(reason.code, reason.text, reason.params, f"{reason.field or 'line'}-{number}")
