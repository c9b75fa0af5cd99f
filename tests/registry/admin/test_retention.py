"""What is kept only for a time goes, in bounded batches; what is for ever stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.admin.retention import Retention
from registry.config import SettingError, Settings
from registry.core import forgetting
from registry.core.models import Job, Message, MessageState
from registry.notices.models import Kind, Notice
from registry.people.models import Person, SignInAttempt, SignInSession
from tests.factories import NOW, House, a_person, a_ticket


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def a_mail(key: str, sent_at: datetime | None, **values: Any) -> Message:
    state = MessageState.SENT if sent_at else MessageState.WAITING
    return Message(**{"key": key, "kind": "x", "recipient": "a@example.org", "subject": "S",
                      "text": "T", "html": "H", "state": state, "created_at": days_ago(999),
                      "due_at": days_ago(999), "sent_at": sent_at} | values)


def a_job(key: str, done_at: datetime | None, kind: str = "x") -> Job:
    return Job(key=key, kind=kind, due_at=days_ago(999), created_at=days_ago(999),
               done_at=done_at)


def a_session(person: Person, key: str, ends: datetime, ended: datetime | None) -> SignInSession:
    return SignInSession(id=key, person_id=person.id, created_at=days_ago(999),
                         seen_at=days_ago(999), expires_at=ends, ended_at=ended)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that every kind needs several."""
    monkeypatch.setattr(forgetting, "BATCH", 2)


def test_old_things_go_and_new_ones_stay(session: Session) -> None:
    person = a_person()
    session.add_all(
        [a_mail(f"old{n}", days_ago(181)) for n in range(5)] + [a_mail("new", days_ago(179)),
                                                               a_mail("waits", None)])
    session.add_all([a_job(f"old{n}", days_ago(91)) for n in range(5)]
                    + [a_job("new", days_ago(89)), a_job("to do", None),
                       a_job("daily_report:2025-01-01", days_ago(400), "daily_report")])
    for days in (400, 390, 380, 370, 366, 364, 1):
        session.add(SignInAttempt(at=days_ago(days), login="l", address="a", purpose="sign_in",
                                  succeeded=False))
        session.flush()
    session.add_all([a_session(person, "out", days_ago(366), None),
                     a_session(person, "ended", NOW, days_ago(366)),
                     a_session(person, "lives", NOW + timedelta(days=1), None)])
    session.commit()

    Retention()(now=NOW)

    kept = {mail.key: mail.text for mail in session.scalars(select(Message))}
    assert {key for key, text in kept.items() if text} == {"new", "waits"}
    assert len(kept) == 7, "that somebody was told stays"
    assert set(session.scalars(select(Job.key))) == {"new", "to do", "daily_report:2025-01-01"}
    assert len(session.scalars(select(SignInAttempt)).all()) == 2
    assert set(session.scalars(select(SignInSession.id))) == {"lives"}


def test_notices_go_that_were_told_or_left_out_long_ago(house: House, session: Session) -> None:
    ticket = a_ticket(house)
    for key, told, left_out in (("told", 91, None), ("left out", None, 91), ("long ago", None, 99),
                                ("new", 89, None), ("waits", None, None)):
        session.add(Notice(
            key=key, kind=Kind.WAITS, person_id=house.engineer.id, ticket_id=ticket.id,
            at=days_ago(999), due_at=days_ago(999), told_at=told and days_ago(told),
            left_out_at=left_out and days_ago(left_out)))
    session.commit()
    Retention()(now=NOW)
    assert set(session.scalars(select(Notice.key))) == {"new", "waits"}


def test_a_mail_that_was_sent_later_than_those_after_it_goes_in_its_own_time(
    session: Session
) -> None:
    session.add_all([a_mail("long waited", days_ago(100))]
                    + [a_mail(f"old{n}", days_ago(181)) for n in range(3)]
                    + [a_mail("also waited", days_ago(100)), a_mail("last", days_ago(181))])
    session.commit()

    duty = Retention()
    duty(now=NOW)
    assert keys_with_text(session) == {"long waited", "also waited"}
    duty(now=NOW + timedelta(days=81))
    assert keys_with_text(session) == set()


def test_a_mail_that_is_empty_is_not_written_again(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """Not even by a worker that has just begun."""
    session.add_all([a_mail(f"old{n}", days_ago(181)) for n in range(5)])
    session.commit()
    Retention()(now=NOW)

    with count_queries() as queries:
        Retention()(now=NOW)
    assert not [each for each in queries if each.startswith("UPDATE message")]


def keys_with_text(session: Session) -> set[str]:
    session.expire_all()
    return set(session.scalars(select(Message.key).where(Message.text != "")))


def test_it_is_done_once_an_hour(session: Session) -> None:
    duty = Retention()
    duty(now=NOW)
    session.add(a_job("old", days_ago(91)))
    session.commit()
    duty(now=NOW + timedelta(minutes=59))
    assert session.scalars(select(Job.key)).all() == ["old"]
    duty(now=NOW + timedelta(minutes=61))
    assert session.scalars(select(Job.key)).all() == []


@pytest.mark.parametrize("name", ["MAIL", "JOB", "ATTEMPT"])
@pytest.mark.parametrize("days", ["0", "-1", "soon", "99999999"])
def test_a_setting_that_cannot_be_used_is_named(name: str, days: str, tmp_path: Any) -> None:
    env = {f"COUNTERSIGN_KEEP_{name}_DAYS": days, "COUNTERSIGN_DATA_DIR": str(tmp_path)}
    with pytest.raises(SettingError, match=f"COUNTERSIGN_KEEP_{name}_DAYS"):
        Settings.from_environment(env)
