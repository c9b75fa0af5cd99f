"""Making a handover sheet: choose whom the tickets go to, then sign once for all its lines.

Nobody leaves with tickets in hand, so a sheet can be opened for an absent or departing person too;
but only the giver, or the deputy during an absence, signs it. All may sign at one screen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import ngettext

from registry.core.db import atomic, db
from registry.core.errors import Forbidden, Reason, Refused, refuse_if
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.core.words import N_
from registry.people.access import me, permitted, signing_by
from registry.people.models import Person
from registry.people.signing import new_nonce
from registry.tickets.blueprint import bp
from registry.tickets.handoffs import opening_statement
from registry.tickets.sheet_forms import TypedSheet, giver_fields
from registry.tickets.sheet_queries import (
    InHand,
    LeftOut,
    SheetLine,
    active_people,
    in_hand_of,
    lines_to,
    may_prepare,
    receivers_of,
    signers_for,
    witnesses_of,
)
from registry.tickets.sheet_signing import among, by_place, proved
from registry.tickets.sheets import PURPOSES, Together, hand_over_together, offer_sheet

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Opening:
    """A sheet that is being made: who gives, who signs for the giver, to whom, before whom."""

    giver: Person
    signers: list[Person]
    signer: Person
    held: InHand
    receiver: Person | None
    witness: Person | None
    witnesses: list[Person]
    lines: list[SheetLine]
    left_out: list[LeftOut]
    purpose: str
    together: bool

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
    held = in_hand_of(giver)
    receiver = _person(request.args.get("receiver"))
    lines, left_out = (lines_to(receiver, held, signer=signer, now=now)
                       if receiver is not None else ([], []))
    witnesses = witnesses_of(lines, (giver, signer, *([receiver] if receiver else [])))
    purpose = request.args.get("purpose", "")
    return Opening(
        giver, signers, signer, held, receiver, among(witnesses, request.args.get("witness")),
        witnesses, lines, left_out, purpose if purpose in PURPOSES else PURPOSES[0],
        together=request.args.get("together") == "1")


def _choose(opening: Opening, now: datetime) -> str:
    takers = receivers_of(opening.held, opening.giver, opening.signer, now=now)
    people = [(person, takers[person.id]) for person in active_people() if person.id in takers]
    return render_template("tickets/sheet_choose.html", opening=opening, people=people,
                           purposes=PURPOSES)


def _sign(opening: Opening, typed: TypedSheet, now: datetime) -> Answer:
    """Prove the signers, each with the own password, then call one verb in one transaction."""
    assert opening.receiver is not None
    lines = typed.lines(opening.lines)
    signing = signing_by(opening.signer, request.form.get("password", ""), nonce=typed.nonce,
                         now=now)
    said: dict[str, Any] = {
        "receiver": opening.receiver, "witness": opening.witness, "purpose": opening.purpose,
        "by": opening.signer, "signing": signing, "now": now}
    together = _together(opening, typed, now) if opening.together else None
    try:
        with atomic():
            refuse_if(*_gone(opening, typed))
            made = (offer_sheet(lines, **said) if together is None else hand_over_together(
                lines, together=replace(together, takings=typed.takings(lines)), **said))
            sheet_id = made.id
    except Refused as error:
        if error.status == 409:
            raise
        return _lines_page(_opened(now), typed, error.reasons), 422
    flash_done(_signed_sentence(len(lines), opening.receiver, together is not None))
    return redirect(url_for("tickets.sheet", sheet_id=sheet_id), 303)  # type: ignore[return-value]


def _together(opening: Opening, typed: TypedSheet, now: datetime) -> Together:
    assert opening.receiver is not None
    taking = proved(opening.receiver, "receiver", f"{typed.nonce}r")
    seeing = (proved(opening.witness, "witness", f"{typed.nonce}w")
              if opening.witness is not None and opening.needs_witness else None)
    return Together(taking.signer, taking, {}, seeing)


def _gone(opening: Opening, typed: TypedSheet) -> list[Reason]:
    """Tickets that the giver put on the sheet and that cannot go on it any more."""
    able = {line.ticket.number for line in opening.lines}
    sentence = N_("Ticket No. %(number)s cannot go by this sheet any more. Look at what happened "
                  "to it.")
    return [Reason("line_gone", sentence, {"number": number}, f"line-{number}")
            for number in sorted(typed.numbers_put - able)]


def _lines_page(opening: Opening, typed: TypedSheet, reasons: tuple[Reason, ...]) -> str:
    assert opening.receiver is not None
    principal = opening.giver if opening.signer.id != opening.giver.id else None
    texts = {line.ticket.number: opening_statement(
        line.ticket, line.move, opening.receiver, language(), on_behalf_of=principal)
        for line in opening.lines}
    now = utc_now()
    return render_template(
        "tickets/sheet_new.html", opening=opening, typed=typed, nonce=new_nonce(), texts=texts,
        reasons=reasons, at=by_place(reasons), giver_fields=giver_fields,
        takers=signers_for(opening.receiver, me(), now=now) if opening.together else [],
        seers=signers_for(opening.witness, me(), now=now)
        if opening.together and opening.witness else [])


def _signed_sentence(count: int, receiver: Person, together: bool) -> str:
    if together:
        return ngettext("Signed. %(num)d ticket has gone to %(name)s.",
                        "Signed. %(num)d tickets have gone to %(name)s.", count,
                        name=receiver.name)
    return ngettext("Signed. %(num)d ticket is offered to %(name)s and stays where it is until "
                    "they sign.", "Signed. %(num)d tickets are offered to %(name)s and stay where "
                    "they are until they sign.", count, name=receiver.name)


def _person(wanted: str | None) -> Person | None:
    """The person by the id in the address; NotFound where there is none of that id."""
    if not wanted:
        return None
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else 0
    return found(db.session.get(Person, number))
