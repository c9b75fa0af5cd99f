"""A signed handover sheet: how far it has come; the receiver takes or leaves each line and signs
once, the witness signs once. Both may do so at one screen, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, redirect, render_template, request, url_for
from flask_babel import ngettext

from registry.core.db import atomic
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.core.words import N_
from registry.people.access import me, permitted
from registry.people.models import Person
from registry.people.signing import Signing, new_nonce
from registry.tickets import statements
from registry.tickets.acts import move_of
from registry.tickets.blueprint import bp
from registry.tickets.handoff_models import Handoff, HandoverSheet
from registry.tickets.sheet_forms import TypedSheet, waits_for_receiver, waits_for_witness
from registry.tickets.sheet_queries import handoffs_on, progress_of, sheet_by_id, signers_for
from registry.tickets.sheet_signing import by_place, proved
from registry.tickets.sheets import Answer, answer_sheet, witness_sheet

Shown = str | Response | tuple[str, int]


@bp.get("/sheets/<int:sheet_id>")
@permitted("see_registry")
def sheet(sheet_id: int) -> Shown:
    """The sheet: how far it has come, and what the receiver and the witness are asked."""
    return _page(found(sheet_by_id(sheet_id)), TypedSheet({}, fresh=True))


@bp.post("/sheets/<int:sheet_id>/answers")
@permitted("see_registry")
def sheet_answer(sheet_id: int) -> Shown:
    """The receiver takes lines or leaves them out, and signs once for those that are taken."""
    made, typed = found(sheet_by_id(sheet_id)), TypedSheet(request.form)
    answers = typed.answers(handoffs_on(made))
    taken = sum(each.take for each in answers)
    signing = proved(made.receiver, "receiver", f"{typed.nonce}r", needed=bool(taken))
    try:
        with atomic():
            refuse_if(_nothing_answered(answers), _not_at_own_screen(signing))
            answer_sheet(answers, by=signing.signer, signing=signing, now=utc_now())
    except Refused as error:
        return _page(found(sheet_by_id(sheet_id)), typed, error)
    flash_done(ngettext("%(num)d ticket is signed for.", "%(num)d tickets are signed for.", taken))
    return _go(sheet_id)


@bp.post("/sheets/<int:sheet_id>/witness")
@permitted("see_registry")
def sheet_witness(sheet_id: int) -> Shown:
    """The witness signs once for every line that asks for one."""
    made, typed = found(sheet_by_id(sheet_id)), TypedSheet(request.form)
    signing = proved(found(made.witness), "witness", f"{typed.nonce}w")
    handoffs = [each for each in handoffs_on(made) if waits_for_witness(each)]
    try:
        with atomic():
            refuse_if(None if handoffs else Reason("no_witness_asked", N_(
                "No witness's signature is awaited here.")))
            witness_sheet(handoffs, by=signing.signer, signing=signing, now=utc_now(),
                          shown_heads=typed.heads(handoffs))
    except Refused as error:
        return _page(found(sheet_by_id(sheet_id)), typed, error)
    flash_done(ngettext("You have witnessed the handing over of %(num)d ticket.",
                        "You have witnessed the handing over of %(num)d tickets.",
                        len(handoffs)))
    return _go(sheet_id)


def _page(made: HandoverSheet, typed: TypedSheet, refusal: Refused | None = None) -> Shown:
    """The sheet, with what was typed and every reason of a refusal."""
    now, handoffs = utc_now(), handoffs_on(made)
    takers = signers_for(made.receiver, me(), now=now)
    seers = signers_for(made.witness, me(), now=now) if made.witness else []
    reasons = refusal.reasons if refusal else ()
    html = render_template(
        "tickets/sheet.html", sheet=made, handoffs=handoffs, progress=progress_of(handoffs),
        to_answer=[each for each in handoffs if waits_for_receiver(each)],
        to_witness=[each for each in handoffs if waits_for_witness(each)], typed=typed,
        moves={each.id: move_of(each.ticket, each.move) for each in handoffs},
        nonce=new_nonce(), texts=_texts(made, handoffs, takers, seers), reasons=reasons,
        at=by_place(reasons), takers=takers, seers=seers)
    return (html, refusal.status) if refusal else html


def _texts(made: HandoverSheet, handoffs: Sequence[Handoff], takers: Sequence[Person],
           seers: Sequence[Person]) -> dict[str, dict[int, str]]:
    """What the receiver and the witness sign for each line; a deputy's name is said."""
    taken_for = _absent(made.receiver, takers)
    seen_for = _absent(made.witness, seers)
    return {
        "receiver": {each.ticket.number: statements.receiving_text(
            each.ticket, each.giver, language(), on_behalf_of=taken_for) for each in handoffs},
        "witness": {each.ticket.number: statements.witnessing_text(
            each.ticket, each.giver, each.receiver, language(), on_behalf_of=seen_for)
            for each in handoffs},
    }


def _absent(person: Person | None, signers: Sequence[Person]) -> Person | None:
    """The person, where somebody else signs first of all."""
    return person if person is not None and signers[0].id != person.id else None


def _nothing_answered(answers: Sequence[Answer]) -> Reason | None:
    return None if answers else Reason("nothing_answered", N_(
        "Say of at least one ticket whether you take it or leave it out."))


def _not_at_own_screen(signing: Signing) -> Reason | None:
    """At somebody else's screen nothing is answered without the password."""
    return signing.problem if signing.signer.id != me().id else None


def _go(sheet_id: int) -> Response:
    return redirect(url_for("tickets.sheet", sheet_id=sheet_id), 303)  # type: ignore[return-value]
