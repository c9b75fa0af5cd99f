"""A program and a database of another revision: the worker says which, waits, and goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from registry.core.db import atomic, db
from registry.core.revision import Fit, fit, known_revisions, program_revision
from registry.core.times import utc_now
from registry.worker import Worker

PATIENCE = 60


def set_revision(app: Flask, revision: str) -> None:
    with app.app_context(), atomic():
        db.session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def test_a_database_of_ours_fits(session: Session) -> None:
    assert fit() == Fit(program_revision(), program_revision(), True)
    assert fit()


@pytest.mark.parametrize(("revision", "remedy"), [
    ("0001", "countersign up"), ("9999", "newest checkout")])
def test_another_revision_says_which_half_is_older(session: Session, revision: str, remedy: str
                                                   ) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    found = fit()
    assert not found
    assert remedy in found.remedy


def test_an_empty_database_is_to_be_brought_up(session: Session) -> None:
    session.execute(text("DELETE FROM alembic_version"))
    assert fit() == Fit("", program_revision(), True)


def test_the_newest_revision_comes_first() -> None:
    assert known_revisions()[-1] == "0001"
    assert list(known_revisions()) == sorted(known_revisions(), reverse=True)


def test_a_round_on_another_revision_does_nothing(committed_app: Flask) -> None:
    worker = Worker("one")
    with committed_app.app_context():
        assert worker._fits()
        set_revision(committed_app, "0001")
        assert not worker._fits()
        set_revision(committed_app, program_revision())
        assert worker._fits()
        assert worker.run_due(utc_now()) is not None


def wait_for(log: Path, event: str) -> list[dict[str, str]]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        lines = [json.loads(line) for line in log.read_text().splitlines() if line[:1] == "{"]
        found = [line for line in lines if line["event"] == event]
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"never {event}: {log.read_text()}")


def test_a_worker_waits_for_the_upgrade_and_goes_on(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    app = make_app()
    set_revision(app, "0001")
    settings = app.config["SETTINGS"]
    env = os.environ | {"COUNTERSIGN_DATABASE_URL": settings.database_url,
                        "COUNTERSIGN_DATA_DIR": str(settings.data_dir)}
    log = tmp_path / "log"
    with log.open("wb") as file:
        worker = subprocess.Popen([sys.executable, "-m", "registry", "worker"], env=env,
                                  stderr=file)
    try:
        (differs,) = wait_for(log, "revision_differs")
        assert (differs["database"], differs["program"]) == ("0001", program_revision())
        time.sleep(3)  # a round goes by, and it is not said again
        assert len(wait_for(log, "revision_differs")) == 1
        set_revision(app, program_revision())
        wait_for(log, "revision_fits")
        assert worker.poll() is None
    finally:
        worker.terminate()
        assert worker.wait(PATIENCE) == 0


def test_a_round_that_fails_is_not_the_workers_end(
    committed_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, rounds = Worker("one"), []

    def breaks(now: object) -> None:
        rounds.append(now)
        if len(rounds) == 3:
            worker.stop()
        raise (OSError(28, "No space left on device"), ZeroDivisionError("ours"),
               InternalError("x", None, Exception("read-only")))[len(rounds) - 1]

    monkeypatch.setattr(worker, "_round", breaks)
    monkeypatch.setattr("registry.worker.PAUSE", 0.01)
    with capture_logs() as told:
        worker.run_for_ever(committed_app)
    assert [line["event"] for line in told] == [
        "started", "disk_full", "round_failed", "round_failed", "ended"]
    assert "ours" not in json.dumps(told)
