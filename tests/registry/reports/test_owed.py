"""Reports are owed by working days and made once: on time, late, after restarts, after faults."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from registry.core.db import atomic, db
from registry.core.models import Job, Message
from registry.ledger.keys import put_in_place
from registry.ledger.rotation import replace_lost_key, replace_stolen_key, rotate_key
from registry.reports import owed, service
from registry.reports.models import DailyReport, DailyReportCopy, LedgerCheck
from registry.reports.owed import make_owed
from registry.worker import Worker, run_due
from tests.factories import House, a_ticket


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+03:00")


WEDNESDAY = moscow("2026-11-25T08:30")


@pytest.fixture
def app(committed_app: Flask) -> Flask:
    """On a database of its own: the ledger's check reads in a transaction of its own kind."""
    return committed_app


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context():
        yield db.session  # type: ignore[misc]


@pytest.fixture
def ready(house: House, session: Session) -> House:
    session.commit()
    return house


def days(session: Session) -> list[date]:
    session.expire_all()
    return [report.day for report in session.query(DailyReport).order_by(DailyReport.day)]


def mails(session: Session) -> int:
    return session.query(Message).filter_by(kind="daily_report").count()


def test_at_the_hour_the_report_on_the_day_before_is_made_and_mailed(ready, session: Session):
    run_due(WEDNESDAY - timedelta(seconds=1))
    assert days(session) == [date(2026, 11, 23)]  # the newest at the first start
    run_due(WEDNESDAY)
    assert days(session) == [date(2026, 11, 23), date(2026, 11, 24)]
    assert mails(session) == 6
    assert session.get_one(DailyReport, date(2026, 11, 24)).data["late"] is None


def test_once_is_once_whatever_is_started_again(ready, session: Session):
    for minute in range(5):
        Worker(f"worker {minute}").run_due(WEDNESDAY + timedelta(minutes=minute))
    assert days(session) == [date(2026, 11, 24)]
    assert mails(session) == session.query(DailyReportCopy).count() == 3


def test_a_report_sent_by_hand_is_not_sent_again_at_its_hour(ready, session: Session):
    early = moscow("2026-11-25T07:00")
    with atomic():
        service.send_report(service.keep_report(date(2026, 11, 24), now=early), now=early)
    run_due(WEDNESDAY)
    assert mails(session) == 3


def test_a_worker_that_was_down_makes_each_missed_day_late_once_and_says_why(
        ready, session: Session):
    run_due(moscow("2026-11-20T08:30"))
    run_due(moscow("2026-11-25T11:00"))
    assert days(session) == [date(2026, 11, each) for each in (19, 20, 23, 24)]
    for day in (20, 23, 24):
        late = session.get_one(DailyReport, date(2026, 11, day)).data["late"]
        assert late["code"] == "worker_down"
        assert datetime.fromisoformat(late["seen_at"]) == moscow("2026-11-20T08:30")
    run_due(moscow("2026-11-25T11:05"))
    assert mails(session) == 4 * 3


def test_at_the_first_start_the_report_says_that_the_registry_began_late(
        ready, session: Session):
    run_due(moscow("2026-11-25T15:00"))
    assert session.get_one(DailyReport, date(2026, 11, 24)).data["late"]["code"] == "first_start"


