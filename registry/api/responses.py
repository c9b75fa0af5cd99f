"""How the document tells what a request may answer: its own shape, the problems, the links."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from registry.api.answers import Problem
from registry.core.words import N_

PROBLEMS = {
    400: N_("What was sent is no JSON."), 401: N_("No token in force."),
    403: N_("The token or the role does not open this."), 404: N_("There is no such thing."),
    409: N_("Somebody acted first."), 412: N_("The ticket has changed since (`If-Match`)."),
    413: N_("Too large."), 415: N_("Not sent as JSON."), 422: N_("Refused, with every reason."),
    500: N_("A fault of ours; nothing was kept."),
    503: N_("The database is away; try again."),
}


def ref(shape: type[BaseModel]) -> dict[str, Any]:
    """A place of the shape in the document."""
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def answers(shape: type[BaseModel], status: int = 200, *, links: dict[str, Any] | None = None,
            more: dict[str, Any] | None = None) -> dict[Any, Any]:
    """The answers of one request."""
    good: dict[str, Any] = {"description": (shape.__doc__ or "").strip(),
                            "content": {"application/json": {"schema": ref(shape)}}}
    if links:
        good["links"] = links
    if more:
        good["content"] |= more
    problems: dict[Any, Any] = {
        code: {"description": text,
               "content": {"application/problem+json": {"schema": ref(Problem)}}}
        for code, text in PROBLEMS.items()}
    return {status: good} | problems


def link(operation: str, **parameters: str) -> dict[str, Any]:
    """A link to another request by what this one answered."""
    return {"operationId": operation, "parameters": parameters}
