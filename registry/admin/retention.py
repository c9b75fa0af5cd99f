"""What is kept only for a time: texts of sent mails, jobs done, attempts to sign in, old sessions.

A duty of the workers, once an hour, a bounded number at a time, so nobody waits behind it. Tickets
and the ledger are for ever; a mail's row stays too, for it says that somebody was told, and when.
How long stands in the settings (the operator's guide).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from registry.core.db import atomic, db, only_reading
from registry.core.models import Job, Message, MessageState
from registry.core.settings import current_settings
from registry.people.models import SignInAttempt, SignInSession
from registry.reports.service import KIND as DAILY_REPORT

EVERY = timedelta(hours=1)
BATCH = 500


class Retention:
    """The duty of one worker."""

    def __init__(self) -> None:
        self._done_at: datetime | None = None

    def __call__(self, *, now: datetime) -> None:
        """Forget what is over, where an hour has passed since the last time."""
        if self._done_at is not None and now - self._done_at < EVERY:
            return
        settings = current_settings()
        attempts = now - timedelta(days=settings.keep_attempt_days)
        _empty_mails(now - timedelta(days=settings.keep_mail_days))
        forget(lambda: _jobs(now - timedelta(days=settings.keep_job_days)), Job)
        forget(lambda: _attempts(attempts), SignInAttempt)
        forget(lambda: _sessions(attempts), SignInSession)
        self._done_at = now


def _empty_mails(before: datetime) -> None:
    """Take texts and attachments out of mails that were sent before the moment, in one walk over
    them. A mail that lay long was sent later than those after it, so each is asked for its day;
    what is empty is not written again."""
    last = 0
    while True:
        with only_reading():
            over = db.session.scalars(
                select(Message.id).where(
                    Message.id > last, Message.state == MessageState.SENT,
                    Message.sent_at < before, Message.text != "")
                .order_by(Message.id).limit(BATCH)).all()
        if not over:
            return
        with atomic():
            db.session.execute(update(Message).where(Message.id.in_(over)).values(
                text="", html="", attachments=[]))
        last = over[-1]


def forget(find: Callable[[], Sequence[Any]], model: Any) -> None:
    """Delete what ``find`` gives, batch after batch, each in a transaction of its own."""
    while True:
        with only_reading():
            keys = find()
        if not keys:
            return
        with atomic():
            db.session.execute(delete(model).where(model.id.in_(keys)),
                               execution_options={"synchronize_session": False})


def _jobs(before: datetime) -> Sequence[int]:
    """Jobs done. Those of reports stay: by them a report is owed only once."""
    return db.session.scalars(select(Job.id).where(
        Job.done_at < before, Job.kind != DAILY_REPORT).limit(BATCH)).all()


def _attempts(before: datetime) -> Sequence[int]:
    """The oldest rows first: they are written in the order of time."""
    rows = db.session.execute(select(SignInAttempt.id, SignInAttempt.at)
                              .order_by(SignInAttempt.id).limit(BATCH))
    return [key for key, at in rows if at < before]


def _sessions(before: datetime) -> Sequence[str]:
    """Sessions that ended or ran out."""
    return db.session.scalars(select(SignInSession.id).where(or_(
        SignInSession.ended_at < before, SignInSession.expires_at < before)).limit(BATCH)).all()
