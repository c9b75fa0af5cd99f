"""The database goes away and comes back: people are told, nothing acknowledged is lost, pages and
worker go on by themselves. Once told that nobody knows, a person looks before repeating.

PostgreSQL is really stopped, a server of this test's own; of SQLite another process keeps the lock.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry import create_app
from registry.core.db import atomic, db, only_reading
from registry.core.errors import Unsure
from registry.core.models import Message
from registry.core.outage import AWAY, DISK, outage
from registry.core.times import utc_now
from registry.servers.postgresql import connect, url_of
from registry.servers.programs import postgresql_programs
from registry.tickets.models import Ticket
from tests.factories import PASSWORD, House, a_ticket
from tests.faults.conftest import assert_whole, kinds_of
from tests.faults.installation import told
from tests.faults.web import PATIENCE, Browser, Web
from tests.ground import postgresql
from tests.ground.databases import migrate, settings_for
from tests.ground.mail import MailServer
from tests.ground.parts import ROOT, missing_parts
from tests.ground.processes import until

SENTENCE = "The registry is busy or its database is away. Nothing was lost; try again in a minute."
WORKER = """
import sys
from registry import create_app
from registry.core.logs import start_logs
from registry.worker import Worker
from tests.faults.installation import heard
app = create_app(heard(sys.argv[1]))
start_logs()
Worker("waits").run_for_ever(app)
"""


@pytest.fixture
def own_postgresql() -> Iterator[postgresql.Cluster]:
    """A PostgreSQL that this test may stop."""
    if postgresql_programs() is None:
        pytest.fail(missing_parts()["postgresql"], pytrace=False)
    cluster = postgresql.Cluster()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def company(own_postgresql: postgresql.Cluster, tmp_path: Path, smtp_server: MailServer
            ) -> Iterator[Flask]:
    """A company on that server."""
    postgresql.create_database(own_postgresql.folder, "company")
    url = url_of(own_postgresql.folder, "company")
    migrate(url, tmp_path / "migrated")
    app = create_app(settings_for(url, tmp_path / "data", smtp_url=smtp_server.url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def ticket(company: Flask) -> dict[str, Any]:
    with company.app_context(), atomic():
        house = House()
        made = a_ticket(house, "accepted")
        return {"id": made.id, "number": made.number, "holder": house.engineer.login,
                "colleague": house.other_engineer.id}


@pytest.fixture
def worker_log(company: Flask, tmp_path: Path) -> Iterator[Path]:
    """A worker at work, by its log."""
    log = tmp_path / "worker.log"
    with log.open("wb") as file:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, told(company.config["SETTINGS"])], cwd=ROOT,
            stderr=file)
    yield log
    assert worker.poll() is None, log.read_text()
    worker.kill()
    worker.wait()


def kinds(app: Flask, ticket: dict[str, Any]) -> list[str]:
    with app.app_context(), only_reading():
        return kinds_of(db.session.get_one(Ticket, ticket["id"]))


def test_while_the_database_is_away_people_are_told_and_all_goes_on_when_it_is_back(
    company: Flask, ticket: dict[str, Any], web: Web, worker_log: Path,
    own_postgresql: postgresql.Cluster, smtp_server: MailServer
) -> None:
    browser = Browser(web.port, ticket["holder"])
    path = f"/tickets/{ticket['number']}/moves/pass_on?receiver={ticket['colleague']}"
    form = {**browser.hidden(path), "reason": "", "password": PASSWORD}
    before = kinds(company, ticket)
    until(lambda: b'"started"' in worker_log.read_bytes(), PATIENCE)
    own_postgresql.halt()
    for status, page in (browser.ask(path, form), browser.ask(f"/tickets/{ticket['number']}")):
        assert status == 503
        assert SENTENCE in page
        assert "Error 503, request" in page
    assert browser.ask("/healthz")[0] == 200
    assert browser.ask("/readyz")[0] == 503
    until(lambda: b"database_away" in worker_log.read_bytes(), PATIENCE)
    own_postgresql.launch()
    until(lambda: browser.ask("/readyz")[0] == 200, PATIENCE)
    status, page = browser.ask(path, form)
    assert status == 303, page
    assert kinds(company, ticket) == [*before, "handoff_offered"]
    with company.app_context(), atomic():
        now = utc_now()
        db.session.add(Message(key="later", kind="daily_report", recipient="a@example.org",
                               subject="s", text="t", created_at=now, due_at=now))
    until(lambda: len(smtp_server.to("a@example.org")) == 1, PATIENCE)
    assert_whole(company)


def test_a_standby_is_no_fault_of_ours_and_can_be_read(
    company: Flask, ticket: dict[str, Any], web: Web, own_postgresql: postgresql.Cluster
) -> None:
    browser = Browser(web.port, ticket["holder"])
    path = f"/tickets/{ticket['number']}/moves/pass_on?receiver={ticket['colleague']}"
    form = {**browser.hidden(path), "reason": "", "password": PASSWORD}

    def read_only(switch: str) -> None:
        with connect(own_postgresql.folder) as other:
            other.execute(f"ALTER DATABASE company SET default_transaction_read_only = {switch}")
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                          "WHERE datname = 'company'")

    read_only("on")
    status, page = browser.patiently(path, form)
    assert status == 503
    assert SENTENCE in page
    assert browser.ask(f"/tickets/{ticket['number']}")[0] == 200
    read_only("off")
    assert browser.patiently(path, form)[0] == 303
    assert_whole(company)


def test_a_connection_lost_at_the_commit_is_said_to_be_unknown(
    company: Flask, ticket: dict[str, Any], web: Web, own_postgresql: postgresql.Cluster
) -> None:
    del web

    def cut(_session: Session) -> None:
        backend = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with connect(own_postgresql.folder) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (backend,))
        time.sleep(0.2)

    with company.app_context():
        db.session.execute(text("UPDATE ticket SET summary = 'x'"))
        event.listen(db.session(), "before_commit", cut)
        with pytest.raises(Unsure) as told_so, atomic():
            db.session.execute(text("UPDATE ticket SET summary = 'y'"))
        db.session.remove()
    assert "it may be there or not" in str(told_so.value)
    assert told_so.value.status == 503


def test_a_locked_sqlite_is_busy_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    migrate(f"sqlite:///{path}", tmp_path / "migrated")
    app = create_app(settings_for(f"sqlite:///{path}", tmp_path / "data"))
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with app.app_context():
            event.listen(db.engine, "connect",
                         lambda connection, _record: connection.execute(
                             "PRAGMA busy_timeout=100"))
        answer = client.post("/sign-in", data={"login": "a", "password": "b"})
        assert answer.status_code == 503
        assert SENTENCE in answer.text
        assert answer.headers["Retry-After"] == "60"
        holder.execute("ROLLBACK")
    assert client.post("/sign-in", data={"login": "a", "password": "b"}).status_code == 422


class Said(Exception):
    """What a driver raises."""

    def __init__(self, words: str, sqlstate: str | None = None) -> None:
        super().__init__(words)
        if sqlstate:
            self.sqlstate = sqlstate


@pytest.mark.parametrize(("error", "reason"), [
    (OperationalError("x", None, Said("database or disk is full")), DISK),
    (OperationalError("x", None, Said("attempt to write a readonly database")), DISK),
    (OperationalError("x", None, Said("database is locked")), AWAY),
    (OperationalError("x", None, Said("could not extend file", "53100")), DISK),
    (OperationalError("x", None, Said("unable to open database file", "08006")), AWAY),
    (OSError(28, "No space left on device"), DISK), (OSError(30, "Read-only file system"), DISK),
])
def test_what_is_told_is_what_is_the_matter(error: Exception, reason: Any) -> None:
    found = outage(error)
    assert found is not None
    assert found.reasons == (reason,)


@pytest.mark.parametrize("error", [FileNotFoundError(2, "gone"), ConnectionResetError(104, "x"),
                                   ValueError("x")])
def test_a_fault_of_ours_is_no_outage(error: Exception) -> None:
    assert outage(error) is None


def test_a_program_is_told_of_it_as_a_problem(tmp_path: Path) -> None:
    app = create_app(settings_for("postgresql+psycopg://someone@127.0.0.1:9/nowhere", tmp_path))
    answer = app.test_client().get("/api/v1/desk", headers={"Authorization": "Bearer cs_anything"})
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Retry-After"] == "60"
    (error,) = answer.json["errors"]
    assert (error["code"], error["detail"]) == ("database_away", SENTENCE)
    assert "someone" not in answer.text