def test_one_that_fails_at_first_is_made_later_and_says_so(
        ready, session: Session, monkeypatch: pytest.MonkeyPatch):
    run_due(moscow("2026-11-24T08:30"))
    Worker("seen").run_due(moscow("2026-11-25T08:29"))

    def fail(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr(owed, "send_report", fail)
    for minute in (30, 31, 36):
        run_due(moscow(f"2026-11-25T08:{minute}"))
    assert days(session) == [date(2026, 11, 23)]
    monkeypatch.undo()
    run_due(moscow("2026-11-25T08:51"))
    late = session.get_one(DailyReport, date(2026, 11, 24)).data["late"]
    assert late["code"] == "failed_before"
    assert mails(session) == 6


def test_a_job_done_twice_mails_once(ready, session: Session):
    run_due(WEDNESDAY)
    job = session.query(Job).filter_by(kind="daily_report").one()
    with atomic():
        make_owed(job.payload, now=WEDNESDAY)
    assert mails(session) == 3


def test_on_a_free_day_nothing_is_owed(ready, session: Session):
    run_due(moscow("2026-11-20T08:30"))
    run_due(moscow("2026-11-21T12:00"))
    run_due(moscow("2026-11-22T12:00"))
    assert days(session) == [date(2026, 11, 19)]
    run_due(moscow("2026-11-23T08:30"))
    assert days(session) == [date(2026, 11, 19), date(2026, 11, 20)]


def test_the_ledger_is_checked_once_a_night_and_the_report_tells_it(ready, session: Session):
    run_due(moscow("2026-11-25T02:59"))
    assert session.query(LedgerCheck).count() == 0
    run_due(moscow("2026-11-25T03:00"))
    run_due(moscow("2026-11-25T03:01"))
    check = session.query(LedgerCheck).one()
    assert (check.day, check.findings) == (date(2026, 11, 25), 0)
    assert check.ended_at == moscow("2026-11-25T03:00")
    run_due(WEDNESDAY)
    ledger = session.get_one(DailyReport, date(2026, 11, 24)).data["ledger"]
    assert ledger["check"]["entries"] == check.entries


def test_looking_whether_something_is_owed_takes_no_write_lock(
        ready, session: Session):
    run_due(WEDNESDAY)
    worker = Worker("idle")
    worker.run_due(WEDNESDAY)
    begun: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        begun.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        worker.run_due(WEDNESDAY + timedelta(seconds=2))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert {each.split()[0] for each in begun} <= {"BEGIN", "SELECT", "PRAGMA"}
    assert "BEGIN IMMEDIATE" not in begun


def test_a_check_that_a_killed_worker_began_is_begun_anew(ready, session: Session):
    session.add(LedgerCheck(day=date(2026, 11, 25), began_at=moscow("2026-11-25T03:00")))
    session.commit()
    run_due(moscow("2026-11-25T03:59"))
    session.expire_all()
    assert session.query(LedgerCheck).one().ended_at is None
    run_due(moscow("2026-11-25T04:01"))
    session.expire_all()
    assert session.query(LedgerCheck).one().ended_at is not None


def test_administrators_are_told_at_once_of_a_ledger_that_does_not_verify(
        ready, session: Session):
    ready.administrator.language = "ru"
    ticket = a_ticket(ready)
    ticket.head_hash = "0" * 64
    session.commit()
    run_due(moscow("2026-11-25T03:00"))
    run_due(moscow("2026-11-25T03:05"))
    alarm = session.query(Message).filter_by(kind="ledger_alarm").one()
    assert alarm.recipient == ready.administrator.email
    assert f"ticket:{ticket.number}" in alarm.text
    assert alarm.subject.startswith("Журнал не сходится")


def test_a_damaged_ledger_is_the_directors_first_line(ready, session: Session):
    session.add(LedgerCheck(day=date(2026, 11, 25), began_at=moscow("2026-11-25T03:00"),
                            ended_at=moscow("2026-11-25T03:01"), entries=9, findings=2,
                            first_findings=[]))
    session.commit()
    run_due(WEDNESDAY)
    report = session.get_one(DailyReport, date(2026, 11, 24))
    assert report.data["needs"]["commercial_director"]["code"] == "ledger_damaged"
    text = session.query(Message).filter_by(recipient=ready.director.email).one().text
    assert text.startswith("For you: the ledger is not as it was written.")
    assert "It does not verify: the check of 25 Nov 03:00 found 2 faults." in text


def test_a_report_whose_checkpoint_is_refused_goes_out_and_says_so(
        ready, session: Session, app: Flask):
    (app.config["SETTINGS"].data_dir / "ledger.key").write_text("no key")
    run_due(WEDNESDAY)
    text = session.query(Message).filter_by(recipient=ready.lead.email).one().text
    assert "No checkpoint could be made. The key by which the ledger is signed cannot be read." in (
        text.replace("\u00a0", " "))
    assert session.query(Message).filter_by(recipient=ready.lead.email).one().attachments == []


@pytest.mark.parametrize(("why", "said"), [
    ("rotated", "is signed with a new key, as the old one tells."),
    ("lost", "is signed with a new key: the old one is lost."),
    ("stolen", "is signed with a new key: the old one was stolen.")])
def test_a_new_key_is_told_to_the_directors_once(
        ready, session: Session, app: Flask, why: str, said: str):
    run_due(WEDNESDAY)
    settings, then = app.config["SETTINGS"], WEDNESDAY + timedelta(hours=4)
    if why == "lost":
        (settings.data_dir / "ledger.key").unlink()
    with atomic():
        made = {"rotated": lambda: rotate_key(settings, now=then),
                "lost": lambda: replace_lost_key(settings, now=then),
                "stolen": lambda: replace_stolen_key(settings, now=then, since=then)}[why]()
    put_in_place(settings)
    run_due(WEDNESDAY + timedelta(days=1))
    run_due(WEDNESDAY + timedelta(days=2))
    texts = [each.text.replace("\u00a0", " ") for each in session.query(Message).filter_by(
        recipient=ready.director.email, kind="daily_report").order_by(Message.id)]
    assert [str(made.new) in each for each in texts] == [False, True, False], texts[1]
    assert f"Since 25 Nov 12:30 the ledger {said}" in texts[1]
