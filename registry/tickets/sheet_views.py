"""A signed handover sheet: how far it has come. Receiver and witness open the lines in turn and
sign once each, the receiver for those that are taken; both may do so at one screen."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import ngettext

from registry.core.db import atomic
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.languages import language
from registry.core.qr import qr_on_screen
from registry.core.settings import address_of
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.core.words import N_
from registry.people.access import all_signed, is_rehearsal, me, permitted
from registry.people.signing import Signing, new_nonce
from registry.tickets import statements
from registry.tickets.acts import move_of
from registry.tickets.blueprint import bp
from registry.tickets.handoff_models import Handoff, HandoverSheet
from registry.tickets.rehearsal import rehearsed
from registry.tickets.sheet_forms import (
    TypedSheet,
    giver_fields,
    waits_for_receiver,
    waits_for_witness,
)
from registry.tickets.sheet_opening import (
    Leaves,
    Reading,
    is_opening,
    leaves_of,
    states_between,
)
from registry.tickets.sheet_queries import (
    handoffs_on,
    mark_now,
    mark_of,
    progress_of,
    sheet_by_id,
)
from registry.tickets.sheet_signing import Asked, asked, by_place, proved
from registry.tickets.sheets import Answer, answer_sheet, witness_sheet

Shown = str | Response | tuple[str, int]


@bp.get("/sheets/<int:sheet_id>")
@permitted("see_registry")
def sheet(sheet_id: int) -> Shown:
    """The sheet: how far it has come, and what the receiver and the witness are asked."""
    return _page(found(sheet_by_id(sheet_id)), TypedSheet({}, fresh=True))


@bp.get("/sheets/<int:sheet_id>/signed")
@permitted("see_registry")
def sheet_signed(sheet_id: int) -> Response:
    """What a sheet's page tells of those who sign elsewhere; nothing (304) where it shows just
    that. Asked every second or so by each page that follows."""
    if request.if_none_match.contains(mark_now(sheet_id)):
        return Response(status=304)
    made = found(sheet_by_id(sheet_id))
    handoffs = handoffs_on(made)
    answer = make_response(render_template(
        "tickets/_sheet_signed.html", sheet=made, handoffs=handoffs,
        progress=progress_of(handoffs), is_news=True))
    answer.set_etag(mark_of(handoffs))
    return answer


@bp.post("/sheets/<int:sheet_id>/answers")
@permitted("see_registry")
def sheet_answer(sheet_id: int) -> Shown:
    """The receiver takes lines or leaves them out, and signs once for those that are taken."""
    made, typed = found(sheet_by_id(sheet_id)), TypedSheet(request.form)
    if is_opening():
        return _page(made, typed)
    handoffs = handoffs_on(made)
    answers = typed.answers(handoffs)
    taken = [each.handoff.ticket for each in answers if each.take]
    taker = asked("receiver", made.receiver)
    unopened = list(_reading(taker, handoffs, typed).unopened(taken))
    signing = proved(taker, f"{typed.nonce}r", needed=bool(taken))

    def answer() -> None:
        refuse_if(_nothing_answered(answers), _not_at_own_screen(signing), *unopened)
        answer_sheet(answers, by=signing.signer, signing=signing, now=utc_now())

    if is_rehearsal():
        return rehearsed(answer, [each.handoff.ticket for each in answers])
    try:
        with atomic():
            answer()
            all_signed()
    except Refused as error:
        return _page(found(sheet_by_id(sheet_id)), typed, error)
    flash_done(ngettext("%(num)d ticket is signed for.", "%(num)d tickets are signed for.",
                        len(taken)))
    return _go(sheet_id)


@bp.post("/sheets/<int:sheet_id>/witness")
@permitted("see_registry")
def sheet_witness(sheet_id: int) -> Shown:
    """The witness signs once for every line that asks for one."""
    made, typed = found(sheet_by_id(sheet_id)), TypedSheet(request.form)
    if is_opening():
        return _page(made, typed)
    seer = asked("witness", found(made.witness))
    signing = proved(seer, f"{typed.nonce}w")
    handoffs = [each for each in handoffs_on(made) if waits_for_witness(each)]
    unopened = list(_reading(seer, handoffs, typed).unopened(each.ticket for each in handoffs))

    def see() -> None:
        refuse_if(None if handoffs else Reason("no_witness_asked", N_(
            "No witness's signature is awaited here.")), *unopened,
            signing.problem if unopened else None)
        witness_sheet(handoffs, by=signing.signer, signing=signing, now=utc_now(),
                      shown_heads=typed.heads(handoffs))

    if is_rehearsal():
        return rehearsed(see, [each.ticket for each in handoffs])
    try:
        with atomic():
            see()
            all_signed()
    except Refused as error:
        return _page(found(sheet_by_id(sheet_id)), typed, error)
    flash_done(ngettext("You have witnessed the handing over of %(num)d ticket.",
                        "You have witnessed the handing over of %(num)d tickets.",
                        len(handoffs)))
    return _go(sheet_id)


def _page(made: HandoverSheet, typed: TypedSheet, refusal: Refused | None = None) -> Shown:
    """The sheet, with what was typed and every reason of a refusal."""
    handoffs = handoffs_on(made)
    taker = asked("receiver", made.receiver)
    seer = asked("witness", made.witness) if made.witness else None
    reasons = refusal.reasons if refusal else ()
    to_answer = [each for each in handoffs if waits_for_receiver(each)]
    to_witness = [each for each in handoffs if waits_for_witness(each)]
    html = render_template(
        "tickets/sheet.html", sheet=made, handoffs=handoffs, progress=progress_of(handoffs),
        mark=mark_of(handoffs), is_news=False, to_answer=to_answer, to_witness=to_witness,
        typed=typed, is_opening=is_opening(),
        moves={each.id: move_of(each.ticket, each.move) for each in handoffs}, given=_given,
        takes_up=_taking_up(to_answer, typed, taker),
        sees=_seeing(to_witness, typed, seer) if seer else None,
        states_between=states_between, nonce=new_nonce(), reasons=reasons, at=by_place(reasons),
        taker=taker, seer=seer, page=address_of(f"/sheets/{made.id}"), qr=qr_on_screen)
    return (html, refusal.status) if refusal else html


def _taking_up(handoffs: Sequence[Handoff], typed: TypedSheet, taker: Asked) -> Leaves:
    """The receiver's lines; those that are left out need not be opened."""
    reading = _reading(taker, handoffs, typed)
    return leaves_of(reading, [each.ticket for each in handoffs], [
        number for number in reading.texts if typed.value("answer", number) != "leave"])


