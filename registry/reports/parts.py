"""What the lines of a report are made of, and how names, moments and numbers stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import format_date, format_decimal
from flask_babel import gettext as _

from registry.core.times import local, span_text

LONGEST_NAME = 44
LONGEST_REASON = 80
GLUE = "\u00a0"
"""Keeps a number beside its word."""


@dataclass(frozen=True)
class Part:
    """Words that may lead somewhere; ``tone`` is broken or danger where colour means that too."""

    text: str
    href: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One line; ``kind`` says what it is: late, need, flows, free, quiet, head, row, hands,
    ledger, foot."""

    kind: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(part.text for part in self.parts)


def count(value: int) -> str:
    """A number as people write it: 18,204."""
    return str(format_decimal(value))


def moment_words(text: str) -> str:
    """A moment of the data: «20 Nov 18:00»; never "today", for a mail is read on any day."""
    there = local(datetime.fromisoformat(text))
    return f"{there.day}{GLUE}{format_date(there.date(), 'MMM')} {there:%H:%M}"


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """At most so many characters, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def span_words(row: Mapping[str, Any]) -> str:
    """The working time that has passed, kept in one piece."""
    return span_text(row["minutes"] / 60).replace(" ", GLUE)


def late_words(row: Mapping[str, Any]) -> str:
    """How late a broken promise is, in working time."""
    if row["minutes"] < 60:
        return _("late by less than an hour")
    return _("%(span)s late", span=span_words(row))
