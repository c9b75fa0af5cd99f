"""The blueprint of the API: flask-openapi3 collects the document, our own reader reads requests.

The library's reader takes a string that holds JSON for an object, takes any media type, and makes a
schema anew for each query (docs/decisions/0080). Here one object of JSON is asked for, types are
never guessed, and what nobody asks for is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from flask import g, request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from registry.api.problems import NoJson, NotUnderstood, pointer
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.words import N_

BASE = "/api/v1"
# Nothing that is asked for lies half as deep.
DEEPEST = 50


class TooDeep(Refused):
    """What was sent lies deeper than anything that is asked for."""

    def __init__(self) -> None:
        super().__init__(Reason("too_deep", N_("This lies deeper than anything that is asked for "
                                               "here."), field=""))


class Blueprint(APIBlueprint):
    """A blueprint whose views get what was sent as models: ``path``, ``query``, ``body``."""

    @staticmethod
    def create_view_func(func: Callable[..., Any], header: Any, cookie: Any, path: Any, query: Any,
                         form: Any, body: Any, raw: Any, view_class: Any = None,
                         view_kwargs: Any = None, responses: Any = None,
                         validate_response: bool | None = None) -> Callable[..., Any]:
        """The view that Flask calls."""

        @wraps(func)
        def view(**kwargs: Any) -> Any:
            given: dict[str, Any] = {}
            if path is not None:
                given["path"] = read(path, kwargs, "path")
            if query is not None:
                given["query"] = read(query, _arguments(), "query")
            if body is not None:
                g.sent = sent()
                given["body"] = read(body, g.sent, "body")
                g.move_fields = frozenset(getattr(given["body"], "fields", ()))
            if header is not None:
                given["header"] = None
            return func(**given)

        view.scope = getattr(func, "scope", None)  # type: ignore[attr-defined]
        view.takes_token = True  # type: ignore[attr-defined]
        return view


def read(model: type[BaseModel], values: Any, where: str) -> BaseModel:
    """The values as the model. Raises NotUnderstood with everything that does not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise NotUnderstood(error, where) from None


def _arguments() -> dict[str, str]:
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        raise Refused([Reason("given_twice", N_("Give this once."), field=name)
                       for name in twice])
    return request.args.to_dict()


def sent() -> Any:
    """The JSON that was sent. Raises 415 for another media type, NoJson for what is none, and
    Refused for what lies too deep and for texts that nothing can keep."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType()
    try:
        value = json.loads(request.get_data(), parse_int=_number,
                           parse_constant=_no_constant)
    except ValueError:
        raise NoJson() from None
    except RecursionError:
        raise TooDeep() from None
    refuse_if(*(Reason("text_unusable", N_("This text holds a character that cannot be kept: a "
                                           "zero, or half of a pair."), field=place)
                for place in _unusable(value)))
    return value


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(name)


def _number(digits: str) -> float:
    """A whole number; one beyond all keys becomes what no field takes."""
    return int(digits) if len(digits) < 20 else float(digits)


def _unusable(value: Any) -> Iterator[str]:
    """Where a text holds what no database keeps: a zero character or half of a pair."""
    for place, each in _all_within(value):
        if isinstance(each, str) and (
                "\x00" in each or any("\ud800" <= char <= "\udfff" for char in each)):
            yield place


def _all_within(value: Any) -> Iterator[tuple[str, Any]]:
    """Each value and each name in the value, with its place. Raises TooDeep, so that whatever
    reads it afterwards may do so by calling itself."""
    waiting = [("", 0, value)]
    while waiting:
        place, depth, each = waiting.pop()
        if depth > DEEPEST:
            raise TooDeep()
        yield place, each
        inner: Iterable[tuple[Any, Any]] = enumerate(each) if isinstance(each, list) else ()
        if isinstance(each, dict):
            waiting += [(place, depth, name) for name in each]
            inner = each.items()
        waiting += [(pointer(place, step), depth + 1, one) for step, one in inner]


bp = Blueprint("api", __name__, url_prefix=BASE, template_folder="templates")
