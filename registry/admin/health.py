"""For machines that watch the installation: does it answer, can it work, and its numbers.

Nobody signs in here, so nothing is told but names of checks and one word for each; the numbers ask
for a token (decision 0089). None of the three asks who is signed in.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from urllib.parse import urlsplit

from flask import Response, current_app, jsonify, request
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import CollectorRegistry
from sqlalchemy.exc import SQLAlchemyError

from registry.admin.blueprint import bp
from registry.admin.metrics import Numbers
from registry.admin.queues import queues, workers_seen
from registry.config import Settings, is_loopback
from registry.core.db import db
from registry.core.hosts import for_watchers
from registry.core.requests import request_times
from registry.core.revision import fit
from registry.core.times import utc_now
from registry.people.access import open_to_all

OK, OFF, LATE, FAILED = "ok", "off", "late", "failed"
# For machines, so in one language.
WRONG_TOKEN = "Send this installation's token: Authorization: Bearer TOKEN\n"
NO_TOKEN = ("Set COUNTERSIGN_METRICS_TOKEN: without it the numbers are shown only on the machine "
            "itself, and only while the product serves nobody else.\n")
# Whoever passes a request on says so in one of these.
PASSED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
             "X-Real-IP")


@bp.get("/healthz")
@open_to_all
@for_watchers
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@open_to_all
@for_watchers
def readyz() -> tuple[Response, int]:
    """Whether this node can serve pages, and with ``?all`` whether everything goes its way.

    A balancer asks without: a node is not to be taken away because a mail waits.
    """
    checks = checked(utc_now())
    judged = checks.values() if "all" in request.args else (checks["database"], checks["revision"])
    ready = not {LATE, FAILED}.intersection(judged)
    return jsonify(ready=ready, checks=checks), 200 if ready else 503


@bp.get("/metrics")
@open_to_all
@for_watchers
def metrics() -> Response:
    """The numbers in Prometheus's text format."""
    refused = _refusal(current_app.config["SETTINGS"])
    if refused is not None:
        return refused
    registry = CollectorRegistry()
    registry.register(Numbers(request_times(), utc_now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def checked(now: datetime) -> dict[str, str]:
    """Each check in one word; what cannot be asked has failed."""
    checks = dict.fromkeys(("database", "revision", "worker", "mail", "job"), FAILED)
    try:
        fits = fit()
        checks["database"] = OK
        checks["revision"] = OK if fits else FAILED
        if fits:
            checks["worker"] = OK if workers_seen(now) else LATE
            checks |= {each.name: LATE if each.is_late(now) else OK for each in queues(now)}
    except SQLAlchemyError:
        db.session.rollback()
    if not current_app.config["SETTINGS"].smtp_url and checks["mail"] != FAILED:
        checks["mail"] = OFF
    return checks


def _refusal(settings: Settings) -> Response | None:
    """Why the numbers are not shown to this one; None where they are."""
    if settings.metrics_token:
        given = request.headers.get("Authorization", "").partition("Bearer ")[2]
        if hmac.compare_digest(given.encode(), settings.metrics_token.encode()):
            return None
        return Response(WRONG_TOKEN, 401, {"WWW-Authenticate": 'Bearer realm="metrics"'},
                        mimetype="text/plain")
    if settings.is_for_this_machine and _comes_from_here():
        return None
    return Response(NO_TOKEN, 403, mimetype="text/plain")


def _comes_from_here() -> bool:
    """Whether the asker sits at this machine: a proxy that stands here does not."""
    behind = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    return (is_loopback(behind.get("REMOTE_ADDR", ""))
            and is_loopback(urlsplit(f"//{request.host}").hostname or "")
            and not any(name in request.headers for name in PASSED_ON))
