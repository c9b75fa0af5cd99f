"""Nothing that somebody writes ends a header or makes another, and nothing that is sent in place of
something else breaks us. More of the log: tests/registry/core/test_requests.py; formulas of a
spreadsheet: test_no_text_of_the_export_acts_as_a_formula."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.core import mail
from registry.core.logs import start_logs
from registry.core.smtp import MailRefused
from registry.tickets.models import Attachment, Ticket
from tests.factories import House, a_ticket

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
BROKEN = "Line\r\nBcc: everybody@evil.example\n\nbody\u2028\x85\x0b\x0cend"
NAMES = ["a\r\nSet-Cookie: x=1.txt", 'a"; filename="run.exe.txt', "../../etc/passwd.txt",
         "счёт\u202etxt.exe.txt", "a;b=c,d.txt", "\x00\x1b[2J.txt"]


def a_mail(**values: Any) -> Any:
    return SimpleNamespace(**({
        "id": 1, "recipient": "lead@example.org", "subject": "Report", "text": "Quiet",
        "html": "", "kind": "daily_report", "created_at": NOW, "language": "en",
        "attachments": []} | values))


def test_a_subject_makes_no_further_header(settings: Settings) -> None:
    built = mail.build(a_mail(subject=BROKEN), settings, now=NOW)
    assert built["Bcc"] is None
    head = built.as_bytes().partition(b"\n\n")[0]
    assert b"\nBcc" not in head
    assert "Bcc: everybody@evil.example" in built["Subject"]


def test_without_the_cleaning_a_subject_would_not_even_be_sent(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_one_line", lambda text: text)
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        mail.build(a_mail(subject=BROKEN), settings, now=NOW)


@pytest.mark.parametrize("recipient", [
    "a@example.org\r\nBcc: b@evil.example", "a@example.org, b@evil.example",
    "<a@example.org>", "a@example.org b@evil.example", "a"])
def test_an_address_names_one_reader_or_is_refused(settings: Settings, recipient: str) -> None:
    with pytest.raises(MailRefused):
        mail.build(a_mail(recipient=recipient), settings, now=NOW)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_file_makes_no_header_and_no_path(
    session: Session, sign_in: Callable[..., Any], name: str
) -> None:
    house = House()
    ticket = a_ticket(house)
    client = sign_in(house.visitor)
    sent = client.post(f"/tickets/{ticket.number}/files", data={
        "files": (io.BytesIO(b"12 KB/s"), name)}, content_type="multipart/form-data")
    kept = session.scalars(select(Attachment)).all()
    assert (sent.status_code, len(kept)) in ((303, 1), (422, 0)), sent.text
    for each in kept:
        answer = client.get(f"/attachments/{each.id}", buffered=True)
        shown = answer.headers["Content-Disposition"]
        assert shown.startswith("attachment;")
        assert not set("\r\n\x00\x1b") & set(shown)
        assert not any(set_.startswith("x=") for set_ in answer.headers.getlist("Set-Cookie"))
        assert not set("/\\\r\n\x00\u202e") & set(each.name)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_text_in_the_place_of_a_file_is_no_file(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    house = House()
    ticket = a_ticket(house)
    client = sign_in(house.visitor)
    refused = client.post(f"/tickets/{ticket.number}/files", data={"files": "no file"})
    assert refused.status_code == 422
    made = client.post(f"/tickets/new?client={house.client.id}", data={
        "summary": "Slow", "opinion": "not_asked", "files": "no file"})
    assert made.status_code == 303
    listed = sign_in(house.lead).post("/clients/import", data={"file": "no file"})
    assert listed.status_code == 422


@pytest.mark.parametrize("measured", ["NaN", "sNaN", "-Infinity", "1e999999999", "1e-999999999",
                                      "0x10"])
def test_a_number_that_is_none_or_too_many_is_refused(
    session: Session, sign_in: Callable[..., Any], measured: str
) -> None:
    house = House()
    answer = sign_in(house.visitor).post(f"/tickets/new?client={house.client.id}", data={
        "summary": "Slow", "opinion": "not_asked", "criterion": house.criterion.id,
        "measured": measured})
    assert answer.status_code == 422
    assert session.query(Ticket).count() == 0


FORGED = 'heard\n{"event": "request", "person": 1}'


def test_a_line_of_the_log_stays_one_and_would_not_without_our_form(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    start_logs()
    structlog.reset_defaults()
    record = logging.makeLogRecord({"name": "registry", "msg": "%s", "args": (FORGED,)})
    formatter = root.handlers[0].formatter
    assert formatter is not None
    assert formatter.format(record).count("\n") == 0
    assert logging.Formatter().format(record).splitlines()[1] == (
        '{"event": "request", "person": 1}')


@pytest.mark.parametrize("value", ["x\r\nSet-Cookie: a=1", "x\nX-Evil: 1", "x\u2028\x85"])
def test_no_word_of_a_request_stands_in_a_header_of_its_answer(
    client: Any, session: Session, value: str
) -> None:
    for answer in (client.get("/sign-in", query_string={"next": value}),
                   client.post("/language", data={"language": value, "next": f"/{value}"}),
                   client.get("/tickets", query_string={"q": value}),
                   client.get("/api/v1/desk", query_string={"q": value})):
        assert "X-Evil" not in answer.headers
        assert not any(each.startswith("a=") for each in answer.headers.getlist("Set-Cookie"))
        for _name, said in answer.headers:
            assert not set("\r\n") & set(said)
