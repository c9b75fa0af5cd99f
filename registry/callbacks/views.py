"""The call-back list and the page on which a control call is written down and signed."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.callbacks.forms import CheckForm
from registry.callbacks.queries import PAGE, calls_about, calls_owed, stand_ins_for
from registry.callbacks.service import Found, mender_of, record_check
from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.languages import language
from registry.core.security import key_number
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.people.access import all_signed, is_rehearsal, me
from registry.people.models import Person
from registry.tickets import statements
from registry.tickets.act_views import Answer, signing_of, told_again
from registry.tickets.handoff_models import Handoff
from registry.tickets.lifecycles import principal_for
from registry.tickets.models import CheckResult, Ticket
from registry.tickets.rehearsal import rehearsed
from registry.tickets.ticket_queries import absent_for, may_check, ticket_by_number

bp = Blueprint("callbacks", __name__, template_folder="templates")


@bp.get("/call-backs")
def index() -> str:
    """Whom to call back: mine, or everybody's by ``?of=all``."""
    everybody = request.args.get("of") == "all"
    absent = absent_for(me(), now=utc_now())
    ids = None if everybody else [me().id, *(each.id for each in absent)]
    rows = calls_owed(ids, after=request.args.get("after", 0, type=key_number))
    return render_template("callbacks/index.html", rows=rows[:PAGE], more=len(rows) > PAGE,
                           everybody=everybody)


@bp.route("/tickets/<int:number>/check", methods=["GET", "POST"])
def check(number: int) -> Answer:
    """Write down what the client found, and sign it."""
    ticket = found(ticket_by_number(number))
    form = CheckForm()
    stand_ins = stand_ins_for(ticket, me())
    form.offer(stand_ins)
    if form.is_submitted():
        return _record(ticket, form, stand_ins)
    form.show(ticket)
    if ticket.contact is not None:
        form.contact_name.data = ticket.contact.name
    return _page(ticket, form, stand_ins, [])


def _record(ticket: Ticket, form: CheckForm, stand_ins: list[Person]) -> Answer:
    signing = signing_of(form, me())
    number = ticket.number
    result = form.result.data
    what = Found(CheckResult(result) if result in set(CheckResult) else None,
                 form.contact_name.data or "", form.note.data or "", bool(form.sure.data),
                 next((each for each in stand_ins if str(each.id) == form.receiver.data), None))

    def recorded() -> Handoff | None:
        return record_check(ticket, what, by=me(), signing=signing, now=utc_now())

    if is_rehearsal():
        return rehearsed(recorded, [ticket])
    try:
        with atomic():
            handoff = recorded()
            all_signed()
            done = (_("Ticket No. %(number)s is closed: the client confirmed.", number=number)
                    if handoff is None else
                    _("It is offered back to %(name)s.", name=handoff.receiver.name))
    except Refused as error:
        reasons = told_again(form, error)
        again = found(ticket_by_number(number))
        form.show(again)
        return _page(again, form, stand_ins, reasons), error.status
    flash_done(done)
    return redirect(url_for("tickets.show", number=number), 303)  # type: ignore[return-value]


def _page(
    ticket: Ticket, form: CheckForm, stand_ins: list[Person], reasons: list[Reason]
) -> str:
    """What is signed where it is gone, and where it is not, for each who could take it back."""
    now = utc_now()
    principal = principal_for(me(), ticket, "relation:originator", now)
    mender = mender_of(ticket)
    return render_template(
        "callbacks/check.html", ticket=ticket, form=form, reasons=reasons, mender=mender,
        allowed=may_check(ticket, me(), absent_for(me(), now=now)), calls=calls_about(ticket),
        asks_sure=bool(form.sure.errors) or bool(form.sure.data),
        gone_statement=statements.confirming_text(ticket, language(), on_behalf_of=principal),
        not_gone=[(each.name, statements.denying_text(ticket, each, language(),
                                                      on_behalf_of=principal))
                  for each in ([mender] if mender else stand_ins)])
