"""The API's document as a page for people: each request with what it takes, answers and asks for.

It reads nothing but the document, so that the two cannot tell different things; the sentences are
said in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from registry.api.blueprint import BASE, bp
from registry.api.document import METHODS, document
from registry.api.responses import PROBLEMS
from registry.api.rules import SCOPE_NAMES, Scope
from registry.core.languages import say


@dataclass(frozen=True)
class Kind:
    """What a value is, in words; ``shape`` is the shape that it has or is a list of."""

    words: str
    shape: str = ""
    or_null: bool = False


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of what is sent or answered; ``where`` is empty for a field."""

    name: str
    kind: Kind
    meaning: str
    is_required: bool
    where: str = ""


@dataclass(frozen=True)
class Request:
    """One request of the document."""

    id: str
    method: str
    path: str
    meaning: str
    scope: str
    scope_meaning: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    status: str
    answer: str


@bp.app_template_filter()
def coded(text: str) -> Markup:
    """A sentence of the document, in which names of the API stand between backticks as in
    CommonMark, for a page."""
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part
                           for at, part in enumerate(text.split("`")))


@bp.route("/")
def reference() -> str:
    """The document as a page."""
    whole = document()
    schemas = whole["components"]["schemas"]
    requests = [_request(method, path, item[method], schemas)
                for path, item in whole["paths"].items() for method in METHODS if method in item]
    sent = {ref for each in whole["paths"].values() if "post" in each
            for ref in (_body_of(each["post"]),)}
    shapes = {name: fields_of(schema) for name, schema in sorted(schemas.items())
              if name not in sent}
    return render_template(
        "api/reference.html", requests=requests, shapes=shapes, prefix=BASE,
        host=current_app.config["SETTINGS"].base_url, problem="Problem",
        problems=[(code, say(text)) for code, text in PROBLEMS.items()])


def _request(method: str, path: str, operation: Mapping[str, Any],
             schemas: Mapping[str, Any]) -> Request:
    scope = Scope(operation["security"][0]["token"][0])
    status = next(code for code in operation["responses"] if code.startswith("2"))
    answered = operation["responses"][status]["content"]["application/json"]["schema"]
    body = _body_of(operation)
    return Request(
        operation["operationId"], method.upper(), path, say(operation["summary"]), scope.value,
        say(SCOPE_NAMES[scope]), tuple(_parameters(operation["parameters"])),
        fields_of(schemas[body]) if body else (), status, _shape_of(answered))


def _body_of(operation: Mapping[str, Any]) -> str:
    sent = operation.get("requestBody")
    return _shape_of(sent["content"]["application/json"]["schema"]) if sent else ""


def _parameters(given: Iterable[Mapping[str, Any]]) -> Iterable[Field]:
    for each in given:
        yield Field(each["name"], kind_of(each["schema"]), say(each["description"]),
                    each.get("required", False), each["in"])


def fields_of(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of a shape, in its order."""
    required = schema.get("required", ())
    return tuple(Field(name, kind_of(each, or_null=name in required), say(each["description"]),
                       name in required)
                 for name, each in schema.get("properties", {}).items())


def kind_of(schema: Mapping[str, Any], *, or_null: bool = False) -> Kind:
    """What a value is, in the reader's language; ``or_null`` says also where it may be null."""
    if "anyOf" in schema:
        kind = kind_of(next(each for each in schema["anyOf"] if each.get("type") != "null"))
        return replace(kind, or_null=or_null)
    if "$ref" in schema:
        return Kind("", _shape_of(schema))
    if "const" in schema or "enum" in schema:
        return Kind(_("one of:") + " " + ", ".join(
            f"`{each}`" for each in schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        inner = kind_of(schema["items"])
        return Kind((_("list:") + " " + inner.words).strip(), inner.shape)
    return Kind(_plain(schema))


def _plain(schema: Mapping[str, Any]) -> str:
    if schema.get("type") == "integer":
        return _("whole number")
    if schema.get("type") == "boolean":
        return _("`true` or `false`")
    if schema.get("type") == "object":
        return _("object")
    longest = schema.get("maxLength")
    return _("text, at most %(count)d characters", count=longest) if longest else _("text")


def _shape_of(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
