"""What every page shares: filters, the reader's language, refusals as pages, the request's id."""

from __future__ import annotations

import secrets
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
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from registry.config import LANGUAGES
from registry.core import times
from registry.core.db import db
from registry.core.errors import NotFound, Reason, Refused
from registry.core.languages import language, say, say_reason
from registry.core.security import local_path
from registry.core.words import N_

bp = Blueprint("core", __name__)
T = TypeVar("T")

SENTENCES = {
    400: N_("The page could not read what was sent. Go back, reload the page and try again."),
    403: N_("Your role does not allow this."),
    404: N_("There is no such page."),
    405: N_("This address does not take that kind of request."),
    409: N_("Somebody acted on this a moment before you."),
    413: N_("What was sent is too large. Send smaller files or fewer of them."),
    500: N_("Something broke on our side. Nothing of your act was kept; try again."),
    503: N_("The registry is busy or its database is away. Nothing was lost; try again in a "
            "minute."),
}


def init_web(app: Flask) -> None:
    """Filters, context, error pages, the request's id."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        when=times.when, day=times.day_text, span=times.span_text, since=times.since_text,
        exact=times.exact_text, say_reason=say_reason)
    app.jinja_env.tests.update(past=times.is_past, near=times.is_near)
    app.context_processor(page_context)
    app.before_request(name_request)
    app.after_request(mark_answer)
    app.register_blueprint(bp)
    app.register_error_handler(Refused, refused_page)
    app.register_error_handler(CSRFError, stale_form_page)
    app.register_error_handler(HTTPException, http_page)
    app.register_error_handler(OperationalError, database_away_page)
    app.register_error_handler(500, broken_page)


def page_context() -> dict[str, object]:
    """What every template may use."""
    person = current_user if current_user and current_user.is_authenticated else None
    return {"current_person": person, "locale": language(), "now": times.utc_now()}


def name_request() -> None:
    """Give the request an id that also stands in error pages and logs."""
    g.request_id = secrets.token_hex(6)


def mark_answer(response: Response) -> Response:
    """Put the request's id on the answer."""
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def error_page(status: int, reasons: list[str]) -> tuple[str, int]:
    """The one page for everything that did not work: why, what to do, and the request's id."""
    page = render_template("errors/error.html", status=status, reasons=reasons,
                           request_id=g.get("request_id", ""))
    return page, status


def refused_page(error: Refused) -> tuple[str, int]:
    """A refusal that no form caught."""
    return error_page(error.status, [say_reason(reason) for reason in error.reasons])


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


def database_away_page(_error: OperationalError) -> tuple[str, int]:
    """The database is locked for too long or away."""
    db.session.rollback()
    return error_page(503, [say(SENTENCES[503])])


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
