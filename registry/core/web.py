"""What every page shares: filters, the reader's language, refusals as pages."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from registry.config import LANGUAGES
from registry.core import times
from registry.core.db import db
from registry.core.drawn import drawing, options
from registry.core.errors import NotFound, OutOfService, Reason, Refused
from registry.core.languages import language, say, say_reason
from registry.core.outage import AWAY, outage
from registry.core.security import local_path
from registry.core.small_lines import small_line
from registry.core.words import N_

bp = Blueprint("core", __name__)
T = TypeVar("T")
SEEN_FOR = 60 * 60 * 24 * 365

SOON = 60  # seconds after which it is worth asking again where something is out of service

SENTENCES = {
    400: N_("The page could not read what was sent. Go back, reload the page and try again."),
    403: N_("Your role does not allow this."),
    404: N_("There is no such page."),
    405: N_("This address does not take that kind of request."),
    409: N_("Somebody acted on this a moment before you."),
    413: N_("What was sent is too large. Send smaller files or fewer of them."),
    500: N_("Something broke on our side. Nothing of your act was kept; try again."),
    503: AWAY.text,
}


def init_web(app: Flask) -> None:
    """Filters, context, error pages."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        when=times.when, day=times.day_text, span=times.span_text, since=times.since_text,
        exact=times.exact_text, say_reason=say_reason, small_line=small_line,
        options=options)
    app.jinja_env.globals["drawing"] = drawing
    app.jinja_env.tests.update(past=times.is_past, near=times.is_near)
    app.context_processor(page_context)
    app.register_blueprint(bp)
    app.after_request(mark_seen)
    app.register_error_handler(Refused, refused_page)
    app.register_error_handler(CSRFError, stale_form_page)
    app.register_error_handler(HTTPException, http_page)
    for kind in (SQLAlchemyError, OSError):
        app.register_error_handler(kind, outage_page)
    app.register_error_handler(500, broken_page)


def page_context() -> dict[str, object]:
    """What every template may use."""
    # The person itself: every look through the proxy would ask the request again.
    user = current_user._get_current_object() if current_user else None
    person = user if user is not None and user.is_authenticated else None
    return {"current_person": person, "locale": language(), "now": times.utc_now()}


def mark_seen(response: Response) -> Response:
    """Whoever has seen a page has its style and script: the next one brings the face too."""
    if response.mimetype == "text/html" and "seen" not in request.cookies:
        response.set_cookie("seen", "1", max_age=SEEN_FOR, httponly=True, samesite="Lax",
                            secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


def error_page(status: int, reasons: list[str]) -> tuple[str, int]:
    """The one page for everything that did not work: why, what to do, and the request's id."""
    page = render_template("errors/error.html", status=status, reasons=reasons,
                           request_id=g.get("request_id", ""))
    return page, status


def refused_page(error: Refused) -> Response | tuple[str, int]:
    """A refusal that no form caught."""
    if isinstance(error, OutOfService):
        _ask_nothing_more()
    page, status = error_page(error.status, [say_reason(reason) for reason in error.reasons])
    if isinstance(error, OutOfService):
        return Response(page, status, {"Retry-After": str(SOON)})
    return page, status


def _ask_nothing_more() -> None:
    """Where the database is away the page must not ask it who is at the screen."""
    with suppress(SQLAlchemyError):
        db.session.rollback()
    current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]


def stale_form_page(_error: CSRFError) -> tuple[str, int]:
    """A form without its token: usually an old page after signing out."""
    return error_page(400, [say(N_("This form was opened too long ago or in another session. "
                                   "Go back, reload the page and send it again."))])


def http_page(error: HTTPException) -> tuple[str, int] | HTTPException:
    """Errors of the server itself; redirects pass."""
    status = error.code or 500
    if status < 400:
        return error
    return error_page(status, [say(SENTENCES.get(status, SENTENCES[400]))])


def outage_page(error: Exception) -> Response | tuple[str, int]:
    """Something outside does not work. Whatever else arrives here is a fault of ours."""
    found = outage(error)
    if found is None:
        raise error
    current_app.logger.warning("out of service: %s", type(error).__name__, exc_info=error)
    return refused_page(found)


def broken_page(_error: Exception) -> tuple[str, int]:
    """A fault of ours; Flask has logged where, and here the log gets the number that people see."""
    db.session.rollback()
    current_app.logger.error("That was request %s.", g.get("request_id", ""))
    return error_page(500, [say(SENTENCES[500])])


@bp.post("/language")
def choose_language() -> Response:
    """Remember the reader's language and go back to the page."""
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    target = local_path(request.form.get("next"), url_for("tickets.desk"))
    return redirect(target, 303)  # type: ignore[return-value]


def as_download(answer: Response, name: str = "") -> Response:
    """A file to be saved under the name, or under the one that the answer has: whatever it holds,
    the browser neither shows nor runs nor keeps it."""
    if name:
        answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"  # a file sent from the disk lets copies be kept
    return answer


def flash_done(text: str) -> None:
    """Say on the next page what was done."""
    flash(text, "done")


def show_reasons(form: object, error: Refused) -> list[Reason]:
    """Put each reason beside its field of a WTForms form; return those without a field.

    Raises the refusal again where no form can mend it: forbidden, not there, or a conflict.
    """
    if error.status != Refused.status:
        raise error
    loose = []
    for reason in error.reasons:
        bound = getattr(form, "_fields", {}).get(reason.field) if reason.field else None
        if bound is None:
            loose.append(reason)
        else:
            bound.errors = [*bound.errors, say_reason(reason)]
    return loose


def found(thing: T | None) -> T:
    """The thing, or NotFound where there is none."""
    if thing is None:
        raise NotFound()
    return thing
