"""From a message's row to the mail that leaves: headers, both parts, attachments.

The same row gives the same mail with the same Message-ID whenever it is sent, so that a repeat is
known as one. What was written in the act's transaction is not changed here, but for one line where
the mail leaves late: nobody is to take old news for new.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, parseaddr

from markupsafe import escape

from registry.config import Settings
from registry.core.delivery import Mail
from registry.core.languages import say
from registry.core.smtp import MailRefused
from registry.core.words import N_

LATE_AFTER = timedelta(minutes=30)
# Where an HTML part wants the line that says so.
LATE_MARK = "<!--late-->"
LATE = N_("This mail is late: it was ready on %(ready)s, and the mail server took it only on "
          "%(sent)s.")
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")


def build(mail: Mail, settings: Settings, *, now: datetime) -> EmailMessage:
    """The mail as it leaves now. Raises MailRefused for an address that is none."""
    if not ADDRESS.fullmatch(mail.recipient):
        raise MailRefused("this is not a mail address")
    name, sender = parseaddr(settings.mail_from)
    domain = sender.rpartition("@")[2] or "localhost"
    built = EmailMessage(policy=SMTPUTF8)
    built["From"] = Address(display_name=_one_line(name), addr_spec=sender)
    built["To"] = mail.recipient
    built["Subject"] = _one_line(mail.subject)
    built["Date"] = format_datetime(mail.created_at)
    built["Message-ID"] = f"<{mail.created_at:%Y%m%d%H%M%S%f}.{mail.id}@{domain}>"
    built["List-Id"] = f"Countersign <{mail.kind.replace('_', '-')}.countersign.{domain}>"
    built["Auto-Submitted"] = "auto-generated"
    built["X-Auto-Response-Suppress"] = "All"
    late = late_line(mail, settings, now=now)
    built.set_content(f"{late}\n\n{mail.text}" if late else mail.text)
    if mail.html:
        shown = f"<p><strong>{escape(late)}</strong></p>" if late else ""
        built.add_alternative(mail.html.replace(LATE_MARK, shown, 1), subtype="html")
    for attachment in mail.attachments:
        _attach(built, attachment)
    return built


def late_line(mail: Mail, settings: Settings, *, now: datetime) -> str:
    """The sentence above a mail that leaves long after it was ready; empty in time."""
    if now - mail.created_at <= LATE_AFTER:
        return ""
    moments = {"ready": mail.created_at, "sent": now}
    return say(LATE, {name: f"{moment.astimezone(settings.zone):%d.%m.%Y %H:%M}"
                      for name, moment in moments.items()}, mail.language)


def _attach(built: EmailMessage, attachment: dict[str, str]) -> None:
    """Add the text byte for byte: a signed note must arrive as it was signed."""
    main, _, sub = attachment["media_type"].partition("/")
    built.add_attachment(attachment["text"].encode(), maintype=main, subtype=sub,
                         filename=attachment["name"], params={"charset": "utf-8"})


def _one_line(text: str) -> str:
    """No header ends before we say so."""
    return " ".join(text.split())
