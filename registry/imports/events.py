"""One row of a log judged: an event with its time, state and names, or everything wrong with it.

Pure. A bad row is named by its line and left out; it spoils nothing around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial

from registry.core.errors import Reason
from registry.core.words import N_
from registry.imports.mapping import ISO
from registry.imports.mapping import Mapping as LogMapping

LONGEST_NAME = 120
LONGEST_FACT = 2000
SHORT = 64
# So much of a wrong text is repeated.
SAID = 40
REMEMBERED = 4096
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Row:
    """What a reader found: the line, and the texts of the columns that the mapping names."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that is left out, and why."""

    line: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``state`` may be KEEPS; what the log does not say is an empty text."""

    line: int
    at: datetime
    state: str
    activity: str
    transition: str = ""
    actor: str = ""
    resource: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """An event, the case to which it belongs, and what its row says of the whole case."""

    case: str
    event: Event
    facts: tuple[str, ...]


class Judge:
    """Judges rows by one mapping; ``now`` bounds their times."""

    def __init__(self, mapping: LogMapping, now: datetime) -> None:
        self._mapping, self._now = mapping, now
        event, case = mapping.event, mapping.case
        self._names = frozenset((case.key, event.actor, event.activity, event.resource,
                                 event.group, *case.originator, case.contact, case.site,
                                 case.client))
        self._facts = mapping.case_columns
        self._heard = (event.actor, event.resource, event.group)
        # Rows of a log repeat each other: most texts and times were seen a moment ago.
        self._known_short = lru_cache(maxsize=REMEMBERED)(self._known)
        self._moment_of = lru_cache(maxsize=REMEMBERED)(partial(moment_of, mapping=mapping))

    def __call__(self, row: Row) -> Record | Fault:
        """The record, or the fault with every reason."""
        values = {name: self._known_short(text) if len(text) <= SHORT else self._known(text)
                  for name, text in row.values.items()}
        faults = list(self._text_faults(values))
        at = self._moment(self._mapping.event.at, values, faults, is_needed=True)
        self._moment(self._mapping.case.opened_at, values, faults)
        activity, transition = (values.get(self._mapping.event.activity, ""),
                                values.get(self._mapping.event.transition, ""))
        state = self._mapping.states.state_after(activity, transition)
        if state is None:
            faults.append(Reason("state_unknown", N_("the mapping knows no state for “%(word)s”"),
                                 {"word": (activity or transition)[:SAID]}))
        if not values.get(self._mapping.case.key):
            faults.append(Reason("case_missing", N_("the case is not named")))
        if faults or at is None or state is None:
            return Fault(row.line, tuple(faults))
        return Record(
            values[self._mapping.case.key],
            Event(row.line, at, state, activity, transition,
                  *[values.get(column, "") for column in self._heard]),
            tuple([values.get(column, "") for column in self._facts]))

    def _known(self, text: str) -> str:
        """The text on one line; empty where the log says that it does not know."""
        text = " ".join(text.split())
        return "" if text in self._mapping.unknown else text

    def _text_faults(self, values: Mapping[str, str]) -> Iterator[Reason]:
        if not UNPRINTABLE.search("".join(values.values())) and (
                max(map(len, values.values()), default=0) <= LONGEST_NAME):
            return
        for column, text in values.items():
            if UNPRINTABLE.search(text):
                yield Reason("text_unprintable", N_("“%(column)s” holds characters that no text "
                                                    "has"), {"column": column})
            limit = LONGEST_NAME if column in self._names else LONGEST_FACT
            if len(text) > limit:
                yield Reason("text_long", N_("“%(column)s” holds more than %(count)d characters"),
                             {"column": column, "count": limit})

    def _moment(self, column: str, values: Mapping[str, str], faults: list[Reason], *,
                is_needed: bool = False) -> datetime | None:
        text = values.get(column, "")
        if not text:
            if is_needed:
                faults.append(Reason("time_missing", N_("“%(column)s” has no time"),
                                     {"column": column}))
            return None
        moment = self._moment_of(text) if len(text) <= SHORT else None
        if moment is None:
            faults.append(Reason("time_form", N_("“%(column)s” has no time of the form that the "
                                                 "mapping says: “%(text)s”"),
                                 {"column": column, "text": text[:SAID]}))
        elif not EARLIEST <= moment <= self._now:
            faults.append(Reason("time_senseless", N_("“%(column)s” has a time that cannot be: "
                                                      "“%(text)s”"),
                                 {"column": column, "text": text[:SAID]}))
        return moment


def moment_of(text: str, mapping: LogMapping) -> datetime | None:
    """The moment in UTC; None where the text is not of the mapping's form. A time that names no
    zone of its own stands in the mapping's."""
    try:
        moment = (datetime.fromisoformat(text) if mapping.time_form == ISO
                  else datetime.strptime(text, mapping.time_form))  # noqa: DTZ007 - below
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=mapping.zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
