"""What is kept only for a time: texts of sent mails, jobs done, notices told, attempts to sign in,
old sessions.

A duty of the workers, once an hour, a bounded number at a time, so nobody waits behind it. Tickets
and the ledger are for ever; a mail's row stays too, for it says that somebody was told, and when.
How long stands in the settings (the operator's guide).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from registry.core import forgetting
from registry.core.db import atomic, db, only_reading
from registry.core.forgetting import forget
from registry.core.models import Job, Message, MessageState
from registry.core.settings import current_settings
from registry.notices.models import Notice
from registry.people.models import SignInAttempt, SignInSession
from registry.reports.service import KIND as DAILY_REPORT

EVERY = timedelta(hours=1)


class Retention:
    """The duty of one worker."""

    def __init__(self) -> None:
        self._done_at: datetime | None = None

    def __call__(self, *, now: datetime) -> None:
        """Forget what is over, where an hour has passed since the last time."""
        if self._done_at is not None and now - self._done_at < EVERY:
            return
        settings = current_settings()
        jobs = now - timedelta(days=settings.keep_job_days)
        attempts = now - timedelta(days=settings.keep_attempt_days)
        _empty_mails(now - timedelta(days=settings.keep_mail_days))
        # By the jobs of reports a report is owed only once.
        forget(Job, Job.done_at < jobs, Job.kind != DAILY_REPORT)
        forget(Notice, or_(Notice.told_at < jobs, Notice.left_out_at < jobs))
        # Written in the order of time and without an index of it: the first ones are looked at.
        first = select(SignInAttempt.id).order_by(SignInAttempt.id).limit(forgetting.BATCH)
        forget(SignInAttempt, SignInAttempt.id.in_(first), SignInAttempt.at < attempts)
        forget(SignInSession, or_(SignInSession.ended_at < attempts,
                                  SignInSession.expires_at < attempts))
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
                .order_by(Message.id).limit(forgetting.BATCH)).all()
        if not over:
            return
        with atomic():
            db.session.execute(update(Message).where(Message.id.in_(over)).values(
                text="", html="", attachments=[]))
        last = over[-1]
