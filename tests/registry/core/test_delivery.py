"""Mail by the worker: sent once, refused ones tried again, a bad server holds up nobody's mail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry import worker as worker_module
from registry.config import Settings
from registry.core import delivery, jobs, smtp
from registry.core.db import atomic
from registry.core.models import Message, MessageState
from registry.core.outbox import queue_message
from registry.core.retries import DELAYS
from registry.servers.ports import free_port
from registry.worker import Worker, run_due
from tests.factories import NOW
from tests.ground.mail import MailServer
from tests.registry.core.test_smtp import says, scripted

_numbers = count(1)


@pytest.fixture(autouse=True)
def no_duties(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "DUTIES", {})


@pytest.fixture
def set_server(app: Flask) -> Iterator:
    """Let the application send by the URL."""
    settings: Settings = app.config["SETTINGS"]

    def set_server(url: str) -> None:
        app.config["SETTINGS"] = replace(settings, smtp_url=url)

    yield set_server
    app.config["SETTINGS"] = settings


def owe(session: Session, *recipients: str, now: datetime = NOW) -> list[int]:
    """Owe a mail to each; their ids."""
    owed = [queue_message("timer", f"test:{next(_numbers)}", to=each, subject="S", text="T",
                          now=now) for each in recipients]
    session.commit()
    return [message.id for message in owed if message is not None]


def message(session: Session, message_id: int) -> Message:
    session.expire_all()
    return session.get_one(Message, message_id)


def test_sent_means_that_the_server_took_it(session, set_server, smtp_server: MailServer):
    set_server(smtp_server.url)
    (owed,) = owe(session, "anna@example.org")
    assert run_due(NOW).sent == 1
    sent = message(session, owed)
    assert (sent.state, sent.sent_at, sent.answer) == (MessageState.SENT, NOW, "250 OK")
    assert not run_due(NOW)
    assert len(smtp_server.messages) == 1


def test_without_a_server_mails_wait_and_nothing_is_tried(session, set_server):
    set_server("")
    (owed,) = owe(session, "anna@example.org")
    assert not run_due(NOW)
    waiting = message(session, owed)
    assert (waiting.state, waiting.tries, waiting.tried_at) == (MessageState.WAITING, 0, None)


def test_one_key_owes_one_mail(session):
    first = queue_message("timer", "same", to="a@example.org", subject="S", text="T", now=NOW)
    second = queue_message("timer", "same", to="a@example.org", subject="S", text="T", now=NOW)
    assert first is not None
    assert second is None


def test_a_refused_address_is_tried_again_and_holds_up_nobody(
        session, set_server, smtp_server: MailServer):
    set_server(smtp_server.url)
    smtp_server.refused.add("gone@example.org")
    gone, good = owe(session, "gone@example.org", "anna@example.org")
    result = run_due(NOW)
    assert (result.sent, result.failed) == (1, 1)
    assert message(session, good).state is MessageState.SENT
    waiting = message(session, gone)
    assert waiting.state is MessageState.WAITING
    assert waiting.tries == 1
    assert waiting.due_at == NOW + DELAYS[0]
    assert "550" in waiting.answer
    smtp_server.refused.clear()
    assert run_due(NOW + DELAYS[0]).sent == 1


def test_an_address_that_stays_refused_is_refused_for_good_and_shown(
        session, set_server, smtp_server: MailServer):
    set_server(smtp_server.url)
    smtp_server.refused.add("gone@example.org")
    (gone,) = owe(session, "gone@example.org")
    now = NOW
    for _ in range(20):
        run_due(now)
        now += timedelta(days=2)
    refused = message(session, gone)
    assert refused.state is MessageState.REFUSED
    assert refused.tries == len(DELAYS) + 1
    assert "550" in refused.answer


def test_a_row_that_makes_no_mail_is_refused_like_a_wrong_address(
        session, set_server, smtp_server: MailServer):
    set_server(smtp_server.url)
    bad, good = owe(session, "no address", "anna@example.org")
    assert run_due(NOW).sent == 1
    assert message(session, bad).tries == 1
    assert message(session, good).state is MessageState.SENT


def test_a_dead_server_costs_no_mail_a_try(session, set_server):
    set_server(f"smtp://127.0.0.1:{free_port()}")
    first, second = owe(session, "anna@example.org", "boris@example.org")
    result = run_due(NOW)
    assert (result.put_off, result.sent, result.failed) == (1, 0, 0)
    assert message(session, first).tries == message(session, second).tries == 0
    assert message(session, first).answer
    assert message(session, second).tried_at is None


def test_a_worker_leaves_a_dead_server_alone_for_a_while_and_longer_each_time(
        session, set_server, smtp_server: MailServer):
    smtp_server.stop()
    set_server(smtp_server.url)
    owe(session, *[f"person{number}@example.org" for number in range(5)])
    worker = Worker("test")
    assert worker.run_due(NOW).put_off == 1
    assert not worker.run_due(NOW + timedelta(seconds=4))
    assert worker.run_due(NOW + timedelta(seconds=5)).put_off == 1
    assert not worker.run_due(NOW + timedelta(seconds=19))
    smtp_server.start()
    assert worker.run_due(NOW + timedelta(minutes=2)).sent == 5


def test_a_server_that_hangs_at_one_mail_gets_the_others(
        session, set_server, smtp_server: MailServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp.Connection, "__init__", _impatient(smtp.Connection.__init__))
    real = smtp._deliver

    def hang(line, mail, sender, recipient):
        if recipient == "slow@example.org":
            raise TimeoutError("timed out")
        return real(line, mail, sender, recipient)

    monkeypatch.setattr(smtp, "_deliver", hang)
    set_server(smtp_server.url)
    slow, good = owe(session, "slow@example.org", "anna@example.org")
    result = run_due(NOW)
    assert (result.sent, result.failed, result.put_off) == (1, 1, 0)
    assert message(session, slow).tries == 1
    assert message(session, good).state is MessageState.SENT


def test_a_server_that_hangs_at_every_mail_is_away(
        session, set_server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp.Connection, "__init__", _impatient(smtp.Connection.__init__))
    owed = owe(session, *[f"person{number}@example.org" for number in range(4)])
    with scripted(lambda line: says(line, b"220 hello", b"250 hello", b"250 ok")) as url:
        set_server(url)
        result = run_due(NOW)
    assert (result.failed, result.put_off) == (1, 1)
    assert [message(session, each).tries for each in owed] == [1, 0, 0, 0]


def test_a_mail_in_one_workers_hands_is_no_others(session, set_server, smtp_server: MailServer):
    set_server(smtp_server.url)
    owe(session, "anna@example.org")
    with atomic():
        claimed = delivery.claim_mail(NOW)
    assert claimed is not None
    assert not run_due(NOW)
    assert smtp_server.messages == []


def test_a_mail_of_a_killed_worker_is_not_lost(session, set_server, smtp_server: MailServer):
    set_server(smtp_server.url)
    (owed,) = owe(session, "anna@example.org")
    with atomic():
        delivery.claim_mail(NOW)
    assert run_due(NOW + delivery.CLAIM).sent == 1
    assert message(session, owed).state is MessageState.SENT


def test_a_worker_whose_claim_is_over_cannot_undo_what_another_did(
        session, set_server, smtp_server: MailServer):
    set_server(smtp_server.url)
    (owed,) = owe(session, "anna@example.org")
    with atomic():
        slow = delivery.claim_mail(NOW)
    assert slow is not None
    assert run_due(NOW + delivery.CLAIM).sent == 1
    with atomic():
        delivery.mail_failed(slow, "timed out", now=NOW + delivery.CLAIM)
    with atomic():
        delivery.mail_put_off(slow, "timed out", now=NOW + delivery.CLAIM)
    assert message(session, owed).state is MessageState.SENT


def test_a_claim_outlasts_the_longest_mail():
    longest = worker_module.LONGEST_ROUND + smtp.LONGEST_MAIL
    assert timedelta(seconds=2 * longest) < delivery.CLAIM


def test_a_stopped_worker_ends_after_the_mail_in_hand(
        session, set_server, smtp_server: MailServer, monkeypatch: pytest.MonkeyPatch):
    set_server(smtp_server.url)
    owed = owe(session, "anna@example.org", "boris@example.org")
    worker = Worker("test")
    real = delivery.mail_sent

    def stop_then_write(*args, **kwargs):
        worker.stop()
        real(*args, **kwargs)

    monkeypatch.setattr(delivery, "mail_sent", stop_then_write)
    assert worker.run_due(NOW).sent == 1
    states = [message(session, each).state for each in owed]
    assert states == [MessageState.SENT, MessageState.WAITING]


def _impatient(real):
    """The connection's constructor, with little patience."""
    def constructor(self, address, **_kwargs):
        real(self, address, longest_answer=0.3, longest_mail=1)

    return constructor
