"""Each request: its id, its one line in the log, how long it took.

The id stands in the answer's header, on error pages and in every line that is logged meanwhile. A
line says who (by id), which endpoint and how it ended; never addresses typed, words or bodies. What
the log looks like is logs.py's.
"""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy import inspect

from registry.config import Settings
from registry.core.hosts import is_for_watchers
from registry.core.request_times import RequestTimes

log = structlog.get_logger("web")

# What a proxy may name a request; anything else is replaced, for it would stand in our log.
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{5,63}")
EXTENSION = "request_times"


def init_requests(app: Flask) -> None:
    """Name, time and log every request of ``app``; before all else that looks at requests."""
    app.extensions[EXTENSION] = RequestTimes()
    app.before_request(begin)
    app.after_request(end)
    app.teardown_request(forget)


def request_times() -> RequestTimes:
    """The counts of the application at work."""
    times: RequestTimes = current_app.extensions[EXTENSION]
    if not times.is_named:
        times.name(sorted({(rule.endpoint, method) for rule in current_app.url_map.iter_rules()
                           for method in rule.methods or ()}))
    return times


def begin() -> None:
    """Give the request its id: the trusted proxy's where there is one, else our own."""
    settings: Settings = current_app.config["SETTINGS"]
    given = request.headers.get("X-Request-Id", "") if settings.proxies else ""
    g.request_id = given if SANE.fullmatch(given) else secrets.token_hex(6)
    g.begun_at = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    """Put the id on the answer; count and log it."""
    response.headers["X-Request-Id"] = g.get("request_id", "")
    seconds = time.perf_counter() - g.get("begun_at", time.perf_counter())
    endpoint = request.endpoint or ""
    request_times().observe(endpoint, request.method, response.status_code, seconds)
    # Watchers ask every few seconds: worth no line.
    if structlog.is_configured() and not is_for_watchers():
        log.info("request", method=request.method, endpoint=endpoint, **_numbers(),
                 status=response.status_code, ms=round(seconds * 1000, 1), person=_person())
    return response


def forget(_error: BaseException | None) -> None:
    """The next request of this thread has another id."""
    structlog.contextvars.unbind_contextvars("request_id")


def _numbers() -> dict[str, int]:
    """Which ticket, person … the address names: numbers only, words never."""
    return {name: value for name, value in (request.view_args or {}).items()
            if isinstance(value, int)}


def _person() -> int | None:
    """The id of the person at the screen where the request asked who it is; reads nothing."""
    known = inspect(g.get("_login_user"), raiseerr=False)
    return known.identity[0] if known is not None and known.identity else None
