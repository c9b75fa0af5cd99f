"""Signing one after the other at one screen, or each at their own: who has signed, whose turn it is
here, and what pages ask to follow those who sign elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from registry.core.errors import Reason
from registry.core.languages import language
from registry.core.qr import qr_on_screen
from registry.core.security import key_number
from registry.core.settings import address_of
from registry.core.times import utc_now
from registry.core.web import found
from registry.people.access import me
from registry.people.queries import person_by_id
from registry.tickets import statements
from registry.tickets.act_forms import PasswordForm, SigningForm, filled, receiving_form
from registry.tickets.act_views import Answer, call_by_name, page_of_turns, settle, signing_of
from registry.tickets.acts import move_of
from registry.tickets.blueprint import bp
from registry.tickets.consequences import of_handoff
from registry.tickets.half_signed import missing_from, must_be_in_time
from registry.tickets.handoff_judging import must_be_open
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.handoff_views import after_signing, signing_page
from registry.tickets.handoffs import accept_handoff, witness_handoff
from registry.tickets.ticket_queries import handoff_by_id, handoff_followed
from registry.tickets.turns import NEXT, Board, Turn, board_of, turn_here


@bp.route("/handoffs/<int:handoff_id>/together", methods=["GET", "POST"])
def sign_together(handoff_id: int) -> Answer:
    """Who has signed, and the statement of whoever signs next at this screen."""
    handoff = found(handoff_by_id(handoff_id))
    is_sent = request.method == "POST"
    turn = turn_here(handoff, me(), part=request.args.get("part") or (NEXT if is_sent else ""),
                     signer=request.args.get("signer", ""), now=utc_now())
    if is_sent:
        return _sign(handoff, turn)
    if turn is None:
        return _standing_page(handoff)
    form = _form(handoff, turn)
    form.show(handoff.ticket)
    return _turn_page(handoff, turn, form, [])


@bp.get("/handoffs/<int:handoff_id>/signed")
def signed(handoff_id: int) -> Response:
    """The part of a page that tells who has signed, for a page that was made at ``head``; nothing
    (304) where the page shows just that. Asked every second or so by each page that follows."""
    handoff = found(handoff_followed(handoff_id))
    board = board_of(handoff, part=request.args.get("part", ""),
                     shown_head=request.args.get("head", ""), now=utc_now())
    if request.if_none_match.contains(board.mark):
        return Response(status=304)
    answer = make_response(render_template("tickets/_signed.html", board=board,
                                           changes=_changes(board)))
    answer.set_etag(board.mark)
    return answer


def _changes(board: Board) -> str:
    """What the signature of the page would change now; empty where it is not asked any more."""
    if not board.is_asked:
        return ""
    wanted = request.args.get("signer", type=key_number)
    signer = person_by_id(wanted) if wanted else None
    return of_handoff(board.handoff, board.part, signer or me())


def _sign(handoff: Handoff, turn: Turn | None) -> Answer:
    must_be_open(handoff)
    must_be_in_time(handoff, utc_now())
    assert turn is not None, "an open handoff waits for somebody"
    form = _form(handoff, turn)
    signing = signing_of(form, turn.signer)

    def sign() -> None:
        if turn.part == "witness":
            witness_handoff(handoff, by=turn.signer, signing=signing, now=utc_now())
            return
        own = filled(form, move_of(handoff.ticket, handoff.move), by_receiver=True)
        accept_handoff(handoff, next_step=own.get("next_step", ""), by=turn.signer,
                       next_step_by=own.get("next_step_by", ""), signing=signing, now=utc_now())

    return settle(form, sign, _("%(name)s has signed.", name=turn.signer.name), handoff.ticket,
                  lambda reasons: _again(handoff, turn, form, reasons),
                  onward=lambda: _onward(handoff))


def _again(handoff: Handoff, turn: Turn, form: SigningForm, reasons: list[Reason]) -> str:
    """The page of the turn, while it lasts; else how it stands, and why nothing was signed."""
    is_open = handoff.state is HandoffState.OFFERED
    if is_open and turn.part in {each.name for each in missing_from(handoff)}:
        return _turn_page(handoff, turn, form, reasons)
    return _standing_page(handoff, reasons)


def _onward(handoff: Handoff) -> str:
    """To whoever signs next, or to the ticket that has changed hands."""
    is_open = handoff.state is HandoffState.OFFERED
    return page_of_turns(handoff) if is_open else after_signing(handoff)


def _form(handoff: Handoff, turn: Turn) -> SigningForm:
    """The fields of the part, and the password of whoever signs."""
    form = (PasswordForm() if turn.part == "witness"
            else receiving_form(move_of(handoff.ticket, handoff.move)))
    call_by_name(form, turn.signer)
    return form


def _turn_page(handoff: Handoff, turn: Turn, form: SigningForm, reasons: list[Reason]) -> str:
    ticket = handoff.ticket
    text = (statements.receiving_text(ticket, handoff.giver, language(),
                                      on_behalf_of=turn.principal)
            if turn.part == "receiver" else
            statements.witnessing_text(ticket, handoff.giver, handoff.receiver, language(),
                                       on_behalf_of=turn.principal))
    page = address_of(f"/handoffs/{handoff.id}/together")
    return signing_page("tickets/together.html", handoff, form, reasons, turn.part, text,
                        signer=turn.signer, turn=turn, page=page, qr=qr_on_screen)


def _standing_page(handoff: Handoff, reasons: Sequence[Reason] = ()) -> str:
    return render_template("tickets/together.html", handoff=handoff, ticket=handoff.ticket,
                           form=None, reasons=reasons, turn=None, changes="",
                           board=board_of(handoff, now=utc_now()))
