"""How long failures wait, and what becomes of jobs: done once, tried again, given up."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from registry.core import jobs
from registry.core.models import Job
from registry.core.outbox import queue_job
from registry.core.retries import DELAYS, next_try
from registry.worker import run_due
from tests.factories import NOW


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the handler of ``note`` was given; a job of ``fail`` fails."""
    seen: list[object] = []

    def fail(payload, *, now):
        seen.append(payload["n"])
        raise RuntimeError("it is broken")

    monkeypatch.setattr(jobs, "DUTIES", {})
    monkeypatch.setattr(jobs, "HANDLERS", {
        "note": lambda payload, now: seen.append(payload["n"]), "fail": fail})
    return seen


def owe(session: Session, kind: str, number: int, after: timedelta = timedelta()) -> None:
    queue_job(kind, f"{kind}:{number}", due_at=NOW + after, now=NOW, payload={"n": number})
    session.commit()


def job(session: Session, key: str) -> Job:
    session.expire_all()
    return session.query(Job).filter_by(key=key).one()


def test_waiting_grows_up_to_a_day_and_ends():
    waits = [next_try(tries, NOW) for tries in range(1, 9)]
    assert waits[:-1] == [NOW + delay for delay in DELAYS]
    assert DELAYS[:4] == tuple(timedelta(minutes=each) for each in (1, 5, 15, 60))
    assert max(DELAYS) == timedelta(days=1)
    assert waits[-1] is None


def test_what_is_due_is_done_once_and_what_is_not_due_waits(session: Session, done):
    owe(session, "note", 1)
    owe(session, "note", 2, timedelta(minutes=1))
    assert run_due(NOW).jobs_done == 1
    assert not run_due(NOW)
    assert done == [1]
    assert run_due(NOW + timedelta(minutes=1)).jobs_done == 1
    assert done == [1, 2]


def test_one_that_fails_holds_up_no_other(session: Session, done):
    owe(session, "fail", 1)
    owe(session, "note", 2, timedelta(seconds=1))
    result = run_due(NOW + timedelta(seconds=1))
    assert (result.jobs_done, result.jobs_failed) == (1, 1)
    failed = job(session, "fail:1")
    assert failed.error == "RuntimeError: it is broken"
    assert failed.due_at == NOW + timedelta(minutes=1, seconds=1)
    assert failed.done_at is None


def test_what_the_handler_wrote_before_it_failed_is_gone(
        session: Session, done, monkeypatch: pytest.MonkeyPatch):
    def half(payload, *, now):
        queue_job("note", "half", due_at=now, now=now, payload={"n": 9})
        raise RuntimeError

    monkeypatch.setitem(jobs.HANDLERS, "fail", half)
    owe(session, "fail", 1)
    run_due(NOW)
    assert session.query(Job).filter_by(key="half").first() is None


def test_one_that_always_fails_is_given_up_in_the_end(session: Session, done):
    owe(session, "fail", 1)
    now = NOW
    for _ in range(20):
        run_due(now)
        now += timedelta(days=2)
    given_up = job(session, "fail:1")
    assert len(done) == given_up.tries == len(DELAYS) + 1
    assert given_up.given_up_at is not None


def test_a_kind_that_nobody_does_is_named(session: Session, done):
    owe(session, "riddle", 1)
    assert run_due(NOW).jobs_failed == 1
    assert "riddle" in job(session, "riddle:1").error


def test_a_duty_that_fails_holds_up_no_job(
        session: Session, done, monkeypatch: pytest.MonkeyPatch):
    def fail(*, now):
        raise RuntimeError

    monkeypatch.setitem(jobs.DUTIES, "fails", fail)
    owe(session, "note", 1)
    assert run_due(NOW).jobs_done == 1


def test_the_log_names_the_fault_and_none_of_its_words(session: Session, done):
    owe(session, "fail", 1)
    with capture_logs() as logs:
        run_due(NOW)
    (line,) = [each for each in logs if each["event"] == "job_failed"]
    assert line["error"] == "RuntimeError"
    assert line["at"].startswith("test_jobs.py:")
    assert "broken" not in str(logs)


def test_a_round_without_work_takes_no_write_lock(
        session: Session, done, count_queries, database):
    run_due(NOW)
    with count_queries() as queries:
        run_due(NOW)
    writes = [each for each in queries if not each.startswith("SELECT")]
    assert len(writes) <= 3, queries  # the worker is seen once at its start
