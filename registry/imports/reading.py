"""Reads a whole log before anything of it is entered: what is refused leaves nothing behind.

Gives the cases in their order, and the rows that are left out. Writes nothing to the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.imports.cases import Case, Course, case_of
from registry.imports.csv_log import read_csv_log
from registry.imports.events import Fault, Judge
from registry.imports.log_file import Bounds, Progress, digest_of, open_log, refused
from registry.imports.mapping import Mapping
from registry.imports.shelf import Shelf
from registry.imports.xes_log import read_xes_log
from workflows import Workflow

READERS = {"csv": read_csv_log, "xes": read_xes_log}
MOST_FAULTS = 1000
# So many bad rows at the beginning and not one good: then it is not the rows that are wrong.
HOPELESS = 1000
SHOWN = 3


@dataclass
class Faults:
    """The bad rows: all counted, the first thousand kept."""

    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, fault: Fault) -> None:
        """One more row is left out."""
        self.count += 1
        if len(self.kept) < MOST_FAULTS:
            self.kept.append(fault)


@dataclass
class Reading:
    """A log that was read to its end. Close it: the cases lie in a temporary file."""

    mapping: Mapping
    course: Course
    digest: str
    faults: Faults
    shelf: Shelf

    @property
    def cases(self) -> int:
        """How many cases the log has."""
        return self.shelf.cases

    @property
    def events(self) -> int:
        """How many good rows the log has."""
        return self.shelf.events

    def taken(self, after: int = 0) -> Iterator[Case]:
        """The cases in their order, without the first ``after``."""
        return (case_of(records, self.mapping) for records in self.shelf.taken(after))

    def close(self) -> None:
        """Throw the temporary file away."""
        self.shelf.close()


def read_log(
    file: BinaryIO, mapping: Mapping, workflow: Workflow, *, now: datetime, progress: Progress,
    bounds: Bounds | None = None,
) -> Reading:
    """Read the log. Raises Refused for whatever cannot be read whole and safely, for a mapping
    that names states that ``workflow`` has not, and where no row is good."""
    bounds = bounds or Bounds()
    check_states(mapping, workflow)
    digest = digest_of(file)
    shelf, faults, judge = Shelf(mapping.order, bounds.events), Faults(), Judge(mapping, now)
    try:
        stream = open_log(file, bounds, progress)
        for row in READERS[mapping.format](stream, mapping, bounds):
            judged = row if isinstance(row, Fault) else judge(row)
            if not isinstance(judged, Fault):
                shelf.put(judged)
                continue
            faults.add(judged)
            if not shelf.events and faults.count == HOPELESS:
                raise _hopeless(faults)
        if not shelf.events:
            raise _hopeless(faults) if faults.count else refused(
                "log_empty", N_("There is nothing in this file."))
        shelf.close_up()
    except BaseException:
        shelf.close()
        raise
    return Reading(mapping, Course.of(workflow), digest, faults, shelf)


def check_states(mapping: Mapping, workflow: Workflow) -> None:
    """Raise Refused for every state of the mapping that the lifecycle does not have."""
    missing = sorted(mapping.states.named - workflow.states.keys())
    if missing:
        known = ", ".join(workflow.states)
        raise Refused([
            Reason("state_missing", N_("The lifecycle “%(lifecycle)s” has no state “%(state)s”. It "
                                       "has: %(known)s."),
                   {"lifecycle": workflow.name, "state": state, "known": known}, "mapping")
            for state in missing])


def _hopeless(faults: Faults) -> Refused:
    """Not one row is good: say what is wrong with the first of them."""
    reasons = [Reason("no_good_row", N_("Not one of the first %(count)d rows fits the mapping."),
                      {"count": faults.count}, "file")]
    reasons += [Reason(reason.code, N_("Line %(line)s: %(reason)s."),
                       {"line": fault.line, "reason": reason}, "file")
                for fault in faults.kept[:SHOWN] for reason in fault.reasons]
    return Refused(reasons)
