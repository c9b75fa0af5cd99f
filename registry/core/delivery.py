"""What becomes of a mail while it is being sent: claimed, taken by the server, or tried later.

Sending takes seconds and may hang, so no lock is held meanwhile: a claim is a time until which the
mail is in one worker's hands, kept in a transaction of its own. A worker that was killed loses its
claim when that time is over, and the mail is not lost (docs/decisions: claims of mail).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from registry.core.db import db
from registry.core.models import Message, MessageState
from registry.core.retries import next_try

# Far longer than sending can take (core/smtp.py: LONGEST_MAIL), or two workers would send one mail.
CLAIM = timedelta(minutes=5)
SERVER_REST = timedelta(minutes=1)
LONGEST_ANSWER = 500


@dataclass(frozen=True)
class Mail:
    """A claimed message, complete, outside any transaction."""

    id: int
    kind: str
    recipient: str
    language: str
    subject: str
    text: str
    html: str
    attachments: tuple[dict[str, str], ...]
    created_at: datetime
    claimed_until: datetime | None


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition of messages that may be sent now and are in nobody's hands."""
    return and_(Message.state == MessageState.WAITING, Message.due_at <= now,
                Message.held_at.is_(None),
                or_(Message.claimed_until.is_(None), Message.claimed_until <= now))


def claim_mail(now: datetime) -> Mail | None:
    """Take the next due message into this worker's hands; the claim holds once committed."""
    query = (select(Message).where(is_due(now)).order_by(Message.due_at, Message.id).limit(1)
             .with_for_update(skip_locked=True))
    message = db.session.scalars(query).first()
    if message is None:
        return None
    message.claimed_until = now + CLAIM
    db.session.flush()
    return mail_of(message)


def mail_of(message: Message) -> Mail:
    """The message as it will leave."""
    return Mail(message.id, message.kind, message.recipient, message.language, message.subject,
                message.text, message.html, tuple(message.attachments), message.created_at,
                message.claimed_until)


def mail_sent(mail: Mail, answer: str, *, now: datetime) -> None:
    """The server took it. Counts also where the claim was over: then another may repeat it under
    the same Message-ID, but it is sent all the same."""
    message = db.session.get(Message, mail.id, with_for_update=True)
    if message is None or message.state is MessageState.SENT:
        return
    message.state = MessageState.SENT
    message.sent_at = message.tried_at = now
    message.claimed_until = None
    message.answer = answer[:LONGEST_ANSWER]
    db.session.flush()


def mail_failed(mail: Mail, answer: str, *, now: datetime) -> None:
    """This mail did not go: later again, or refused for good after the last try."""
    message = _still_claimed(mail)
    if message is None:
        return
    message.tries += 1
    message.tried_at, message.answer = now, answer[:LONGEST_ANSWER]
    later = next_try(message.tries, now)
    if later is None:
        message.state = MessageState.REFUSED
    else:
        message.due_at = later
    db.session.flush()


def mail_put_off(mail: Mail, answer: str, *, now: datetime) -> None:
    """The server is away, which is no fault of this mail: it waits, and no try is counted."""
    message = _still_claimed(mail)
    if message is None:
        return
    message.tried_at, message.answer = now, answer[:LONGEST_ANSWER]
    message.due_at = now + SERVER_REST
    db.session.flush()


def _still_claimed(mail: Mail) -> Message | None:
    """The message, given back, where no other worker has taken it meanwhile."""
    message = db.session.get(Message, mail.id, with_for_update=True)
    if (message is None or message.state is not MessageState.WAITING
            or message.claimed_until != mail.claimed_until):
        return None
    message.claimed_until = None
    return message
