"""The gate before every page: who is at the screen, and that nobody else gets in.

Protected by default: a view that does not say ``open_to_all`` asks for signing in. Whoever has a
one-time password sees nothing but the page on which to choose their own.
"""

from __future__ import annotations

from functools import partial

from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, current_user

from registry.core.db import noted
from registry.core.security import local_path
from registry.core.times import utc_now
from registry.people.access import address, can
from registry.people.models import Person
from registry.people.session_access import KEY
from registry.people.sessions import is_stale, refresh, session_with_person

ALWAYS_OPEN = frozenset({"static", "assets.asset", "core.choose_language"})
BEFORE_OWN_PASSWORD = frozenset({"people.change_password", "people.sign_out"})


def init_gate(app: Flask) -> None:
    """Load the person of each request and stand before every view."""
    manager = LoginManager(app)
    # Our row of the session is what is checked; Flask-Login's own marks would only be in the way.
    manager.session_protection = None
    manager.request_loader(person_of)
    app.before_request(ask_who_comes)
    app.jinja_env.globals["can"] = can


def person_of(_request: Request) -> Person | None:
    """The person of the session that the cookie names, if both are in force."""
    now = utc_now()
    standing = session_with_person(session.get(KEY, ""), now=now) if KEY in session else None
    if standing is None:
        return None
    g.standing = standing  # kept, or session_access.py would have to read it once more
    if is_stale(standing, now=now):
        noted(partial(refresh, standing.id, address=address(), now=now))
    person = standing.person
    return person if person.is_active else None


def keep_session(new_id: str, language: str) -> None:
    """Give the browser the new session, and nothing of what was in its cookie before."""
    session.clear()
    session.permanent = True
    session[KEY] = new_id
    session["language"] = language


def forget_session() -> None:
    """Take the session from the browser; the language stays as the reader chose it."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def ask_who_comes() -> Response | None:
    """Let the request through, or send it to the sign-in page or to choosing a password."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in ALWAYS_OPEN:
        return None
    view = current_app.view_functions.get(endpoint)
    if getattr(view, "open_to_all", False) or getattr(view, "takes_token", False):
        return None  # who takes a token asks for it (api/edge.py)
    if not current_user.is_authenticated:
        return _elsewhere(url_for("people.sign_in", next=_wanted()))
    if current_user.must_change_password and endpoint not in BEFORE_OWN_PASSWORD:
        return _elsewhere(url_for("people.change_password", next=_wanted()))
    return None


def _wanted() -> str | None:
    """The page to come back to: what was asked for, unless that was to do something."""
    if request.method != "GET" or "HX-Request" in request.headers:
        return None
    path = request.full_path.rstrip("?")
    return local_path(path, "/") if path != "/" else None


def _elsewhere(target: str) -> Response:
    if "HX-Request" in request.headers:  # a part of a page: the whole page has to go there
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)  # type: ignore[return-value]
