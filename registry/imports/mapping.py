"""What the columns of another system's event log mean here: the shape of a mapping.

A mapping is read from TOML (mapping_reading.py), is immutable and known by its digest. It names
columns of a CSV file, or attributes of XES: those of a trace begin with ``case:``.
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

KEEPS = "="
"""Stands for a state in ``states``: what happened changes none."""

REFUSE = "refuse"
COMPANY = "company"
ISO = "iso"
FORMATS = ("csv", "xes")
ORDERS = ("time", "file")
# Encodings in which a line feed is a line feed: lines of the file can be counted as bytes.
ENCODINGS = ("utf-8", "windows-1251", "koi8-r", "cp866", "windows-1252", "iso-8859-1")


@dataclass(frozen=True)
class CaseColumns:
    """Where the facts of a whole case stand: of ``originator`` and ``opened_at`` the first value
    that is known counts, of all others the last."""

    key: str
    opened_at: str
    originator: tuple[str, ...]
    contact: str
    site: str
    client: str
    summary: tuple[str, ...]
    description: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EventColumns:
    """Where the facts of one event stand; all but ``at`` may be empty: not in this log."""

    at: str
    actor: str
    activity: str
    transition: str
    resource: str
    group: str


@dataclass(frozen=True)
class Unknowns:
    """What stands in a ticket where the log does not say: names of persons and things that the
    registry needs. Each is said in the mapping, so nobody takes it for a fact."""

    originator: str
    client: str
    summary: str


@dataclass(frozen=True)
class StateMap:
    """Which state follows: by the activity, else by its transition, else ``otherwise``. Keys are
    folded (``folded``); a state may be KEEPS. ``last`` is the state after a case's last event
    where that event is one of ``last_after``; empty leaves it."""

    activities: Table[str, str]
    transitions: Table[str, str]
    otherwise: str
    last: str = ""
    last_after: frozenset[str] = frozenset()

    def state_after(self, activity: str, transition: str) -> str | None:
        """The state, KEEPS, or None where the mapping does not know what happened."""
        for known, word in ((self.activities, activity), (self.transitions, transition)):
            state = known.get(folded(word))
            if state is not None:
                return state
        return None if self.otherwise == REFUSE else self.otherwise

    @property
    def named(self) -> frozenset[str]:
        """Every state that the mapping names."""
        found = {*self.activities.values(), *self.transitions.values(), self.otherwise, self.last}
        return frozenset(found - {KEEPS, REFUSE, ""})


@dataclass(frozen=True)
class Mapping:
    """A whole mapping. ``source`` begins the keys of tickets and persons: it must stay the same
    for ever, or a second run would not know what the first brought in."""

    source: str
    lifecycle: str
    format: str
    encoding: str
    delimiter: str
    unknown: frozenset[str]
    zone: ZoneInfo
    time_form: str
    order: str
    client_name: str
    case: CaseColumns
    event: EventColumns
    states: StateMap
    unknowns: Unknowns
    text: str
    digest: str

    @cached_property
    def case_columns(self) -> tuple[str, ...]:
        """The columns that tell of the whole case, but for its key; each once."""
        case = self.case
        named = (case.opened_at, *case.originator, case.contact, case.site, case.client,
                 *case.summary, *(column for _, column in case.description))
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping reads, each once."""
        event = self.event
        named = (self.case.key, event.at, event.actor, event.activity, event.transition,
                 event.resource, event.group, *self.case_columns)
        return tuple(dict.fromkeys(filter(None, named)))


def folded(word: str) -> str:
    """How words of activities are compared: without case, blanks counted once."""
    return " ".join(word.split()).casefold()
