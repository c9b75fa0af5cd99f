"""Logging a problem, on a phone in the client's office: first at which client, then what was found.

The visitor then has the ticket in hand; its page says what comes next: hand it to an engineer.
"""

from __future__ import annotations

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.clients.models import Client
from registry.config import Settings
from registry.core.db import atomic, db
from registry.core.errors import Reason, Refused
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import me, permitted
from registry.tickets import rules
from registry.tickets.attachments import attach_files, upload_faults
from registry.tickets.blueprint import bp
from registry.tickets.filters import printable
from registry.tickets.log_forms import LogForm
from registry.tickets.service import Problem, log_ticket
from registry.tickets.typed_names import client_suggestions, clients_known_to

Answer = str | Response | tuple[str, int]


@bp.route("/tickets/new", methods=["GET", "POST"])
@permitted("log_ticket")
def new() -> Answer:
    """Choose the client, then write down what was found there."""
    if not request.args.get("client"):
        return _choose_client()
    client = found(db.session.get(Client, _number(request.args["client"])))
    form = LogForm()
    form.offer(client)
    if form.is_submitted():
        return _log(client, form)
    return _form_page(client, form, [])


def _choose_client() -> str:
    typed = printable(request.args.get("client_name", ""))[:200]
    offered = client_suggestions(typed, in_use=True) if typed else clients_known_to(me())
    return render_template("tickets/log_client.html", typed=typed, offered=offered)


def _log(client: Client, form: LogForm) -> Answer:
    """Log the ticket with its files in one transaction, or say everything that is in the way."""
    settings: Settings = current_app.config["SETTINGS"]
    now = utc_now()
    form.validate()
    try:
        with atomic():
            problem = form.problem(client)
            _refuse_unfit(form, problem, settings.attachment_limit)
            ticket = log_ticket(problem, by=me(), now=now)
            attach_files(ticket, form.files.uploads(), folder=settings.attachments_dir,
                         limit=settings.attachment_limit, by=me(), now=now)
            number = ticket.number
    except Refused as error:
        return _form_page(client, form, show_reasons(form, error)), 422
    flash_done(_("No. %(number)s is logged and in your hands. Hand it to an engineer next.",
                 number=number))
    return redirect(url_for("tickets.show", number=number), 303)  # type: ignore[return-value]


def _refuse_unfit(form: LogForm, problem: Problem, limit: int) -> None:
    """Raise Refused for what was written down and for the files at once, so that nobody mends one
    thing only to be told of the next. What could not be read as a number is said only once."""
    unreadable = bool(form.measured.errors)
    reasons = [each for each in (*rules.faults_of(problem),
                                 *upload_faults(form.files.uploads(), limit))
               if not (unreadable and each.field == "measured")]
    if reasons or unreadable:
        raise Refused(reasons)


def _form_page(client: Client, form: LogForm, reasons: list[Reason]) -> str:
    return render_template("tickets/log.html", client=client, form=form, reasons=reasons,
                           had_files=form.is_submitted() and bool(form.files.uploads()))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
