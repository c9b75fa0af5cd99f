"""What a restored registry must not do by itself: send anew what was sent before it was lost.

Between the backup and now the former registry went on: it sent mails, made reports, rang timers.
The restored one knows nothing of that. So what waited at the backup is held, to be sent by hand;
reports whose hour is over are not owed any more; and nobody stays signed in, for sessions that were
ended since would live again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from registry.core.db import changed
from registry.core.languages import say
from registry.core.models import Job, Message, MessageState
from registry.core.words import N_
from registry.people.models import SignInSession
from registry.reports.owed import settle_owed
from registry.webhooks.deliveries import hold_waiting

ANSWER = N_("held: the registry was restored from a backup, and this may have happened before")


@dataclass(frozen=True)
class Held:
    """How many mails, webhooks and jobs wait for a hand now; how many reports are owed no more."""

    mails: int = 0
    webhooks: int = 0
    jobs: int = 0
    reports: int = 0


def hold_back(*, now: datetime, mails_and_jobs: bool = True) -> Held:
    """End all sessions and, unless told otherwise, hold mails, webhooks, due jobs and reports."""
    changed(update(SignInSession).where(SignInSession.ended_at.is_(None)).values(ended_at=now))
    if not mails_and_jobs:
        return Held()
    mails = changed(update(Message).where(
        Message.state == MessageState.WAITING, Message.held_at.is_(None)
    ).values(held_at=now, claimed_until=None))
    webhooks = hold_waiting(say(ANSWER), now=now)
    jobs = changed(update(Job).where(
        Job.done_at.is_(None), Job.given_up_at.is_(None), Job.due_at <= now
    ).values(given_up_at=now, error=say(ANSWER)))
    return Held(mails, webhooks, jobs, settle_owed(now=now))
