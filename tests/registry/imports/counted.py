"""Counts the incident log by itself, with nothing of the product: what the tests compare with.

Follows the columns' own words (the state's name, who is assigned); rows whose state is no state are
left out, an unknown name keeps the one before, and a time never runs backwards within a case.
"""

from __future__ import annotations

import csv
import gzip
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

OVER = ("Resolved", "Closed")
FORM = "%d/%m/%Y %H:%M"


def clock(text: str) -> datetime:
    """A time of the log, on the log's own clock."""
    return datetime.strptime(text, FORM)  # noqa: DTZ007 - the log names no zone


@dataclass
class Incident:
    """One case: its good rows, each with its line, and when each was at the earliest."""

    number: str
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)

    @property
    def opened_at(self) -> datetime:
        return min(clock(self.rows[0][1]["opened_at"]), self.times[0])

    @property
    def opener(self) -> str:
        first = self.rows[0][1]
        named = [" ".join(first[name].split()) for name in ("opened_by", "sys_created_by")
                 if first[name] != "?"]
        return named[0] if named else ""

    def states(self) -> Iterator[tuple[datetime, str, str]]:
        """Every change of state: when, from what, to what; from nothing at first."""
        before = ""
        for at, (_, row) in zip(self.times, self.rows, strict=True):
            if row["incident_state"] != before:
                yield at, before, row["incident_state"]
            before = row["incident_state"]

    def names(self, column: str) -> list[str]:
        """The known names in a column, each run of the same once."""
        known = (row[column] for _, row in self.rows if row[column] != "?")
        return [name for name, _ in itertools.groupby(known)]

    def reopenings(self) -> list[datetime]:
        return [at for at, before, after in self.states() if before in OVER and after not in OVER]

    def at_end_of(self, day: date) -> tuple[str, str] | None:
        """The state and who has it (empty: the opener) when the day ends; None if not yet there."""
        if self.opened_at.date() > day:
            return None
        until = [row for at, (_, row) in zip(self.times, self.rows, strict=True)
                 if at.date() <= day]
        state = until[-1]["incident_state"] if until else "New"
        known = [row["assigned_to"] for row in until if row["assigned_to"] != "?"]
        return state, known[-1] if known and state not in OVER else ""


def incidents(path: Path) -> dict[str, Incident]:
    """Every case of the log by its number."""
    opener = gzip.open if path.suffix == ".gz" else open
    found: dict[str, Incident] = {}
    with opener(path, "rt", encoding="ascii", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            if row["incident_state"] == "-100":
                continue
            case = found.setdefault(row["number"], Incident(row["number"]))
            at = clock(row["sys_updated_at"])
            case.times.append(max([at, *case.times[-1:]]))
            case.rows.append((line, row))
    return found


def bad_lines(path: Path) -> list[int]:
    """The lines whose state is none."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="ascii") as file:
        return [number for number, line in enumerate(file, start=1) if ",-100," in line[:20]]


@dataclass(frozen=True)
class Moves:
    """How often a name changed within a case, in how many cases, and in how many it came back."""

    changes: int
    cases: int
    came_back: int


def moves(cases: dict[str, Incident], column: str) -> Moves:
    """Count the changes of the names in a column."""
    lists = [case.names(column) for case in cases.values()]
    return Moves(sum(max(len(each) - 1, 0) for each in lists),
                 sum(len(each) > 1 for each in lists),
                 sum(len(each) > len(set(each)) for each in lists))


def flows(cases: dict[str, Incident], day: date) -> dict[str, set[str]]:
    """The cases to which each thing of a daily report happened on the day."""
    found: dict[str, set[str]] = {
        "new": {case.number for case in cases.values() if case.opened_at.date() == day},
        "accepted": set(), "returned": set(), "confirmed": set(), "not_gone": set(),
        "closed_elsewhere": set(), "reopened_elsewhere": set(), "cancelled": set(),
    }
    for case in cases.values():
        for at, before, after in case.states():
            if at.date() != day:
                continue
            if before in ("", "New") and after not in ("New", "Closed"):
                found["accepted"].add(case.number)
            if after == "Resolved":
                found["returned"].add(case.number)
            if before in OVER and after not in OVER:
                found["reopened_elsewhere"].add(case.number)
            if after == "Closed":
                found["closed_elsewhere"].add(case.number)
    return found


def open_hands(cases: dict[str, Incident], day: date) -> dict[str, str]:
    """Who has each case that is open when the day ends, by its number."""
    found = {}
    for case in cases.values():
        standing = case.at_end_of(day)
        if standing is not None and standing[0] != "Closed":
            found[case.number] = standing[1] or case.opener
    return found


def busiest(cases: dict[str, Incident]) -> date:
    """The day on which most happened."""
    return Counter(at.date() for case in cases.values() for at in case.times).most_common(1)[0][0]
