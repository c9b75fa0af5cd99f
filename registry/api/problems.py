"""Errors as application/problem+json (RFC 9457), each with every reason in the reader's language.

``errors`` lists the reasons with a stable code, a sentence and the place in what was sent (a JSON
pointer, or the name of a parameter or header). ``instance`` is the request's id, as in the logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import reduce
from typing import Any

from flask import Response, current_app, g, json
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from registry.core.db import db
from registry.core.errors import OutOfService, Reason, Refused
from registry.core.languages import say, say_reason
from registry.core.outage import outage
from registry.core.web import SENTENCES, SOON
from registry.core.words import N_

MEDIA_TYPE = "application/problem+json"
MORE_SENTENCES = SENTENCES | {
    400: N_("The request could not be read. Look at its head and at its length."),
    404: N_("There is no such address."),
    415: N_("Send JSON: Content-Type: application/json."),
}
FAULTS = {
    "missing": N_("This is missing."),
    "extra_forbidden": N_("This is not asked for here: leave it out."),
    "model_type": N_("Send one JSON object here."),
}
WRONG = N_("This value does not fit. The document at /api/v1/openapi.json says what does.")
POINTERS = {"password": "/signature/secret", "passkey": "/signature/assertion"}


class Unauthorised(Refused):
    """No token, or none that is in force."""

    status = 401

    def __init__(self) -> None:
        super().__init__(Reason("unauthorised", N_(
            "Send a token that is in force: Authorization: Bearer cs_…")))


class OutOfScope(Refused):
    """The token does not open this."""

    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(Reason("out_of_scope", N_("This token lacks the scope “%(scope)s”."),
                                {"scope": scope}))


class HasMoved(Refused):
    """The ticket is not as the caller saw it; ``happened`` are its entries since."""

    status = 412

    def __init__(self, number: int, happened: list[dict[str, Any]]) -> None:
        self.happened = happened
        super().__init__(Reason("has_moved", N_(
            "Ticket No. %(number)s has changed since you opened it. Look at what happened, then "
            "decide again."), {"number": number}, "If-Match"))


class NoJson(Refused):
    """What was sent cannot be read as JSON."""

    status = 400

    def __init__(self) -> None:
        super().__init__(Reason("no_json", N_(
            "What was sent is no JSON. Send one JSON object in UTF-8."), field=""))


class NotUnderstood(Refused):
    """What was sent has not the shape that the document asks for."""

    def __init__(self, error: ValidationError, where: str) -> None:
        super().__init__([Reason(each["type"], FAULTS.get(each["type"], WRONG),
                                 field=_place(where, each["loc"])) for each in error.errors(
            include_url=False, include_context=False, include_input=False)])


def _place(where: str, path: tuple[int | str, ...]) -> str:
    if where != "body":
        return str(path[0]) if path else where
    return reduce(pointer, path, "")


def pointer(place: str, step: int | str) -> str:
    """The JSON pointer one step further on from a place (RFC 6901)."""
    return f"{place}/{str(step).replace('~', '~0').replace('/', '~1')}"


def problem(status: int, errors: Iterable[Mapping[str, Any]], detail: str,
            headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """One problem."""
    body = {"type": "about:blank", "title": HTTP_STATUS_CODES.get(status, "Error"),
            "status": status, "detail": detail,
            "instance": f"urn:request:{g.get('request_id', '')}", "errors": list(errors), **more}
    return Response(json.dumps(body, ensure_ascii=False), status, headers,
                    content_type=MEDIA_TYPE)


def refusal(error: Refused) -> Response:
    """A refusal with all its reasons."""
    errors = [{"code": each.code, "detail": say_reason(each), "pointer": _pointer(each.field)}
              for each in error.reasons]
    headers, more = {}, {}
    if isinstance(error, Unauthorised):
        headers["WWW-Authenticate"] = 'Bearer realm="countersign"'
    if isinstance(error, OutOfScope):
        headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
    if isinstance(error, OutOfService):
        headers["Retry-After"] = str(SOON)
    if isinstance(error, HasMoved):
        more["happened"] = error.happened
    detail = " ".join(each["detail"] for each in errors if each["detail"])
    return problem(error.status, errors, detail, headers, **more)


def _pointer(field: str | None) -> str | None:
    """The place of a field that a reason names. Without JSON it is a parameter's name, and a name
    with a capital is a header's."""
    if not field or field.startswith("/"):  # "" points at the whole of what was sent
        return field
    if field in POINTERS:
        return POINTERS[field]
    if field[:1].isupper() or "sent" not in g:
        return field
    within = "/fields/" if field in g.get("move_fields", ()) else "/"
    return within + field


def http_problem(error: HTTPException) -> Response | HTTPException:
    """An error of the server itself; redirects pass."""
    status = error.code or 500
    if status < 400:
        return error
    detail = say(MORE_SENTENCES.get(status, MORE_SENTENCES[400]))
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    if status == 503:
        headers["Retry-After"] = str(SOON)
    return problem(status, [], detail, headers)


def out_of_service(error: Exception) -> Response:
    """Database or disk do not work. Whatever else arrives here is a fault of ours."""
    found = outage(error)
    if found is None:
        raise error
    with suppress(SQLAlchemyError):
        db.session.rollback()
    return refusal(found)


def broken(_error: Exception) -> Response:
    """A fault of ours; the log gets the number that the caller sees."""
    db.session.rollback()
    current_app.logger.error("That was request %s.", g.get("request_id", ""))
    return problem(500, [], say(SENTENCES[500]))
