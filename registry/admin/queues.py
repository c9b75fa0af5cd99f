"""What waits to be done in the background, and for how long: mails, jobs, webhooks; the workers.

Read by the health page, the metrics and the doctor alike, so that all three say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from registry.core import delivery, jobs
from registry.core.db import db
from registry.core.models import Job, Message, MessageState, WorkerBeat
from registry.core.settings import current_settings
from registry.webhooks import deliveries
from registry.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint

# A worker is seen every ten seconds, but for the time that a long job takes.
SEEN_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True)
class Queue:
    """One kind of work: how much is due, since when, and how much was given up."""

    name: str
    due: int
    oldest_at: datetime | None
    given_up: int
    patience: timedelta

    def is_late(self, now: datetime) -> bool:
        """Whether the oldest has been due for longer than it should."""
        return self.oldest_at is not None and now - self.oldest_at > self.patience

    def age(self, now: datetime) -> float:
        """Seconds since the oldest was due; 0 where nothing is."""
        return max((now - self.oldest_at).total_seconds(), 0.0) if self.oldest_at else 0.0


def queues(now: datetime) -> list[Queue]:
    """Every queue of the installation; that of webhooks where some host is allowed."""
    found = [_mail(now), _jobs(now)]
    return [*found, _webhooks(now)] if current_settings().webhook_hosts else found


def workers_seen(now: datetime) -> int:
    """How many workers were seen lately."""
    query = select(func.count()).select_from(WorkerBeat).where(
        WorkerBeat.seen_at > now - SEEN_WITHIN)
    return db.session.scalar(query) or 0


def _mail(now: datetime) -> Queue:
    due, oldest = db.session.execute(
        select(func.count(), func.min(Message.due_at)).where(delivery.is_due(now))).one()
    refused = db.session.scalar(select(func.count()).select_from(Message).where(
        Message.state == MessageState.REFUSED)) or 0
    return Queue("mail", due, oldest, refused, timedelta(minutes=15))


def _jobs(now: datetime) -> Queue:
    due, oldest = db.session.execute(
        select(func.count(), func.min(Job.due_at)).where(jobs.is_due(now))).one()
    given_up = db.session.scalar(select(func.count()).select_from(Job).where(
        Job.given_up_at.is_not(None))) or 0
    return Queue("job", due, oldest, given_up, timedelta(minutes=5))


def _webhooks(now: datetime) -> Queue:
    """What is due at endpoints that are switched on; a receiver that is away is tried for days, and
    that is no fault of the installation."""
    first_try = WebhookDelivery.tries == 0
    due, oldest = db.session.execute(
        select(func.count(), func.min(WebhookDelivery.due_at).filter(first_try))
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookEndpoint.is_active, deliveries.is_due(now))).one()
    given_up = db.session.scalar(select(func.count()).select_from(WebhookDelivery).where(
        WebhookDelivery.state == DeliveryState.GIVEN_UP)) or 0
    return Queue("webhook", due, oldest, given_up, timedelta(minutes=15))
