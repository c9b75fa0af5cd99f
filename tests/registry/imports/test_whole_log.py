"""The whole real log: every number of it, counted from the file by other means.

SQLite takes in all 24,918 cases, PostgreSQL the first 4,000: the same code writes to both, and one
whole run is enough of a wait.
"""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from registry.core.db import db
from registry.people.models import Person
from registry.reports.figures import figures_of, listed
from tests.ground.databases import Database
from tests.registry.imports import counted, kept
from tests.registry.imports.conftest import Run

FIRST_CASES = 4_000
DAYS = (date(2016, 2, 29), date(2016, 3, 7), date(2016, 3, 24), date(2016, 4, 9),
        date(2016, 5, 31), date(2016, 12, 30))
# Beyond what the process had before; the log itself is 46 MB, its history in the registry 180 MB.
MOST_MEMORY = 96 * 1024 * 1024


@pytest.fixture
def log(shared_data: Path, database: Database, tmp_path: Path) -> Path:
    """As much of the log as this database is to take in."""
    whole = shared_data / "incident_event_log.csv.gz"
    if database.kind == "sqlite":
        return whole
    part = tmp_path / "part.csv.gz"
    with gzip.open(whole, "rt") as source, gzip.open(part, "wt") as file:
        cases = set()
        for line in source:
            cases.add(line.partition(",")[0])
            if len(cases) > FIRST_CASES + 1:
                break
            file.write(line)
    return part


class Memory:
    """Watches how much memory this process has while something runs."""

    def __init__(self) -> None:
        self.before = self.most = resident()
        self._is_over = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Memory:
        self._watcher.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        self._watcher.join()

    @property
    def grown(self) -> int:
        return self.most - self.before

    def _watch(self) -> None:
        while not self._is_over.wait(0.1):
            self.most = max(self.most, resident())


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.scale
def test_the_registry_holds_what_the_log_says(
    bring_in: Run, log: Path, registry: Flask, database: Database
):
    with Memory() as memory:
        answer = bring_in(log)
    assert answer.exit_code == 0, answer.output
    assert memory.grown < MOST_MEMORY
    cases = counted.incidents(log)
    with registry.app_context():
        if database.kind == "sqlite":
            the_published_numbers_come_out(answer.stderr)
        the_counts_are_those_of(cases)
        for day in DAYS:
            the_report_is_that_of(cases, day)
        verdict = kept.proved()
        assert [str(finding) for finding in verdict.findings] == []
        assert verdict.entries == kept.rows()["ledger_entry"]
        before = kept.rows()
    assert "There is nothing to add." in bring_in(log).output
    with registry.app_context():
        assert kept.rows() == before


def the_published_numbers_come_out(said: str) -> None:
    """What is known of this log from outside these tests."""
    assert [line.partition(":")[0] for line in said.splitlines() if line.startswith("Line ")] == [
        f"Line {line}" for line in (115643, 115644, 124509, 124510, 124511)]
    assert kept.states() == Counter(closed=24_918)
    assert kept.reopened() == (275, 331)
    holders, departments = kept.holders(), kept.departments()
    assert (holders.changes, holders.cases, holders.came_back) == (4_873, 2_858, 1_367)
    assert (departments.changes, departments.cases, departments.came_back) == (
        19_087, 9_575, 2_628)


def the_counts_are_those_of(cases: dict[str, counted.Incident]) -> None:
    """Cases, reopenings, holders and departments as the file has them."""
    reopenings = [len(case.reopenings()) for case in cases.values() if case.reopenings()]
    assert kept.numbers_by_case() == {
        case: number for number, case in enumerate(cases, start=1)}
    assert kept.reopened() == (len(reopenings), sum(reopenings))
    assert kept.holders() == counted.moves(cases, "assigned_to")
    assert kept.departments() == counted.moves(cases, "assignment_group")


def the_report_is_that_of(cases: dict[str, counted.Incident], day: date) -> None:
    """Every number of the daily report, and the list behind it."""
    by_number = {number: case for case, number in kept.numbers_by_case().items()}
    figures, flows = figures_of(day), counted.flows(cases, day)
    assert {name: {by_number[number] for number in numbers}
            for name, numbers in figures.flows.items()} == flows, day
    hands = counted.open_hands(cases, day)
    names = {person.id: person.name for person in db.session.query(Person)}
    in_hands = Counter(name or "Originator not in the log" for name in hands.values())
    assert Counter({names[person]: count for person, count in figures.hands.items()}) == in_hands
    assert {by_number[number] for number in listed(day, "open")} == hands.keys()
    assert figures.broken == figures.danger == [], "the log promises nothing"
    assert {by_number[each.number] for each in figures.untaken} == set(untaken(cases, day))


def untaken(cases: dict[str, counted.Incident], day: date) -> Iterator[str]:
    """The cases that are still new when the day ends."""
    for case in cases.values():
        standing = case.at_end_of(day)
        if standing is not None and standing[0] == "New":
            yield case.number
