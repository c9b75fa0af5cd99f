"""An import can be killed and called again; whatever happens, each case comes in exactly once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from registry.core.db import atomic, db, only_reading
from registry.imports import service
from registry.imports.models import ImportFault, ImportRun
from registry.tickets.models import Ticket
from tests.factories import House, a_client, a_ticket
from tests.ground.parts import ROOT
from tests.registry.imports import counted, kept
from tests.registry.imports.conftest import Run

CASE_BY_CASE = """
import sys
from registry.cli import main
from registry.imports import service

service.CASES_AT_ONCE = 1
sys.argv = ["countersign", "import", "events", sys.argv[1], "--mapping", "incident_log"]
main()
"""


class Killed(BaseException):
    """The process is gone: nothing catches it."""


def started(registry: Flask, file: Path, folder: Path) -> subprocess.Popen[str]:
    """An import in a process of its own, a transaction for each case."""
    settings = registry.config["SETTINGS"]
    return subprocess.Popen(
        [sys.executable, "-c", CASE_BY_CASE, str(file)], cwd=folder, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT), "COUNTERSIGN_DATABASE_URL": settings.database_url,
             "COUNTERSIGN_DATA_DIR": str(settings.data_dir)})


def tickets() -> int:
    """How many tickets others have committed."""
    with only_reading():
        return kept.rows()["ticket"]


def test_a_second_run_adds_nothing(bring_in: Run, cut: Path, registry: Flask):
    bring_in(cut)
    with registry.app_context():
        before = kept.rows()
    answer = bring_in(cut)
    assert answer.output == ("This file was brought in already: 60 tickets. There is nothing to "
                             "add.\n")
    with registry.app_context():
        assert kept.rows() == before


def test_a_longer_file_adds_only_the_cases_that_are_new(
    bring_in: Run, cut: Path, registry: Flask, tmp_path: Path
):
    lines = cut.read_text().splitlines(keepends=True)
    half = tmp_path / "half.csv"
    half.write_text("".join(lines[:300]))
    first = len(counted.incidents(half)) - 1  # the last case of the half is not whole
    cases = list(counted.incidents(half))[:first]
    half.write_text("".join([lines[0], *(line for line in lines[1:]
                                         if line.partition(",")[0] in cases)]))
    assert f"Entered: {first} tickets" in bring_in(half).output
    answer = bring_in(cut)
    assert f"Entered: {60 - first} tickets" in answer.output
    assert f"{first} cases were here already and were left as they are." in answer.output
    with registry.app_context():
        assert len(kept.numbers_by_case()) == 60
        assert kept.proved().is_sound


@pytest.mark.parametrize("survived", [0, 1, 3])
def test_after_a_kill_the_next_run_goes_on_behind_the_last_batch(
    bring_in: Run, cut: Path, registry: Flask, monkeypatch: pytest.MonkeyPatch, survived: int
):
    monkeypatch.setattr(service, "CASES_AT_ONCE", 10)
    batches: list[int] = []
    write = service.Writer.write

    def write_or_die(writer: service.Writer) -> None:
        write(writer)
        batches.append(1)
        if len(batches) > survived:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(service.Writer, "write", write_or_die)
        with pytest.raises(Killed):
            bring_in(cut)
    with registry.app_context():
        assert kept.rows()["ticket"] == survived * 10
        assert kept.proved().is_sound
    answer = bring_in(cut)
    assert ("going on after case" in answer.output) is (survived > 0)
    with registry.app_context():
        assert kept.numbers_by_case() == {
            case: number for number, case in enumerate(counted.incidents(cut), start=1)}
        run = db.session.scalars(select(ImportRun)).one()
        assert (run.position, run.tickets, run.cases, run.bad_rows) == (60, 60, 60, 5)
        assert kept.proved().is_sound


def test_a_process_killed_at_any_moment_leaves_whole_cases_only(
    registry: Flask, bring_in: Run, cut: Path, tmp_path: Path
):
    process = started(registry, cut, tmp_path)
    with registry.app_context():
        while process.poll() is None and not tickets():
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert tickets()
        with only_reading():
            assert kept.proved().is_sound
    bring_in(cut)
    with registry.app_context():
        assert len(kept.numbers_by_case()) == 60
        assert kept.proved().is_sound


def test_two_imports_of_the_same_file_at_once_enter_each_case_once(
    registry: Flask, cut: Path, tmp_path: Path
):
    both = [started(registry, cut, tmp_path) for _ in range(2)]
    answers = [process.communicate()[1] for process in both]
    assert 0 in [process.returncode for process in both], answers
    for process, said in zip(both, answers, strict=True):
        assert process.returncode == 0 or "Another import" in said or "a moment before" in said
        assert "Traceback" not in said
    with registry.app_context():
        assert kept.numbers_by_case() == {
            case: number for number, case in enumerate(counted.incidents(cut), start=1)}
        assert kept.proved().is_sound


def test_whoever_finds_the_run_further_on_stops(registry: Flask, cut: Path, bring_in: Run,
                                                monkeypatch: pytest.MonkeyPatch):
    def take_late(run_id: int, position: int, *rest: Any, **more: Any) -> int:
        db.session.get_one(ImportRun, run_id).position += 1
        db.session.flush()
        return service.take_batch(run_id, position, *rest, **more)

    monkeypatch.setattr("registry.imports.commands.take_batch", take_late)
    answer = bring_in(cut)
    assert answer.exit_code == 1
    assert "Another import of this file is at work." in answer.stderr
    with registry.app_context():
        assert kept.rows()["ticket"] == 0


def test_a_dry_run_says_what_would_come_and_enters_nothing(
    bring_in: Run, cut: Path, registry: Flask
):
    with registry.app_context():
        before = kept.rows()
    answer = bring_in(cut, "incident_log", "--dry-run")
    with registry.app_context():
        assert kept.rows() == before
    entered = bring_in(cut)
    handoffs = entered.output.partition("tickets with ")[2].partition(" ")[0]
    assert f"60 tickets with {handoffs} handoffs would be entered" in answer.output
    assert "0 cases are here already." in answer.output


def test_the_run_keeps_what_was_left_out_and_from_which_file(
    bring_in: Run, cut: Path, registry: Flask
):
    bring_in(cut)
    with registry.app_context():
        run = db.session.scalars(select(ImportRun)).one()
        assert (run.source, run.file_name, run.head_seq) == ("incident_log", cut.name, 2)
        assert "[states.activities]" in run.mapping
        assert list(db.session.scalars(select(ImportFault.line).order_by(ImportFault.id))) == (
            counted.bad_lines(cut))
        chains = list(kept.chains())
        assert {chain[0]["content"]["run"] for chain in chains} == {run.ref}


def test_a_registry_in_full_life_keeps_its_own_tickets_and_clients(
    bring_in: Run, cut: Path, registry: Flask
):
    place = next(iter(counted.incidents(cut).values())).names("location")[-1]
    with registry.app_context(), atomic():
        house = House()
        ours = a_ticket(house, "returned").number
        theirs = a_client(f"  {place.upper()} ").id
    bring_in(cut)
    with registry.app_context():
        numbers = kept.numbers_by_case()
        assert sorted(numbers.values()) == list(range(ours + 1, ours + 61))
        found = db.session.scalars(select(Ticket.number).where(Ticket.client_id == theirs)).all()
        assert found
        assert ours not in found
        assert kept.proved().is_sound
    with registry.app_context(), atomic():
        assert a_ticket(House("2")).number == ours + 61
