"""Pages for whoever looks after the installation: mails and what became of them, jobs, workers."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from registry.core.db import atomic, db
from registry.core.delivery import mail_of
from registry.core.errors import NotFound
from registry.core.mail import build
from registry.core.models import Job, Message, MessageState
from registry.core.smtp import MailRefused
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.people.access import me, permitted
from registry.reports import queries
from registry.reports.blueprint import bp
from registry.reports.figures import LONGEST_ID
from registry.reports.queries import PAGE
from registry.reports.service import do_again, send_again
from registry.reports.titles import job_titles, mail_titles

# A worker that has not been seen for so long is taken for ended.
SILENCE = timedelta(minutes=2)
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@bp.get("/reports/mail")
@permitted("see_mail")
def mail() -> str:
    """The mails: waiting, sent, refused, each with the server's answer."""
    state = _state(request.args.get("state", ""))
    before = request.args.get("before", "")
    is_key = before.isdecimal() and len(before) < LONGEST_ID
    rows = queries.messages_page(state, int(before) if is_key else None)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    now = utc_now()
    counts = queries.counts(now)
    return render_template(
        "reports/mail_list.html", rows=rows, state=state, states=MessageState, counts=counts,
        has_server=bool(current_app.config["SETTINGS"].smtp_url),
        worker_is_away=counts.seen_at is None or now - counts.seen_at > SILENCE,
        next_url=url_for("reports.mail", before=rows[-1].id,
                         state=state.value if state else None) if more else None)


@bp.get("/reports/mail/<int:message_id>")
@permitted("see_mail")
def message(message_id: int) -> str:
    """One mail: to whom, its text part, its attachments, what became of it."""
    return render_template("reports/message.html", mail_titles=mail_titles(),
                           message=found(db.session.get(Message, message_id)))


@bp.get("/reports/mail/<int:message_id>/html")
@permitted("see_mail")
def message_html(message_id: int) -> Response:
    """The HTML part alone, as a page that may run nothing and load nothing."""
    page = found(db.session.get(Message, message_id)).html
    if not page:
        raise NotFound()
    # Mail programs need the rules on the elements; our own policy allows only the one block.
    answer = Response(re.sub(r' style="[^"]*"', "", page), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {_hashes(page)}; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'; sandbox")
    return answer


@bp.get("/reports/mail/<int:message_id>.eml")
@permitted("see_mail")
def message_file(message_id: int) -> Response:
    """The whole mail as a file, as it would leave now, with its attachments."""
    row = found(db.session.get(Message, message_id))
    try:
        mail = build(mail_of(row), current_app.config["SETTINGS"], now=row.sent_at or utc_now())
    except MailRefused:
        raise NotFound(_("This mail has no address that it could be sent to.")) from None
    answer = Response(mail.as_bytes(), mimetype="message/rfc822")
    answer.headers["Content-Disposition"] = f"attachment; filename=mail-{message_id}.eml"
    return answer


@bp.post("/reports/mail/<int:message_id>/again")
@permitted("see_mail")
def message_again(message_id: int) -> AnyResponse:
    """Try a mail at once."""
    with atomic():
        send_again(found(db.session.get(Message, message_id)), by=me(), now=utc_now())
    flash_done(_("The worker will try this mail at once."))
    return redirect(url_for("reports.message", message_id=message_id), 303)


@bp.get("/reports/jobs")
@permitted("see_mail")
def jobs() -> str:
    """What the worker has before it, what failed, and when a worker was seen."""
    now = utc_now()
    counts = queries.counts(now)
    return render_template(
        "reports/jobs.html", counts=counts, look=queries.jobs_that_need_a_look(now),
        coming=queries.coming_jobs(now), job_titles=job_titles(),
        worker_is_away=counts.seen_at is None or now - counts.seen_at > SILENCE)


@bp.post("/reports/jobs/<int:job_id>/again")
@permitted("see_mail")
def job_again(job_id: int) -> AnyResponse:
    """Try a job at once."""
    with atomic():
        do_again(found(db.session.get(Job, job_id)), by=me(), now=utc_now())
    flash_done(_("The worker will try this job at once."))
    return redirect(url_for("reports.jobs"), 303)


def _state(text: str) -> MessageState | None:
    return next((state for state in MessageState if state.value == text), None)


def _hashes(page: str) -> str:
    """The style blocks that the policy lets through, each by its hash."""
    digests = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
               for style in STYLE.findall(page)]
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
