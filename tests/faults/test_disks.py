"""A disk that is full, or that can only be read: people are told so, nothing is half done, and when
the disk is well again all goes on without a hand.

On SQLite the database lies on that disk too; on PostgreSQL only what people attach.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from registry import create_app
from registry.core.calendar import company_calendar
from registry.core.db import atomic, db, only_reading
from registry.core.models import Message, MessageState
from registry.core.outage import outage
from registry.ledger.models import LedgerCheckpoint
from registry.reports.models import DailyReport, DailyReportCopy
from registry.tickets.models import Attachment, Ticket
from registry.worker import Worker
from tests.factories import NOW, House, a_ticket
from tests.faults.conftest import assert_whole, kinds_of
from tests.faults.web import Browser, Web
from tests.ground.databases import Database, settings_for
from tests.ground.disks import Disk
from tests.ground.mail import MailServer

SENTENCE = "The disk of the registry is full or cannot be written to."
FILE = b"What the line measured.\n" * 8000


@pytest.fixture
def company(database: Database, disk: Disk, smtp_server: MailServer) -> Iterator[Flask]:
    """A company whose data folder is the disk, and on SQLite its database as well."""
    url = database.copy()
    if database.kind == "sqlite":
        moved = disk.folder / "registry.sqlite3"
        shutil.move(url.removeprefix("sqlite:///"), moved)
        url = f"sqlite:///{moved}"
    app = create_app(settings_for(url, disk.folder, smtp_url=smtp_server.url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    if database.kind == "postgresql":
        database.drop(url)


@pytest.fixture
def ticket(company: Flask) -> dict[str, Any]:
    """A ticket in the hands of the engineer."""
    with company.app_context():
        with atomic():
            house = House()
            ticket = a_ticket(house, "accepted")
            told = {"id": ticket.id, "number": ticket.number, "holder": house.engineer.login,
                    "colleague": house.other_engineer.id}
        db.session.remove()
    return told


def kinds(app: Flask, ticket: dict[str, Any]) -> list[str]:
    with app.app_context(), only_reading():
        return kinds_of(db.session.get_one(Ticket, ticket["id"]))


def left_in(folder: Path) -> list[Path]:
    """Files of attachments, whole or begun."""
    return [path for path in (folder / "attachments").rglob("*") if path.is_file()]


class Work:
    """What the engineer tries while the disk is as it is."""

    def __init__(self, web: Web, ticket: dict[str, Any]) -> None:
        self.browser = Browser(web.port, ticket["holder"])
        number, colleague = ticket["number"], ticket["colleague"]
        self.page = f"/tickets/{number}"
        self._acts = {
            f"/tickets/{number}/moves/pass_on?receiver={colleague}": {
                "reason": "", "password": "correct horse 7"},
            f"/tickets/{number}/promise": {
                "promised_at": f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT%H:%M}",
                "reason": "A part is late", "client_told": "y"},
        }
        self._forms = {path: self.browser.hidden(path) | typed
                       for path, typed in self._acts.items()}
        self._files = f"/tickets/{number}/files"
        self._token = self.browser.hidden(self._files)

    def sign(self) -> list[tuple[int, str]]:
        """Offer and promise; how each was answered."""
        return [self.browser.ask(path, form) for path, form in self._forms.items()]

    def attach(self) -> tuple[int, str]:
        """Attach a file of 190 kB."""
        return self.browser.ask(self._files, self._token, FILE)


def nothing_goes(work: Work, *, can_sign: bool) -> None:
    """Everything that has to be written on the disk is refused with the sentence. Whether SQLite
    can still be read depends on what of it is open; where not, the same is said."""
    for status, page in [work.attach(), *([] if can_sign else work.sign())]:
        assert status == 503, page
        assert SENTENCE in page
        assert "Error 503, request" in page
    status, page = work.browser.ask(work.page)
    assert status == 200 or (not can_sign and status == 503 and SENTENCE in page)
    assert work.browser.ask("/healthz")[0] == 200


def all_goes(company: Flask, ticket: dict[str, Any], work: Work) -> None:
    """The same forms, sent again, are taken; nothing was done twice and nothing is left over."""
    before = kinds(company, ticket)
    assert "file_attached" not in before
    assert left_in(Path(company.config["SETTINGS"].data_dir)) == []
    assert [status for status, _page in work.sign()] == [303, 303]
    assert work.attach()[0] == 303
    assert kinds(company, ticket) == [*before, "handoff_offered", "promised", "file_attached"]
    with company.app_context(), only_reading():
        (attachment,) = db.session.query(Attachment).all()
        kept = left_in(Path(company.config["SETTINGS"].data_dir))
        assert [path.name for path in kept] == [attachment.digest]
    assert work.browser.ask(work.page)[0] == 200
    assert_whole(company)


def test_on_a_full_disk_people_are_told_and_nothing_is_half_done(
    company: Flask, ticket: dict[str, Any], web: Web, disk: Disk, database: Database
) -> None:
    work = Work(web, ticket)
    disk.fill()
    nothing_goes(work, can_sign=database.kind == "postgresql")
    disk.empty()
    all_goes(company, ticket, work)


def test_on_a_disk_that_can_only_be_read_people_are_told(
    company: Flask, ticket: dict[str, Any], web: Web, disk: Disk, database: Database
) -> None:
    work = Work(web, ticket)
    with disk.read_only():
        nothing_goes(work, can_sign=database.kind == "postgresql")
    all_goes(company, ticket, work)


def test_a_worker_waits_for_the_disk_and_then_reports_once(
    company: Flask, ticket: dict[str, Any], disk: Disk, smtp_server: MailServer
) -> None:
    """On PostgreSQL it can work meanwhile, but for the key that its first checkpoint makes."""
    morning = the_next_morning(company)
    disk.fill()
    for minute in range(3):
        a_round(company, morning + timedelta(minutes=minute))
    disk.empty()
    with company.app_context(), only_reading():
        assert db.session.query(LedgerCheckpoint).count() == 0, "there was no room for the key"
    for hour in range(1, 4):
        a_round(company, morning + timedelta(hours=hour))

    with company.app_context(), only_reading():
        assert db.session.query(LedgerCheckpoint).count() > 0
        assert db.session.query(DailyReport).count() == 1
        readers = db.session.query(DailyReportCopy).count()
        assert {mail.state for mail in db.session.query(Message)} == {MessageState.SENT}
    reports = [mail for mail in smtp_server.messages if "daily-report" in mail["List-Id"]]
    assert len(reports) == len({mail["To"] for mail in reports}) == readers > 0
    assert_whole(company)


def the_next_morning(app: Flask) -> datetime:
    """Nine o'clock of the working day after that on which the company began."""
    with app.app_context(), only_reading():
        calendar = company_calendar()
        return calendar.at(calendar.next_working_day(NOW.date()), 9 * 60)


def a_round(app: Flask, now: datetime) -> None:
    """One round of a worker that goes on whatever happens outside of it, as for ever."""
    with app.app_context():
        try:
            Worker("of the test").run_due(now)
        except Exception as error:
            assert outage(error) is not None, error
        db.session.remove()
