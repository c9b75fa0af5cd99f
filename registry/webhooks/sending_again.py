"""Verbs of deliveries: sending one again, and all that an endpoint failed to take since a moment.

A repeat carries the id and the body of the first time, so that a receiver that has it drops it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from registry.core.db import changed, db
from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.people.models import Person
from registry.people.permissions import require_of
from registry.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from registry.webhooks.rules import PERMISSION, why_off


def send_again(delivery: WebhookDelivery, *, by: Person | None, now: datetime) -> None:
    """Send it once more at once, also where it was taken; its tries are counted anew.

    Raises Forbidden, or Refused where the endpoint is switched off.
    """
    require_of(by, PERMISSION)
    refuse_if(why_off(delivery.endpoint))
    delivery.state, delivery.due_at, delivery.tries = DeliveryState.WAITING, now, 0
    delivery.claimed_until = delivery.delivered_at = None
    db.session.flush()


def send_failed_again(
    endpoint: WebhookEndpoint, since: datetime | None, *, by: Person | None, now: datetime
) -> int:
    """Send once more all that was given up since the moment; how many there are.

    Raises Forbidden, or Refused where the moment is missing or the endpoint is switched off.
    """
    require_of(by, PERMISSION)
    refuse_if(why_off(endpoint), None if since else Reason("since_missing", N_(
        "Say since when: the day and the time of the first failure."), field="since"))
    failed = (WebhookDelivery.endpoint_id == endpoint.id,
              WebhookDelivery.state == DeliveryState.GIVEN_UP, WebhookDelivery.tried_at >= since)
    return changed(update(WebhookDelivery).where(*failed).values(
        state=DeliveryState.WAITING, due_at=now, tries=0, claimed_until=None))
