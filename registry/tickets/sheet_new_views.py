"""Making a handover sheet: choose whom the tickets go to, then sign once for all its lines.

Nobody leaves with tickets in hand, so a sheet can be opened for an absent or departing person too;
but only the giver, or the deputy during an absence, signs it. Receiver and witness sign on the
sheet's own page afterwards, at the same screen or at their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Response, redirect, render_template, request, url_for
from flask_babel import ngettext

from registry.core.db import atomic, db
from registry.core.errors import Conflict, Forbidden, Reason, Refused, refuse_if
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.core.words import N_
from registry.people.access import all_signed, is_rehearsal, me, permitted, signing_by
from registry.people.models import Person
from registry.people.signing import new_nonce
from registry.tickets.acts import nothing_waits
from registry.tickets.blueprint import bp
from registry.tickets.handoff_models import HandoverSheet
from registry.tickets.handoffs import opening_statement
from registry.tickets.rehearsal import rehearsed
from registry.tickets.sheet_forms import TypedSheet, giver_fields, number_typed
from registry.tickets.sheet_opening import Reading, is_opening, leaves_of, states_between
from registry.tickets.sheet_queries import (
    MOST_LINES,
    InHand,
    LeftOut,
    Part,
    SheetLine,
    in_hand_of,
    lines_to,
    may_prepare,
    part_named,
    parts_of,
    receivers_of,
    signers_for,
    witnesses_of,
)
from registry.tickets.sheet_signing import among, by_place
from registry.tickets.sheets import PURPOSES, offer_sheet
from registry.tickets.ticket_queries import ticket_by_number

Answer = str | Response | tuple[str, int]
GONE = N_("Ticket No. %(number)s cannot go by this sheet any more. Look at what happened to it.")


@dataclass(frozen=True)
class Opening:
    """A sheet that is being made: who gives, who signs for the giver, what of it, to whom, before
    whom."""

    giver: Person
    signers: list[Person]
    signer: Person
    held: InHand
    part: Part | None
    receiver: Person | None
    witness: Person | None
    witnesses: list[Person]
    lines: list[SheetLine]
    left_out: list[LeftOut]
    purpose: str

    @property
    def needs_witness(self) -> bool:
        """Whether a line asks for one."""
        return any(line.needs_witness for line in self.lines)

    @property
    def is_complete(self) -> bool:
        """Whether the lines can be shown."""
        return self.receiver is not None and (self.witness is not None or not self.needs_witness)


@bp.route("/sheets/new", methods=["GET", "POST"])
@permitted("see_registry")
def sheet_new() -> Answer:
    """Make a sheet of what somebody has in hand: choose the receiver, then sign the lines."""
    now = utc_now()
    opening = _opened(now)
    if not opening.is_complete:
        return _choose(opening, now)
    if is_opening():
        return _lines_page(opening, TypedSheet(request.form), ())
    if request.method == "POST":
        return _sign(opening, TypedSheet(request.form), now)
    return _lines_page(opening, TypedSheet({}, fresh=True), ())


def _opened(now: datetime) -> Opening:
    """The sheet as the address describes it. Raises Forbidden and NotFound."""
    giver = _person(request.args.get("giver")) or me()
    if not may_prepare(giver, me(), now=now):
        raise Forbidden(N_("Sheets are made by whoever has the tickets in hand, the deputy during "
                           "an absence, and those who lead."))
    signers = signers_for(giver, me(), now=now)
    signer = among(signers, request.values.get("signer")) or signers[0]
    part = part_named(request.args.get("part", ""), giver)
    held = in_hand_of(giver, part)
    receiver = _person(request.args.get("receiver"))
    lines, left_out = (lines_to(receiver, held, signer=signer, now=now)
                       if receiver is not None else ([], []))
    witnesses = witnesses_of(lines, (giver, signer, *([receiver] if receiver else [])))
    purpose = request.args.get("purpose", "")
    return Opening(
        giver, signers, signer, held, part, receiver,
        among(witnesses, request.args.get("witness")),
        witnesses, lines, left_out, purpose if purpose in PURPOSES else PURPOSES[0])


def _choose(opening: Opening, now: datetime) -> str:
    people = receivers_of(opening.held, opening.giver, opening.signer, now=now)
    return render_template("tickets/sheet_choose.html", opening=opening, people=people,
                           parts=[] if opening.part else parts_of(opening.giver),
                           purposes=PURPOSES)


def _sign(opening: Opening, typed: TypedSheet, now: datetime) -> Answer:
    """Prove the signer, then call the verb for the lines that were opened."""
    receiver = opening.receiver
    assert receiver is not None
    lines, reading = typed.lines(opening.lines), _reading(opening, typed)
    against = [*_gone(opening, typed), *reading.unopened(line.ticket for line in lines)]
    signing = signing_by(opening.signer, request.form.get("password", ""), nonce=typed.nonce,
                         now=now, passkey="passkey")

    def make() -> HandoverSheet:
        refuse_if(*against, signing.problem if against else None)
        return offer_sheet(lines, receiver=receiver, witness=opening.witness, by=opening.signer,
                           purpose=opening.purpose, signing=signing, now=now)

    if is_rehearsal():
        return rehearsed(make, [line.ticket for line in lines])
    try:
        with atomic():
            sheet_id = make().id
            all_signed()
    except Refused as error:
        return _refused(typed, error, now)
    flash_done(ngettext("Signed. %(num)d ticket is offered to %(name)s and stays where it is until "
                        "they sign.", "Signed. %(num)d tickets are offered to %(name)s and stay "
                        "where they are until they sign.", len(lines), name=receiver.name))
    return redirect(url_for("tickets.sheet", sheet_id=sheet_id), 303)  # type: ignore[return-value]


def _refused(typed: TypedSheet, error: Refused, now: datetime) -> Answer:
    """The lines as they stand now, with what was typed and why nothing was signed."""
    if error.status not in (Refused.status, Conflict.status):
        raise error
    again = _opened(now)
    if not again.is_complete:  # the one who was chosen cannot be any more
        raise error
    return _lines_page(again, typed, error.reasons), error.status


def _gone(opening: Opening, typed: TypedSheet) -> Iterator[Reason]:
    """Tickets that the giver put on the sheet and that cannot go on it any more: another sheet may
    have them, or another person."""
    gone = sorted(typed.numbers_put - {line.ticket.number for line in opening.lines})
    for number in gone[:MOST_LINES]:
        ticket = ticket_by_number(number)
        waits = nothing_waits(ticket) if ticket is not None else None
        yield (replace(waits, field=f"line-{number}") if waits is not None else
               Reason("line_gone", GONE, {"number": number}, f"line-{number}"))


def _reading(opening: Opening, typed: TypedSheet) -> Reading:
    """What the giver signs for each line, and which lines the form says were opened."""
    assert opening.receiver is not None
    principal = opening.giver if opening.signer.id != opening.giver.id else None
    return Reading("giver", {line.ticket.number: opening_statement(
        line.ticket, line.move, opening.receiver, language(), on_behalf_of=principal)
        for line in opening.lines}, typed)


def _lines_page(opening: Opening, typed: TypedSheet, reasons: tuple[Reason, ...]) -> str:
    numbers = [line.ticket.number for line in opening.lines]
    leaves = leaves_of(_reading(opening, typed), [line.ticket for line in opening.lines],
                       filter(typed.puts, numbers))
    return render_template(
        "tickets/sheet_new.html", opening=opening, typed=typed, nonce=new_nonce(),
        leaves=leaves, reasons=reasons, at=by_place(reasons), giver_fields=giver_fields,
        states_between=states_between)


def _person(wanted: str | None) -> Person | None:
    """The person by the id in the address; NotFound where there is none of that id."""
    if not wanted:
        return None
    return found(db.session.get(Person, number_typed(wanted)))
