"""Several workers at once on each database: one mail for each reader, also where a worker fell."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from registry.core import jobs
from registry.core.db import atomic, db
from registry.core.models import Message, MessageState
from registry.notices import telling
from registry.notices.mail import notices_mail
from registry.notices.models import Notice
from registry.people.models import Person
from registry.worker import Worker
from tests.factories import NOW, House, a_ticket, offer
from tests.ground.at_once import at_once
from tests.ground.mail import MailServer
from tests.registry.core.test_noted import BUSY, fails
from tests.registry.notices.conftest import QUARTER

ENGINEERS, WORKERS = 6, 4


@pytest.fixture
def company(make_app: Callable[..., Flask], smtp_server: MailServer,
            monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A company in which several people are to be told of several things each, and nobody is owed
    a daily report."""
    app = make_app(smtp_url=smtp_server.url)
    monkeypatch.setattr(jobs, "DUTIES", {"notices": telling.tell_all_due})
    with app.app_context(), atomic():
        for mark in range(ENGINEERS // 2):
            house = House(str(mark))
            for receiver in (house.engineer, house.other_engineer) * 2:
                offer(a_ticket(house), "take", receiver, witness=house.registrar)
    return app


def rounds_at_once(company: Flask) -> list[str]:
    """Three rounds of each of several workers that begin together; what came of them."""
    def work(name: str) -> None:
        for _round in range(3):
            Worker(name).run_due(NOW + QUARTER)

    return at_once(company, [partial(work, f"worker{each}") for each in range(WORKERS)])


def test_workers_that_look_together_send_each_reader_one_mail(
    company: Flask, smtp_server: MailServer
) -> None:
    assert rounds_at_once(company) == ["done"] * WORKERS
    readers = ENGINEERS + ENGINEERS // 2  # and the registrars, who are the witnesses
    recipients = [mail["To"] for mail in smtp_server.messages]
    assert len(recipients) == len(set(recipients)) == readers
    with company.app_context():
        assert {each.state for each in db.session.query(Message)} == {MessageState.SENT}
        told = db.session.query(Notice).all()
        assert len(told) == ENGINEERS * 4
        assert all(each.told_at and each.message_id and not each.left_out_at for each in told)


def test_a_fault_in_the_mail_of_one_reader_keeps_nobody_elses_back(
    company: Flask, smtp_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(news: Any, language: str) -> Any:
        if language == "ru":
            raise LookupError("a word is missing")
        return notices_mail(news, language)

    with company.app_context():
        with atomic():
            first = db.session.query(Person).order_by(Person.id).join(
                Notice, Notice.person_id == Person.id).first()
            assert first is not None
            first.language, left_out = "ru", first.email
        with monkeypatch.context() as patched:
            patched.setattr(telling, "notices_mail", breaks)
            Worker("one").run_due(NOW + QUARTER)
        others = {mail["To"] for mail in smtp_server.messages}
        assert len(others) == ENGINEERS + ENGINEERS // 2 - 1
        assert left_out not in others
        Worker("one").run_due(NOW + QUARTER)
        assert {mail["To"] for mail in smtp_server.messages} - others == {left_out}


def test_a_database_that_goes_away_ends_the_round(
    company: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "tell", fails(BUSY))
    with company.app_context(), pytest.raises(OperationalError):
        telling.tell_all_due(now=NOW + QUARTER)


def test_a_worker_that_falls_while_it_makes_a_mail_leaves_it_to_the_next_round(
    company: Flask, smtp_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falls(*_args: Any) -> None:
        raise OSError("the machine is gone")

    with monkeypatch.context() as patched, company.app_context():
        patched.setattr(telling, "_settle", falls)
        Worker("doomed").run_due(NOW + QUARTER)
        assert db.session.query(Message).count() == 0
        assert smtp_server.messages == []
        db.session.remove()
    assert rounds_at_once(company) == ["done"] * WORKERS
    recipients = [mail["To"] for mail in smtp_server.messages]
    assert len(recipients) == len(set(recipients)) == ENGINEERS + ENGINEERS // 2
