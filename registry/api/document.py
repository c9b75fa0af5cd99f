"""The OpenAPI document: version 3.1, made of what the blueprint has collected.

Paths and shapes come from the views; what each request and each field means from meanings.py. The
page that people read is made of the same document in reference.py.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flask import Response, current_app, jsonify
from pydantic import BaseModel

from registry.api import answers as shapes
from registry.api.blueprint import BASE, bp
from registry.api.meanings import REQUESTS, meaning
from registry.api.rules import Scope
from registry.people.access import open_to_all

REF = "#/components/schemas/{model}"
METHODS = ("get", "post")
IF_MATCH = {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document as plain data."""
    paths = {path: item.model_dump(mode="json", by_alias=True, exclude_unset=True)
             for path, item in sorted(bp.paths.items())}
    scopes = _scopes()
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                _mend(item[method], method, scopes[method, path])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Countersign", "version": "1", "description": (
            "The registry of quality problems. A token authenticates; only a password or a "
            "passkey signs.")},
        "servers": [{"url": "/"}], "paths": paths, "security": [{"token": []}],
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}}


def _scopes() -> dict[tuple[str, str], Scope]:
    """The scope that each request asks for, by its method and path."""
    return {(method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)): view.scope
            for rule in current_app.url_map.iter_rules() if rule.rule.startswith(BASE)
            if hasattr(view := current_app.view_functions[rule.endpoint], "scope")
            for method in METHODS if method.upper() in (rule.methods or ())}


def _mend(operation: dict[str, Any], method: str, scope: Scope) -> None:
    """What the library leaves out: what it means, its scope, that a body is required, If-Match,
    the 304 of a conditional GET; and that what only shows takes no key."""
    operation.pop("tags", None)
    operation.pop("description", None)
    name = operation["operationId"]
    operation["summary"] = REQUESTS["show" if name.startswith("show_") else name]
    operation["security"] = [{"token": [scope.value]}]
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    where = operation.setdefault("parameters", [])
    if name.startswith("show_"):
        where[:] = [each for each in where if each["name"] != "Idempotency-Key"]
    if method == "post" and any(each["in"] == "path" for each in where):
        where.append(dict(IF_MATCH))
    for each in where:
        each["description"] = meaning(each["in"], each["name"])
    if operation["operationId"] == "ticket":
        operation["responses"]["304"] = {"description": "As you know it (If-None-Match)."}


def _schemas() -> dict[str, Any]:
    found = {name: each.model_dump(mode="json", by_alias=True, exclude_unset=True)
             for name, each in bp.components_schemas.items()}
    for name in dir(shapes):
        model = getattr(shapes, name)
        if isinstance(model, type) and issubclass(model, BaseModel) and (
                model is not BaseModel):
            schema = model.model_json_schema(ref_template=REF, mode="serialization")
            found |= schema.pop("$defs", {})
            found[name] = schema
    for name, schema in found.items():
        for field, each in schema.get("properties", {}).items():
            each["description"] = meaning(name, field)
    return found


@bp.route("/openapi.json")
@open_to_all
def openapi() -> Response:
    """The document itself."""
    return jsonify(document())
