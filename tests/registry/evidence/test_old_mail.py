"""The director's old mail, as the product sends it, beside an evidence file of a later day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from registry.cli import cli
from registry.core.db import atomic
from registry.evidence import verify
from registry.evidence.verify import pack, unpack
from registry.tickets.ticket_queries import ticket_by_number
from registry.worker import run_due
from tests.factories import House, a_ticket, hand_over
from tests.ground.mail import MailServer
from tests.registry.evidence.conftest import again

MORNING = datetime.fromisoformat("2026-11-25T08:31+03:00")
FIRST = "entries/ticket-1/000001.json"
Verified = Callable[[bytes], tuple[int, str]]


@pytest.fixture
def file(committed_app: Flask, smtp_server: MailServer, tmp_path: Path) -> bytes:
    """Of a ticket that was logged on Tuesday and handed on after Wednesday's morning mail, which
    lies in ``mail.eml`` as it came."""
    settings = committed_app.config["SETTINGS"]
    committed_app.config["SETTINGS"] = replace(settings, smtp_url=smtp_server.url)
    with committed_app.app_context():
        with atomic():
            house = House()
            a_ticket(house, "accepted")
            director = house.director.email
            other = house.other_engineer
        run_due(MORNING)
        with atomic():
            ticket = ticket_by_number(1)
            assert ticket is not None
            hand_over(ticket, "pass_on", other, now=MORNING)
    [mail] = smtp_server.to(director)
    assert mail.is_multipart()
    assert [each["Content-Transfer-Encoding"] for each in mail.iter_attachments()] == ["base64"]
    (tmp_path / "mail.eml").write_bytes(mail.as_bytes())
    made = committed_app.test_cli_runner().invoke(
        cli, ["evidence", "1", "--out", str(tmp_path / "made.zip")])
    assert made.exit_code == 0, made.output
    return (tmp_path / "made.zip").read_bytes()


@pytest.fixture
def verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verified:
    """The status of the program, and what it says, of a file beside the mail."""
    def run(file: bytes) -> tuple[int, str]:
        (tmp_path / "evidence.zip").write_bytes(file)
        capsys.readouterr()
        status = verify.main([str(tmp_path / "evidence.zip"), "--lang", "en",
                              "--against", str(tmp_path / "mail.eml")])
        told = capsys.readouterr()
        return status, told.out + told.err
    return run


def altered(body: bytes) -> bytes:
    """One byte is another."""
    return body.replace(b'"kind":"logged"', b'"kind":"logget"')


def test_it_proves_what_stood_there_when_it_was_sent(file: bytes, verified: Verified) -> None:
    status, said = verified(file)
    assert status == 0
    assert said.startswith("EVERYTHING AGREES.")
    assert "Your mail of 2026-11-25 05:31 UTC covers the first 6 of the 10 entries:" in said


def test_one_altered_byte_in_an_entry_is_told_in_plain_words(
        file: bytes, verified: Verified) -> None:
    """As a disk does it; packed anew; and with a list that fits."""
    members = unpack(file)
    said = [verified(each) for each in (
        altered(file), pack(members | {FIRST: altered(members[FIRST])}),
        again(file, lambda held, _: held.update({FIRST: altered(held[FIRST])})))]
    assert [status for status, _ in said] == [2, 1, 1]
    for (_, told), sentence in zip(said, (
            "The file is damaged: it cannot be read to its end.",
            f"NOT EVERYTHING AGREES. Believe nothing in this file.\n\nWhat does not agree:\n"
            f"- The part {FIRST} was changed.",
            f"- The entry {FIRST} is not in the tree that was signed."), strict=True):
        assert sentence in told
