"""The page of one ticket: what is wrong, in whose hands, since when, promised when, what do I
tell the client? Then the acts that the reader may begin, and the history."""

from __future__ import annotations

from flask import Response, redirect, render_template, url_for

from registry.core.calendar import company_calendar
from registry.core.db import atomic
from registry.core.errors import Refused
from registry.core.languages import language
from registry.core.times import to_local_input, utc_now
from registry.core.web import found, show_reasons
from registry.people.access import me
from registry.tickets import rules
from registry.tickets.acts import engine_for
from registry.tickets.blueprint import bp
from registry.tickets.history import history_of
from registry.tickets.promises import change_promise
from registry.tickets.ticket_forms import PromiseForm
from registry.tickets.ticket_queries import (
    absent_for,
    attachments_of,
    choices_for,
    given_by_holder,
    may_check,
    promises_of,
    sentence_for_client,
    ticket_by_number,
    waiting_on,
)

# Moves that are made seldom and wait behind "More".
SELDOM = ("hand_over", "take_by_authority", "cancel", "hold")


@bp.get("/tickets/<int:number>")
def show(number: int) -> str:
    """The ticket."""
    now = utc_now()
    ticket = found(ticket_by_number(number))
    absent = absent_for(me(), now=now)
    waiting = waiting_on(ticket, me(), absent, now=now)
    state = engine_for(ticket).workflow.states[ticket.state]
    choices = choices_for(ticket, me(), absent, now=now)
    first, more = rules.by_likelihood(choices, SELDOM)
    mine = ticket.is_open and ticket.holder_id in {me().id, *(each.id for each in absent)}
    return render_template(
        "tickets/show.html", ticket=ticket, state=state, state_title=state.title.said(language()),
        waiting=waiting, choices=choices, first_choices=[] if waiting.any else first,
        more_choices=[each for each in choices if each.handoff and each.handoff.authority]
        if waiting.any else more, may_promise=mine and rules.has_promise(ticket),
        may_check=may_check(ticket, me(), absent), is_mine=mine,
        at_this_screen=[] if mine or waiting.any else given_by_holder(ticket, now=now),
        is_late=rules.is_late(ticket, now),
        history=history_of(ticket, company_calendar(), now=now),
        attachments=attachments_of(ticket), promises=promises_of(ticket),
        for_client=sentence_for_client(ticket, now=now))


@bp.route("/tickets/<int:number>/promise", methods=["GET", "POST"])
def promise(number: int) -> str | Response | tuple[str, int]:
    """Change the promised date, with the reason."""
    ticket = found(ticket_by_number(number))
    form = PromiseForm()
    reasons = []
    if form.is_submitted() and form.validate():
        try:
            with atomic():
                change_promise(ticket, form.promised_at.data, reason=form.reason.data or "",
                               client_told=form.client_told.data, by=me(), now=utc_now())
            return redirect(url_for("tickets.show", number=number), 303)  # type: ignore[return-value]
        except Refused as error:
            reasons = show_reasons(form, error)
    elif not form.is_submitted():
        form.promised_at.typed = to_local_input(ticket.promised_at)
    page = render_template("tickets/promise.html", form=form, ticket=ticket, reasons=reasons)
    return (page, 422) if form.is_submitted() else page
