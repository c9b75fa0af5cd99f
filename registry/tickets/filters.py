"""Which tickets a list of the registry shows, and in which order: read from an address, and back.

One frozen value serves the page, its counts, the saved views, the export and every link that opens
"exactly the list that a number counts". What the values mean in SQL is registry_queries.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.tickets.search import WORD

SHOWN: Final = ("open", "ended", "all")
SORTS: Final = ("number", "promise", "since")
AGES: Final = (1, 3, 7, 14, 30, 90)
"""Days since a ticket was logged: "older than …"."""
LONGEST_QUERY: Final = 200
LARGEST_ID: Final = 2**31 - 1
NUMBERS: Final = ("holder", "originator", "department", "client", "site", "criterion")
FLAGS: Final = ("late", "unaccepted", "with_client", "on_hold", "mine")


@dataclass(frozen=True)
class Filters:
    """What is asked of the registry. ``state`` says itself whether the ticket has ended, so
    ``show`` counts only where no state is chosen."""

    q: str = ""
    show: str = "open"
    state: str = ""
    holder: int | None = None
    originator: int | None = None
    department: int | None = None
    client: int | None = None
    site: int | None = None
    criterion: int | None = None
    age: int | None = None
    late: bool = False
    unaccepted: bool = False
    with_client: bool = False
    on_hold: bool = False
    mine: bool = False
    sort: str = "number"

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Filters:
        """Read the arguments of an address. Raises Refused with a sentence for every value that
        is not understood: a list that quietly leaves a filter out would show what is not so."""
        reader = _Reader(args)
        values: dict[str, Any] = {each.name: reader.value(each.name) for each in fields(cls)}
        refuse_if(*reader.reasons)
        return cls(**{name: value for name, value in values.items() if value is not None})

    def to_args(self) -> dict[str, str]:
        """The shortest arguments that ``from_args`` reads back as the same filters."""
        args = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value != each.default and not (each.name == "show" and self.state):
                args[each.name] = "1" if value is True else str(value)
        return args

    def but(self, **changes: Any) -> Filters:
        """The same filters with some of them changed."""
        return replace(self, **changes)

    @property
    def narrows(self) -> bool:
        """Whether anything is left out but what has ended."""
        return bool(self.but(sort="number").to_args())


class _Reader:
    """Reads one value after the other and collects what is wrong with each."""

    def __init__(self, args: Mapping[str, str]) -> None:
        self.args = args
        self.reasons: list[Reason] = []

    def value(self, name: str) -> object:
        """The value of one filter; None where it is not given or not understood."""
        given = printable(self.args.get(name, ""))
        if not given:
            return None
        found = _READERS[name](given)
        if found is None:
            self.reasons.append(_not_understood(name, given))
        return found


def printable(text: str) -> str:
    """The text without control characters and blanks around it (no database takes a NUL)."""
    return "".join(each for each in text if each.isprintable()).strip()


def _not_understood(name: str, given: str) -> Reason:
    if name == "q":
        return Reason("search_without_words", N_("Search for a word or a ticket's number."),
                      field=name)
    return Reason("filter_unknown", N_("“%(value)s” is no value of this filter. Choose one from "
                                       "the list."), {"value": given[:60]}, name)


def _words(given: str) -> str | None:
    return given[:LONGEST_QUERY] if WORD.search(given) else None


def _state(given: str) -> str | None:
    return given if len(given) <= 40 and given.replace("_", "").isalnum() else None


def _number(given: str) -> int | None:
    is_number = given.isascii() and given.isdecimal() and len(given) <= 10
    return int(given) if is_number and 0 < int(given) <= LARGEST_ID else None


def _age(given: str) -> int | None:
    days = _number(given)
    return days if days in AGES else None


def _flag(given: str) -> bool | None:
    return {"1": True, "0": False}.get(given)


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str | None]:
    return lambda given: given if given in choices else None


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "q": _words, "show": _one_of(SHOWN), "state": _state, "age": _age, "sort": _one_of(SORTS),
    **dict.fromkeys(NUMBERS, _number), **dict.fromkeys(FLAGS, _flag),
}
