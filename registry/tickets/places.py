"""Where a page of a list begins: the key of the ticket beside it, never a count of rows.

A key is what the list is ordered by, and the ticket's number, so that tickets that come or go
meanwhile move nobody's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.entries import moment, stamp

MARK = "~"


def unknown_place(field: str | None = None) -> Refused:
    """The refusal of a key that no list has given out; ``field`` is where it was sent."""
    return Refused(Reason("place_unknown", N_(
        "There is no such place in the list. Begin at its first page."), field=field))


@dataclass(frozen=True)
class Place:
    """The key of the ticket beside the page: the page is ``after`` it, or else before it."""

    number: int
    value: datetime | None = None
    after: bool = True

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Place | None:
        """Read ``after`` or ``before`` from an address; None for the beginning of the list.

        Raises Refused for a key that no list has given out.
        """
        for name in ("after", "before"):
            if args.get(name):
                return cls._read(args[name], after=name == "after")
        return None

    @classmethod
    def _read(cls, key: str, *, after: bool) -> Place:
        value, _, number = key.rpartition(MARK)
        try:
            if not (number.isascii() and number.isdecimal() and len(number) < 16):
                raise ValueError(number)
            return cls(int(number), moment(value) if value else None, after)
        except ValueError:
            raise unknown_place() from None

    def key(self) -> str:
        """The key as an address carries it."""
        return f"{stamp(self.value) if self.value else ''}{MARK}{self.number}"

    def to_args(self) -> dict[str, str]:
        """The argument that ``from_args`` reads."""
        return {"after" if self.after else "before": self.key()}
