"""Answering what waits: accept, witness, decline or withdraw a handoff; sign or withdraw a
cancelling."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, redirect, render_template, url_for
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import me
from registry.people.models import Person
from registry.tickets import consequences, statements
from registry.tickets.act_forms import PasswordForm, ReasonForm, filled, receiving_form
from registry.tickets.act_views import Answer, settle, signing_of
from registry.tickets.acts import engine_for, move_of, second_of
from registry.tickets.blueprint import bp
from registry.tickets.handoff_models import Handoff, HandoffState, JointAct
from registry.tickets.handoffs import (
    accept_handoff,
    decline_handoff,
    withdraw_handoff,
    witness_handoff,
)
from registry.tickets.joint import (
    agree_to_cancelling,
    fields_of,
    joint_text,
    withdraw_cancelling,
)
from registry.tickets.lifecycles import principal_for
from registry.tickets.ticket_queries import absent_for, handoff_by_id, joint_act_by_id
from registry.tickets.turns import board_of


@bp.route("/handoffs/<int:handoff_id>/accept", methods=["GET", "POST"])
def accept(handoff_id: int) -> Answer:
    """Sign as the receiver, with one line in the own words."""
    handoff = found(handoff_by_id(handoff_id))
    if handoff.state is not HandoffState.OFFERED:
        return _too_late(handoff)
    ticket = handoff.ticket
    move = move_of(ticket, handoff.move)
    form = receiving_form(move)
    if form.is_submitted():
        signing = signing_of(form, me())
        own = filled(form, move, by_receiver=True)
        return settle(form, lambda: accept_handoff(
            handoff, next_step=own.get("next_step", ""),
            next_step_by=own.get("next_step_by", ""), by=me(), signing=signing, now=utc_now()),
            _done(handoff), ticket, lambda reasons: _still(handoff, _accept_page, form, reasons),
            onward=lambda: after_signing(handoff))
    form.show(ticket)
    return _accept_page(handoff, form, [])


@bp.route("/handoffs/<int:handoff_id>/witness", methods=["GET", "POST"])
def witness(handoff_id: int) -> Answer:
    """Sign as the witness."""
    handoff = found(handoff_by_id(handoff_id))
    if handoff.state is not HandoffState.OFFERED:
        return _too_late(handoff)
    form = PasswordForm()
    if form.is_submitted():
        signing = signing_of(form, me())
        return settle(form, lambda: witness_handoff(handoff, by=me(), signing=signing,
                                                    now=utc_now()),
                      _("You have witnessed the handing over."), handoff.ticket,
                      lambda reasons: _still(handoff, _witness_page, form, reasons),
                      onward=lambda: after_signing(handoff))
    form.show(handoff.ticket)
    return _witness_page(handoff, form, [])


@bp.route("/handoffs/<int:handoff_id>/decline", methods=["GET", "POST"])
def decline(handoff_id: int) -> Answer:
    """Refuse to take it, with the reason."""
    handoff = found(handoff_by_id(handoff_id))
    return _end(handoff, "decline", _("Declined. It stays in the hands of %(name)s.",
                                      name=handoff.giver.name))


@bp.route("/handoffs/<int:handoff_id>/withdraw", methods=["GET", "POST"])
def withdraw(handoff_id: int) -> Answer:
    """Take the offer back."""
    handoff = found(handoff_by_id(handoff_id))
    return _end(handoff, "withdraw", _("The offer is withdrawn."))


@bp.route("/joint/<int:joint_id>/agree", methods=["GET", "POST"])
def agree(joint_id: int) -> Answer:
    """Give the second signature."""
    joint = found(joint_act_by_id(joint_id))
    form = PasswordForm()
    if form.is_submitted():
        signing = signing_of(form, me())
        return settle(form, lambda: agree_to_cancelling(joint, by=me(), signing=signing,
                                                        now=utc_now()),
                      _("Signed: %(move)s.", move=_title(joint)),
                      joint.ticket, lambda reasons: _agree_page(joint, form, reasons))
    form.show(joint.ticket)
    return _agree_page(joint, form, [])


@bp.post("/joint/<int:joint_id>/withdraw")
def withdraw_joint(joint_id: int) -> Response:
    """Take back what was proposed."""
    joint = found(joint_act_by_id(joint_id))
    with atomic():
        withdraw_cancelling(joint, by=me(), now=utc_now())
    flash_done(_("Withdrawn: %(move)s.", move=_title(joint)))
    return redirect(url_for("tickets.show", number=joint.ticket.number), 303)  # type: ignore[return-value]


def _end(handoff: Handoff, how: str, done: str) -> Answer:
    form = ReasonForm()
    reasons: list[Reason] = []
    number = handoff.ticket.number
    if form.is_submitted() and form.validate():
        verb = decline_handoff if how == "decline" else withdraw_handoff
        try:
            with atomic():
                verb(handoff, reason=form.reason.data or "", by=me(), now=utc_now())
            flash_done(done)
            return redirect(url_for("tickets.show", number=number), 303)  # type: ignore[return-value]
        except Refused as error:
            if error.status == 409:
                raise
            reasons = show_reasons(form, error)
    page = render_template("tickets/end_handoff.html", handoff=handoff, ticket=handoff.ticket,
                           form=form, reasons=reasons, how=how)
    return (page, 422) if form.is_submitted() else page


def _too_late(handoff: Handoff) -> tuple[str, int]:
    """The offer was answered meanwhile: say how, and by whom."""
    return render_template("tickets/too_late.html", handoff=handoff, ticket=handoff.ticket), 409


def _still(handoff: Handoff, page: Callable[[Handoff, object, list[Reason]], str], form: object,
           reasons: list[Reason]) -> str:
    """The page once more, where there still is something to sign; else what has come of it."""
    is_open = handoff.state is HandoffState.OFFERED
    return page(handoff, form, reasons) if is_open else _too_late(handoff)[0]


def after_signing(handoff: Handoff) -> str:
    """Where a signature leads: to the ticket that has changed hands, or to the page that follows
    those who have not signed."""
    if handoff.state is HandoffState.OFFERED:
        return url_for("tickets.sign_together", handoff_id=handoff.id)
    return url_for("tickets.show", number=handoff.ticket.number)


def _accept_page(handoff: Handoff, form: object, reasons: list[Reason]) -> str:
    return signing_page("tickets/accept.html", handoff, form, reasons, "receiver",
                        statements.receiving_text(
                             handoff.ticket, handoff.giver, language(),
                             on_behalf_of=_absent(handoff.receiver)))


def _witness_page(handoff: Handoff, form: object, reasons: list[Reason]) -> str:
    return signing_page("tickets/witness.html", handoff, form, reasons, "witness",
                         statements.witnessing_text(
                             handoff.ticket, handoff.giver, handoff.receiver, language(),
                             on_behalf_of=_absent(handoff.witness)))


def signing_page(template: str, handoff: Handoff, form: object, reasons: list[Reason], part: str,
                 text: str, *, signer: Person | None = None, **more: object) -> str:
    """The page on which ``part`` signs the statement ``text``; ``signer`` where it is not whoever
    is signed in."""
    ticket = handoff.ticket
    move = move_of(ticket, handoff.move)
    need = next((each for each in move.signatures if each.by == part), None)
    meanings = engine_for(ticket).workflow.meanings
    titles = {each.name: each.title.said(language()) for each in move.fields}
    return render_template(template, handoff=handoff, ticket=ticket, move=move, form=form,
                           reasons=reasons, statement=text, titles=titles,
                           changes=consequences.of_handoff(handoff, part, signer or me()),
                           meaning=meanings[need.meaning].said(language()) if need else "",
                           board=board_of(handoff, part=part, now=utc_now()),
                           **{"turn": None, **more})


def _agree_page(joint: JointAct, form: object, reasons: list[Reason]) -> str:
    ticket = joint.ticket
    move = move_of(ticket, joint.move)
    second = second_of(joint)
    meaning = engine_for(ticket).workflow.meanings[second.meaning].said(language())
    principal = principal_for(me(), ticket, second.by, utc_now())
    return render_template("tickets/agree.html", joint=joint, ticket=ticket, title=_title(joint),
                           form=form, reasons=reasons, meaning=meaning,
                           written=statements.own_lines(move, fields_of(joint), language()),
                           changes=consequences.of_joint(joint),
                           statement=joint_text(ticket, move, language(), on_behalf_of=principal))


def _title(joint: JointAct) -> str:
    return move_of(joint.ticket, joint.move).title.said(language())


def _absent(person: Person | None) -> Person | None:
    """The person, where the reader stands in for them now."""
    if person is None or person.id == me().id:
        return None
    return next((each for each in absent_for(me(), now=utc_now()) if each.id == person.id), None)


def _done(handoff: Handoff) -> str:
    if handoff.witness_id is not None and handoff.witness_signed_at is None:
        return _("You have signed. The ticket is yours as soon as the witness has signed too.")
    return _("The ticket is in your hands.")
