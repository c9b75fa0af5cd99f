"""How the pages of clients act and answer: one transaction, then a way on or the refused form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from flask import Response, redirect, url_for
from flask_wtf import FlaskForm

from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.web import show_reasons

Answer = str | Response | tuple[str, int]
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of an act: its result, or the reasons that belong to no field of the form."""

    done: bool
    result: T | None = None
    reasons: list[Reason] = field(default_factory=list)


def attempted(form: FlaskForm, act: Callable[[], T]) -> Outcome[T]:
    """Do the act in one transaction; where it is refused, put the reasons beside the fields."""
    try:
        with atomic():
            return Outcome(True, act())
    except Refused as error:
        return Outcome(False, reasons=show_reasons(form, error))


def on_to(endpoint: str, **values: object) -> Response:
    """Lead on after something was done."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type,return-value]
