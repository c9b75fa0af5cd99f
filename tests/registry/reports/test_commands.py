"""``report daily``: printed for any day that is over, made and mailed when asked for."""

import os
import subprocess
import sys
from datetime import date, datetime

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.core.models import Message
from registry.reports.commands import report
from registry.reports.models import DailyReport
from registry.reports.service import keep_report
from tests.factories import NOW, House, a_ticket

MORNING = datetime.fromisoformat("2026-11-25T08:30+03:00")


@pytest.fixture
def run(app: Flask, house: House, session: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("registry.reports.commands.utc_now", lambda: MORNING)
    a_ticket(house, now=NOW)
    session.commit()

    def run(*arguments: str) -> Result:
        session.commit()
        return app.test_cli_runner().invoke(report, ["daily", *arguments])

    return run


def test_it_prints_the_last_working_day_and_keeps_nothing(run, session: Session):
    result = run()
    assert result.exit_code == 0
    assert result.output.startswith("24 Nov: 1 new, 0 returned, no promise broken\n\nFor you:")
    assert session.query(DailyReport).count() == session.query(Message).count() == 0


def test_it_prints_any_day_for_any_reader(run):
    assert run("--day", "2026-11-20").output.startswith("20 Nov: a quiet day")
    assert "has waited 7 h for an engineer" in run("--show", "--for", "lead").output


def test_sending_makes_it_and_owes_each_reader_one_mail(run, session: Session):
    result = run("--send", "--day", "2026-11-20")
    assert result.exit_code == 0
    assert "2026-11-20: Denis Volkov: queued" in result.output
    assert session.get(DailyReport, date(2026, 11, 20)) is not None
    assert session.query(Message).count() == 3
    assert "was sent it before" in run("--send", "--day", "2026-11-20").output
    assert session.query(Message).count() == 3


def test_two_who_send_it_at_the_same_moment_are_both_answered(
        run, session: Session, monkeypatch: pytest.MonkeyPatch):
    asked: list[date] = []

    def taken_by_another_first(day: date, *, now: datetime) -> DailyReport:
        asked.append(day)
        if len(asked) == 1:
            raise IntegrityError("INSERT INTO daily_report", None, Exception("duplicate key"))
        return keep_report(day, now=now)

    monkeypatch.setattr("registry.reports.commands.keep_report", taken_by_another_first)
    result = run("--send", "--day", "2026-11-20")
    assert (result.exit_code, len(asked)) == (0, 2)
    assert "2026-11-20: Denis Volkov: queued" in result.output
    assert session.query(Message).count() == 3


def test_a_day_that_is_not_over_has_no_report(run, session: Session):
    for arguments in (("--show",), ("--send",)):
        result = run("--day", "2026-11-25", *arguments)
        assert result.exit_code != 0
    assert session.query(DailyReport).count() == 0


def test_it_works_as_it_is_typed(committed_app: Flask):
    settings: Settings = committed_app.config["SETTINGS"]
    environment = os.environ | {
        "COUNTERSIGN_DATABASE_URL": settings.database_url, "COUNTERSIGN_LANGUAGE": "ru",
        "COUNTERSIGN_DATA_DIR": str(settings.data_dir)}
    typed = [sys.executable, "-m", "registry", "report", "daily", "--day"]
    shown = subprocess.run([*typed, "2026-11-20"], env=environment, capture_output=True, text=True)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("20 нояб.: тихий день, обещания не нарушены")
    refused = subprocess.run([*typed, "2999-01-01"], env=environment, capture_output=True,
                             text=True)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "2999-01-01" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_one_thing_is_asked_at_a_time(run):
    assert run("--show", "--send").exit_code == 2
