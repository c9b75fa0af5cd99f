"""How numbers, moments and spans of a report's data stand in its lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from registry.core.mail_lines import GLUE, day_and_clock
from registry.core.times import span_text


def count(value: int) -> str:
    """A number as people write it: 18,204."""
    return str(format_decimal(value))


def moment_words(text: str) -> str:
    """A moment of the data: «20 Nov 18:00»."""
    return day_and_clock(datetime.fromisoformat(text))


def span_words(row: Mapping[str, Any]) -> str:
    """The working time that has passed, kept in one piece."""
    return span_text(row["minutes"] / 60).replace(" ", GLUE)


def late_words(row: Mapping[str, Any]) -> str:
    """How late a broken promise is, in working time."""
    if row["minutes"] < 60:
        return _("late by less than an hour")
    return _("%(span)s late", span=span_words(row))
