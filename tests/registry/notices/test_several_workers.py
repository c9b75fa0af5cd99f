"""Several workers at once on each database: one mail for each reader, also where a worker fell."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask

from registry.core import jobs
from registry.core.db import atomic, db
from registry.core.models import Message, MessageState
from registry.notices import telling
from registry.notices.models import Notice
from registry.worker import Worker
from tests.factories import NOW, House, a_ticket, offer
from tests.ground.at_once import at_once
from tests.ground.mail import MailServer
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
