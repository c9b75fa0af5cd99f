"""What becomes of a delivery while it is being sent: claimed, taken, tried later, given up.

As with mail no lock is held while somebody else's server is waited for: a claim is a time until
which the delivery is in one worker's hands. A worker that was killed loses its claim when that time
is over, and the message goes out again under the same id. Order is not promised.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from registry.core.db import changed, db
from registry.core.forgetting import forget
from registry.core.words import N_
from registry.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from registry.webhooks.posting import Answer

# Far longer than a sending can take (posting.py: WHOLE), or two workers would send one message.
CLAIM = timedelta(minutes=2)
# The schedule of Standard Webhooks; after the last of them nothing is tried any more.
DELAYS = tuple(timedelta(seconds=each) for each in (
    5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600))
# An endpoint that took nothing for so long is switched off with the next message given up.
PATIENCE = timedelta(days=5)
KEPT = timedelta(days=30)
GONE = N_("The receiver answered that it is gone for good (410).")
FAILED_FOR_DAYS = N_("Nothing was taken for five days.")


@dataclass(frozen=True)
class Claimed:
    """A delivery in a worker's hands, complete, outside any transaction."""

    id: int
    endpoint_id: int
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    message_id: str
    body: str
    claimed_until: datetime | None


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition of deliveries that may be sent now and are in nobody's hands."""
    return and_(WebhookDelivery.state == DeliveryState.WAITING, WebhookDelivery.due_at <= now,
                or_(WebhookDelivery.claimed_until.is_(None),
                    WebhookDelivery.claimed_until <= now))


def endpoints_with_due(now: datetime, *, but: Collection[int], most: int) -> list[int]:
    """Endpoints, at most so many, that are switched on and have something due."""
    due = exists().where(WebhookDelivery.endpoint_id == WebhookEndpoint.id, is_due(now))
    query = (select(WebhookEndpoint.id)
             .where(WebhookEndpoint.is_active, WebhookEndpoint.id.not_in(but), due)
             .order_by(WebhookEndpoint.id).limit(most))
    return list(db.session.scalars(query))


def claim_delivery(endpoint_id: int, now: datetime) -> Claimed | None:
    """Take the endpoint's next due delivery into this worker's hands; holds once committed."""
    query = (select(WebhookDelivery)
             .where(WebhookDelivery.endpoint_id == endpoint_id, is_due(now))
             .order_by(WebhookDelivery.due_at, WebhookDelivery.id).limit(1)
             .with_for_update(skip_locked=True, of=WebhookDelivery))
    found = db.session.scalars(query).first()
    if found is None:
        return None
    found.claimed_until = now + CLAIM
    db.session.flush()
    endpoint = found.endpoint
    return Claimed(found.id, endpoint.id, endpoint.url, secrets_of(endpoint, now),
                   found.message_id, found.body, found.claimed_until)


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    """The secrets that sign now: the present one, and the former one while it still counts."""
    still = endpoint.former_until is not None and now < endpoint.former_until
    return (endpoint.secret, endpoint.former_secret) if still else (endpoint.secret,)


def settle(claimed: Claimed, answer: Answer, *, now: datetime) -> DeliveryState | None:
    """Note what came back; the delivery's state then, or None where another worker has it now.

    A receiver that took it is believed also where the claim was over: it was sent all the same.
    """
    row = db.session.get(WebhookDelivery, claimed.id, with_for_update=True)
    if row is None or row.state is DeliveryState.DELIVERED:
        return None
    if not answer.is_taken and row.claimed_until != claimed.claimed_until:
        return None
    row.tries += 1
    row.tried_at, row.claimed_until = now, None
    row.status, row.answer = answer.status, answer.text
    # Acts that owe to this endpoint meanwhile are not to wait, hence the weaker lock.
    endpoint = db.session.get_one(WebhookEndpoint, row.endpoint_id,
                                  with_for_update={"key_share": True})
    if answer.is_taken:
        row.state, row.delivered_at = DeliveryState.DELIVERED, now
        endpoint.failing_since = None
    else:
        _failed(row, endpoint, answer, now)
    db.session.flush()
    return row.state


def _failed(
    row: WebhookDelivery, endpoint: WebhookEndpoint, answer: Answer, now: datetime
) -> None:
    """Later again, or given up. The endpoint is switched off where it is gone, or where it has
    failed for days and every try of this message too: one failure says nothing of the days before,
    in which perhaps nothing was sent."""
    endpoint.failing_since = endpoint.failing_since or now
    if answer.is_gone or row.tries > len(DELAYS):
        row.state = DeliveryState.GIVEN_UP
        why = GONE if answer.is_gone else FAILED_FOR_DAYS
        if endpoint.is_active and (answer.is_gone or now - endpoint.failing_since >= PATIENCE):
            endpoint.is_active, endpoint.disabled_at, endpoint.disabled_why = False, now, why
    else:
        row.due_at = now + DELAYS[row.tries - 1]


def forget_old(*, now: datetime) -> None:
    """Delete what was delivered long ago; the ledger keeps the history."""
    forget(WebhookDelivery, WebhookDelivery.delivered_at < now - KEPT)


def hold_waiting(answer: str, *, now: datetime) -> int:
    """Give up all that waits, to be sent again by hand: after a restore nobody knows what of it had
    gone out before. How many there were."""
    waits = WebhookDelivery.state == DeliveryState.WAITING
    return changed(update(WebhookDelivery).where(waits).values(
        state=DeliveryState.GIVEN_UP, tried_at=now, claimed_until=None, answer=answer))