def _seeing(handoffs: Sequence[Handoff], typed: TypedSheet, seer: Asked) -> Leaves:
    """The witness's lines."""
    reading = _reading(seer, handoffs, typed)
    return leaves_of(reading, [each.ticket for each in handoffs], reading.texts)


def _reading(who: Asked, handoffs: Sequence[Handoff], typed: TypedSheet) -> Reading:
    """What the receiver or the witness signs for each line; a deputy says for whom."""
    return Reading(who.part, {each.ticket.number: _text(who, each) for each in handoffs}, typed)


def _text(who: Asked, handoff: Handoff) -> str:
    if who.part == "receiver":
        return statements.receiving_text(handoff.ticket, handoff.giver, language(),
                                         on_behalf_of=who.principal)
    return statements.witnessing_text(handoff.ticket, handoff.giver, handoff.receiver, language(),
                                      on_behalf_of=who.principal)


def _given(handoff: Handoff) -> dict[str, str]:
    """What the giver filled in, by the title of the field."""
    move = move_of(handoff.ticket, handoff.move)
    return {each.title.said(language()): str(handoff.fields[each.name])
            for each in giver_fields(move) if handoff.fields.get(each.name)}


def _nothing_answered(answers: Sequence[Answer]) -> Reason | None:
    return None if answers else Reason("nothing_answered", N_(
        "Say of at least one ticket whether you take it or leave it out."))


def _not_at_own_screen(signing: Signing) -> Reason | None:
    """At somebody else's screen nothing is answered without the password."""
    return signing.problem if signing.signer.id != me().id else None


def _go(sheet_id: int) -> Response:
    return redirect(url_for("tickets.sheet", sheet_id=sheet_id), 303)  # type: ignore[return-value]
