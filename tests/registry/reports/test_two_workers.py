"""Real worker processes on both databases: one report, one mail each, also where one is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from registry.config import Settings
from registry.core.db import atomic, db
from registry.core.models import Message, MessageState
from registry.reports.models import DailyReport, DailyReportCopy
from tests.factories import House
from tests.ground.mail import MailServer
from tests.ground.processes import until

PATIENCE = 120
READERS = 3
# A worker that ends in the middle of making the report, when all is written and nothing kept.
DYING = """
import os
from registry.reports import owed
owed.send_report = lambda report, *, now: os._exit(9)
from registry.cli import main
import sys
sys.argv = ["countersign", "worker"]
main()
"""


@pytest.fixture
def company(committed_app: Flask) -> Flask:
    """A company with its readers, in a database of its own that really commits."""
    with committed_app.app_context(), atomic():
        House()
    return committed_app


@dataclass
class Running:
    """A worker's process and the file of its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait(self) -> int:
        return self.process.wait(PATIENCE)


@pytest.fixture
def start(
    company: Flask, smtp_server: MailServer, tmp_path: Path
) -> Iterator[Callable[..., Running]]:
    """Start a worker; all that are left are killed at the end."""
    settings: Settings = company.config["SETTINGS"]
    environment = os.environ | {
        "COUNTERSIGN_DATABASE_URL": settings.database_url, "COUNTERSIGN_REPORT_AT": "00:00",
        "COUNTERSIGN_DATA_DIR": str(settings.data_dir), "COUNTERSIGN_SMTP_URL": smtp_server.url}
    running: list[Running] = []

    def start(*code: str) -> Running:
        arguments = ["-c", *code] if code else ["-m", "registry", "worker"]
        log = tmp_path / f"worker{len(running)}.log"
        with log.open("wb") as file:
            worker = Running(subprocess.Popen([sys.executable, *arguments], env=environment,
                                              stderr=file), log)
        running.append(worker)
        until(lambda: b'"started"' in log.read_bytes() or worker.process.poll() is not None)
        return worker

    yield start
    for worker in running:
        worker.process.kill()
        worker.process.wait()


@contextmanager
def looking(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.rollback()


def waiting() -> list[Message]:
    """The mails that are not sent, as they are in the database at this moment."""
    db.session.rollback()
    return db.session.query(Message).filter_by(state=MessageState.WAITING).all()


def arrived_once(server: MailServer) -> bool:
    """Whether each reader has exactly one mail."""
    recipients = [mail["To"] for mail in server.messages]
    return len(recipients) == len(set(recipients)) == READERS


def test_two_workers_and_a_restart_send_one_report_to_each_reader(
        company: Flask, start, smtp_server: MailServer):
    first, second = start(), start()
    until(lambda: len(smtp_server.messages) >= READERS)
    first.process.send_signal(signal.SIGTERM)
    assert first.wait() == 0
    start()
    time.sleep(5)
    assert second.process.poll() is None
    assert arrived_once(smtp_server)
    with looking(company):
        assert db.session.query(DailyReport).count() == 1
        assert db.session.query(DailyReportCopy).count() == READERS
        assert {mail.state for mail in db.session.query(Message)} == {MessageState.SENT}


def test_a_worker_killed_while_it_makes_the_report_leaves_it_to_another(
        company: Flask, start, smtp_server: MailServer):
    dying = start(DYING)
    assert dying.wait() == 9
    with looking(company):
        assert db.session.query(DailyReport).count() == 0
        assert db.session.query(Message).count() == 0
    start()
    until(lambda: len(smtp_server.messages) >= READERS)
    assert arrived_once(smtp_server)


def test_a_worker_killed_while_it_sends_loses_no_mail_and_holds_up_no_other(
        company: Flask, start, smtp_server: MailServer):
    held, go_on = threading.Event(), threading.Event()
    real = smtp_server.handle_DATA

    async def hold_the_first(server, session, envelope):
        if not held.is_set():
            held.set()
            while not go_on.is_set():
                await asyncio.sleep(0.05)
            return "451 the sender has gone"
        return await real(server, session, envelope)

    smtp_server.handle_DATA = hold_the_first
    doomed = start()
    assert held.wait(PATIENCE)
    doomed.process.kill()
    doomed.wait()
    start()
    with looking(company):
        until(lambda: len(waiting()) == 1)
        assert waiting()[0].claimed_until > datetime.now(UTC)
    assert len(smtp_server.messages) == READERS - 1
    go_on.set()
    with company.app_context(), atomic():
        # The time of the claim goes by.
        waiting()[0].claimed_until = datetime.now(UTC)
    until(lambda: len(smtp_server.messages) >= READERS)
    time.sleep(3)
    assert arrived_once(smtp_server)


def test_a_worker_ends_cleanly_when_it_is_told_to(company: Flask, start):
    for told in (signal.SIGTERM, signal.SIGINT):
        worker = start()
        worker.process.send_signal(told)
        assert worker.wait() == 0
        assert b'"event": "ended"' in worker.log.read_bytes()
