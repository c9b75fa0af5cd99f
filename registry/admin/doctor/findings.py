"""What a check may say: how grave it is, and one sentence that ends with what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registry.config import Settings
from registry.core.errors import Reason


class Level(StrEnum):
    """``unsafe``: something can be lost, read or forged; ``look``: something is missing."""

    LOOK = "look"
    UNSAFE = "unsafe"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be; the reason's code is stable, for programs."""

    level: Level
    reason: Reason


@dataclass(frozen=True)
class Installation:
    """What the checks look at. ``connect`` allows to talk to other machines (mail)."""

    settings: Settings
    now: datetime
    connect: bool = False


Check = Callable[[Installation], Iterator[Finding]]


def look(code: str, text: str, **params: object) -> Finding:
    """Something is missing."""
    return Finding(Level.LOOK, Reason(code, text, params))


def unsafe(code: str, text: str, **params: object) -> Finding:
    """Something can be lost, read or forged."""
    return Finding(Level.UNSAFE, Reason(code, text, params))
