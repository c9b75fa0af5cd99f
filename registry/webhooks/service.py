"""Verbs of endpoints: added, changed, switched off and on, their secret renewed, a test owed.

What is sent when is decided in deliveries.py; what was sent can be sent again (sending_again.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from registry.config import Settings
from registry.core.db import db
from registry.core.errors import refuse_if
from registry.people.models import Person
from registry.people.permissions import require_of
from registry.webhooks.addresses import fault_of
from registry.webhooks.events import TEST, a_delivery, body_of, forget_listening
from registry.webhooks.models import WebhookDelivery, WebhookEndpoint
from registry.webhooks.rules import OVERLAP, PERMISSION, bad_kinds, new_secret, why_off


def add_endpoint(
    url: str, kinds: Collection[str], *, settings: Settings, by: Person | None, now: datetime
) -> tuple[WebhookEndpoint, str]:
    """Tell another program from now on; gives the endpoint and its secret, to be shown once.

    Raises Forbidden, or Refused with every reason. ``by`` is None at the command line.
    """
    require_of(by, PERMISSION)
    url = url.strip()
    refuse_if(fault_of(url, settings), bad_kinds(kinds))
    secret = new_secret()
    endpoint = WebhookEndpoint(url=url, kinds=sorted(set(kinds)), secret=secret, created_at=now,
                               created_by_id=by.id if by else None)
    db.session.add(endpoint)
    _kept()
    return endpoint, secret


def change_endpoint(
    endpoint: WebhookEndpoint, url: str, kinds: Collection[str], *, settings: Settings,
    by: Person | None,
) -> None:
    """Another address or other kinds; what waits goes to the new address too."""
    require_of(by, PERMISSION)
    url = url.strip()
    refuse_if(fault_of(url, settings), bad_kinds(kinds))
    endpoint.url, endpoint.kinds = url, sorted(set(kinds))
    _kept()


def switch_off(endpoint: WebhookEndpoint, *, by: Person | None, now: datetime) -> None:
    """Send nothing more, and write nothing down to be sent. What waits keeps waiting."""
    require_of(by, PERMISSION)
    if endpoint.is_active:
        endpoint.is_active, endpoint.disabled_at, endpoint.disabled_why = False, now, ""
    _kept()


def switch_on(
    endpoint: WebhookEndpoint, *, settings: Settings, by: Person | None
) -> None:
    """Send again; what waits goes out, what happened meanwhile does not."""
    require_of(by, PERMISSION)
    refuse_if(fault_of(endpoint.url, settings))
    endpoint.is_active, endpoint.failing_since = True, None
    endpoint.disabled_at, endpoint.disabled_why = None, ""
    _kept()


def renew_secret(endpoint: WebhookEndpoint, *, by: Person | None, now: datetime) -> str:
    """A new secret, to be shown once; the former one signs beside it for a day."""
    require_of(by, PERMISSION)
    endpoint.former_secret, endpoint.former_until = endpoint.secret, now + OVERLAP
    endpoint.secret = new_secret()
    _kept()
    return endpoint.secret


def send_test(endpoint: WebhookEndpoint, *, by: Person | None, now: datetime) -> WebhookDelivery:
    """Owe the endpoint a message that tells nothing. Refused while it is switched off."""
    require_of(by, PERMISSION)
    refuse_if(why_off(endpoint))
    mark = secrets.token_hex(8)
    owed = a_delivery(endpoint.id, f"test:{mark}", 0, TEST, body_of(TEST, now, {}), mark, now=now)
    db.session.add(owed)
    db.session.flush()
    return owed


def _kept() -> None:
    forget_listening()
    db.session.flush()
