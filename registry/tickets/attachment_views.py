"""Files of a ticket: adding them, and taking them away. A download never runs in the page."""

from __future__ import annotations

from flask import Response, current_app, redirect, render_template, send_file, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm

from registry.config import Settings
from registry.core.db import atomic, db
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.times import utc_now
from registry.core.web import as_download, flash_done, found, show_reasons
from registry.core.words import N_
from registry.people.access import me, permitted
from registry.tickets.attachments import attach_files, path_of
from registry.tickets.blueprint import bp
from registry.tickets.log_forms import ACCEPTED, FilesField
from registry.tickets.models import Attachment, Ticket
from registry.tickets.ticket_queries import ticket_by_number


class AttachForm(FlaskForm):
    """Files for a ticket that is there already."""

    files = FilesField(_l("Photos and files"), render_kw={"accept": ACCEPTED, "multiple": True,
                                                          "required": True})


@bp.route("/tickets/<int:number>/files", methods=["GET", "POST"])
@permitted("attach_file")
def attach(number: int) -> str | Response | tuple[str, int]:
    """Add files to the ticket."""
    ticket, form = found(ticket_by_number(number)), AttachForm()
    if not form.is_submitted():
        return _attach_page(ticket, form, [])
    settings: Settings = current_app.config["SETTINGS"]
    uploads = form.files.uploads()
    try:
        with atomic():
            refuse_if(None if uploads else Reason(
                "no_file", N_("Choose at least one file."), field="files"))
            attach_files(ticket, uploads, folder=settings.attachments_dir,
                         limit=settings.attachment_limit, by=me(), now=utc_now())
    except Refused as error:
        if error.status == 409:
            raise
        return _attach_page(ticket, form, show_reasons(form, error)), 422
    flash_done(ngettext("%(num)d file is attached.", "%(num)d files are attached.", len(uploads)))
    return redirect(url_for("tickets.show", number=number), 303)  # type: ignore[return-value]


@bp.get("/attachments/<int:attachment_id>")
@permitted("see_registry")
def attachment(attachment_id: int) -> Response:
    """The file, always to be saved: whatever it holds, the browser neither shows nor runs it."""
    kept = found(db.session.get(Attachment, attachment_id))
    settings: Settings = current_app.config["SETTINGS"]
    answer = send_file(path_of(kept, settings.attachments_dir), mimetype=kept.media_type,
                       as_attachment=True, download_name=kept.name, etag=kept.digest, max_age=0)
    return as_download(answer)


def _attach_page(ticket: Ticket, form: AttachForm, reasons: list[Reason]) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return render_template("tickets/attach.html", ticket=ticket, form=form, reasons=reasons,
                           limit=settings.attachment_limit // (1024 * 1024))
