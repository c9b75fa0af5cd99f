"""What leaves: headers that cannot be forged, both parts, attachments byte for byte, being late."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import Flask

from registry.config import Settings
from registry.core.delivery import Mail
from registry.core.mail import LATE_MARK, build
from registry.core.smtp import MailRefused
from tests.factories import NOW

NOTE = "registry.example.org/countersign\n3\nroot=\n\n— registry.example.org/countersign sig=\n"


def a_mail(**values: object) -> Mail:
    mail = Mail(7, "daily_report", "anna@example.org", "en", "24 Nov: 4 new", "Text\nпо-русски\n",
                "", (), NOW, None)
    return replace(mail, **values)  # type: ignore[arg-type]


def arrived(mail: EmailMessage) -> EmailMessage:
    """The mail as its reader's program reads it."""
    return message_from_bytes(mail.as_bytes(), policy=policy.default)  # type: ignore[return-value]


@pytest.fixture
def built(app: Flask, settings: Settings):
    def built(now=NOW, **values: object) -> EmailMessage:
        with app.app_context():
            return arrived(build(a_mail(**values), settings, now=now))

    return built


def test_the_headers_say_that_a_machine_wrote_it_for_a_list(built):
    mail = built()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "Countersign <daily-report.countersign.localhost>"
    assert mail["From"] == "Countersign <countersign@localhost>"
    assert mail["To"] == "anna@example.org"
    assert mail["Date"].datetime == NOW


def test_a_repeat_is_the_same_mail(built):
    assert built()["Message-ID"] == built(now=NOW + timedelta(days=2))["Message-ID"]
    assert built()["Message-ID"] != built(id=8)["Message-ID"]


def test_a_subject_never_begins_another_header(built):
    mail = built(subject="Hello\r\nBcc: all@example.org\r\n\r\nbody")
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hello Bcc: all@example.org body"


@pytest.mark.parametrize("address", [
    "", "anna", "anna@", "@example.org", "anna@example.org\r\nBcc: all@example.org",
    "anna@example.org, boris@example.org", "Anna <anna@example.org>", "an na@example.org",
])
def test_what_is_no_single_address_is_refused(built, address: str):
    with pytest.raises(MailRefused):
        built(recipient=address)


def test_a_long_russian_subject_arrives_whole(built):
    subject = "24 ноя: 4 новые, 6 возвращено, 1 обещание нарушено, " * 4
    assert built(subject=subject)["Subject"] == subject.strip()


def test_both_parts_and_the_attachment_arrive_as_they_were_written(built):
    mail = built(html="<p>по-русски</p>",
                 attachments=({"name": "checkpoint.txt", "media_type": "text/plain",
                               "text": NOTE},))
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Text", "по-русски"]
    assert mail.get_body(("html",)).get_content().strip() == "<p>по-русски</p>"
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == "checkpoint.txt"
    assert attachment.get_payload(decode=True) == NOTE.encode()


def test_a_mail_in_time_says_nothing_of_being_late(built):
    mail = built(now=NOW + timedelta(minutes=29), html=f"<body>{LATE_MARK}<p>Text</p></body>")
    assert mail.get_body(("plain",)).get_content().startswith("Text")
    assert "late" not in mail.get_body(("html",)).get_content().replace(LATE_MARK, "")


def test_a_late_mail_says_so_first_in_both_parts(built):
    mail = built(now=NOW + timedelta(hours=3), html=f"<body>{LATE_MARK}<p>Text</p></body>")
    said = ("This mail is late: it was ready on 24.11.2026 10:40, and the mail server took it "
            "only on 24.11.2026 13:40.")
    assert mail.get_body(("plain",)).get_content().startswith(said)
    assert f"<body><p><strong>{said}</strong></p>" in mail.get_body(("html",)).get_content()
