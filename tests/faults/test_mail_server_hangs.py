"""A mail server that stops answering in the middle of a mail: nobody waits for it, the mail is not
lost and not doubled, the page says what is the matter, and it leaves when the server answers again.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.core.db import atomic, db
from registry.core.delivery import CLAIM
from registry.core.models import Message, MessageState
from registry.core.smtp import Connection
from registry.core.times import utc_now
from registry.people.models import Role
from registry.servers.ports import free_port
from registry.worker import MOST_HUNG, Round, Worker
from tests.factories import a_person
from tests.ground.mail import MailServer

HANGS_FOR = 0.4  # seconds after which the sender gives up, in place of twenty


class Hanging:
    """A server that answers everything up to the mail itself, reads a part of it and is silent."""

    def __init__(self, port: int) -> None:
        self.port, self.begun = port, 0
        self._listening = socket.create_server(("127.0.0.1", port))
        self._lines: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self._lines.append(line)
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        line.sendall(b"220 here\r\n")
        with line.makefile("rb") as heard:
            for each in heard:
                word = each[:4].upper()
                if word == b"DATA":
                    line.sendall(b"354 go on\r\n")
                    heard.readline()
                    self.begun += 1
                    return  # and not a word more
                line.sendall(b"250 well\r\n")

    def stop(self) -> None:
        """Take the port away; nothing where that was done."""
        if self._listening.fileno() < 0:
            return
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for line in self._lines:
            line.close()
        self._thread.join(10)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    """The hanging server, and a sender that is less patient than usual."""
    monkeypatch.setattr("registry.worker.Connection", partial(
        Connection, longest_answer=HANGS_FOR, longest_mail=4 * HANGS_FOR))
    server = Hanging(free_port())
    yield server
    server.stop()


@pytest.fixture
def company(make_app: Callable[..., Flask], hanging: Hanging) -> Flask:
    return make_app(smtp_url=f"smtp://127.0.0.1:{hanging.port}")


def some_mails(count: int, now: datetime) -> None:
    with atomic():
        db.session.add_all(Message(
            key=f"mail{number}", kind="daily_report", recipient=f"reader{number}@example.org",
            subject="24 Nov", text="Quiet", created_at=now, due_at=now)
            for number in range(count))


def test_a_server_that_hangs_holds_nobody_up_and_gets_each_mail_once_in_the_end(
    company: Flask, hanging: Hanging
) -> None:
    now = utc_now()
    worker = Worker("one")
    with company.app_context():
        some_mails(5, now)
        begun = time.monotonic()
        done = worker.run_due(now)
        # After two in a row it is the server and not the mail: the others are not tried.
        assert time.monotonic() - begun < MOST_HUNG * 4 * HANGS_FOR + 2
        assert hanging.begun == MOST_HUNG
        assert (done.sent, done.failed, done.put_off) == (0, MOST_HUNG - 1, 1)
        assert worker.run_due(now + timedelta(seconds=1)) == Round()
        waiting = db.session.query(Message).all()
        assert {each.state for each in waiting} == {MessageState.WAITING}
        assert all(each.claimed_until is None for each in waiting)
        assert sum(bool(each.answer) for each in waiting) == MOST_HUNG
        db.session.rollback()

        hanging.stop()
        server = MailServer(hanging.port)
        server.start()
        try:
            assert worker.run_due(now + timedelta(minutes=10)).sent == 5
            assert worker.run_due(now + timedelta(minutes=20)) == Round()
        finally:
            server.stop()
        assert sorted(mail["To"] for mail in server.messages) == [
            f"reader{number}@example.org" for number in range(5)]
        db.session.remove()


def test_a_worker_killed_while_the_server_hangs_leaves_the_mail_to_another(
    company: Flask, hanging: Hanging
) -> None:
    now = utc_now()
    with company.app_context():
        some_mails(1, now)
        with atomic():  # as the killed one left it
            db.session.query(Message).update({"claimed_until": now + CLAIM})
        hanging.stop()
        server = MailServer(hanging.port)
        server.start()
        try:
            assert Worker("other").run_due(now + timedelta(minutes=1)).sent == 0
            assert Worker("other").run_due(now + CLAIM).sent == 1
        finally:
            server.stop()
        assert len(server.messages) == 1
        db.session.remove()


def test_the_page_of_mails_says_what_is_the_matter(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    now = utc_now()
    session.add(Message(key="hung", kind="daily_report", recipient="a@example.org", subject="Hung",
                        text="x", created_at=now, due_at=now + timedelta(minutes=1), tries=1,
                        tried_at=now, answer="timed out"))
    session.flush()
    page = sign_in(a_person(Role.ADMINISTRATOR)).get("/reports/mail").text
    assert "timed out" in page
    assert "waits for try No. 2" in page
