"""Filters of the tickets' pages: measures with their units, norms, methods of signing."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal
from babel.units import format_unit

from registry.clients.models import Sense
from registry.core.languages import language, say
from registry.core.words import N_

KILO = 1000
METHODS = {
    "password": N_("by password"),
    "passkey": N_("by passkey"),
    "demo": N_("demo, nothing was proved"),
}


def measure(value: Decimal | None, unit: str = "") -> str:
    """«12 KB/s», in the reader's way of writing numbers; a dash where nothing was measured."""
    if value is None:
        return "—"
    return _measure(value, str(value), unit, language())


@lru_cache(maxsize=4096)
def _measure(value: Decimal, _written: str, unit: str, tongue: str) -> str:
    return f"{format_decimal(value, locale=tongue)}\u00a0{unit}".strip()


def file_size(size: int) -> str:
    """«14 kB», in the reader's units."""
    unit, amount = ("byte", size) if size < KILO else (
        ("kilobyte", size / KILO) if size < KILO**2 else ("megabyte", size / KILO**2))
    return format_unit(round(amount, 1 if amount < 10 else 0), f"digital-{unit}",
                       length="long" if unit == "byte" else "short", locale=language())


def sense(kind: Sense) -> str:
    """The sign of a norm: at least or at most."""
    return "≥" if kind is Sense.AT_LEAST else "≤"


def method(name: str) -> str:
    """How a signature was given."""
    return say(METHODS[name]) if name in METHODS else name
