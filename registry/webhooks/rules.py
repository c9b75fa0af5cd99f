"""What an endpoint must be, before anything is asked of the database or the network."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection
from datetime import timedelta

from registry.core.errors import Reason
from registry.core.words import N_
from registry.webhooks.events import NAMES
from registry.webhooks.models import WebhookEndpoint

PERMISSION = "manage_webhooks"
SECRET_BYTES = 32
# How long a renewed secret signs beside the new one, for the receiver to change over.
OVERLAP = timedelta(hours=24)


def new_secret() -> str:
    """A secret as Standard Webhooks writes it: ``whsec_`` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def bad_kinds(kinds: Collection[str]) -> Reason | None:
    """Why these are no kinds of events; none at all means all of them."""
    unknown = sorted(set(kinds) - set(NAMES))
    if not unknown:
        return None
    return Reason("kind_unknown", N_("There is no event “%(kind)s”."), {"kind": unknown[0]},
                  "kinds")


def why_off(endpoint: WebhookEndpoint) -> Reason | None:
    """Why nothing can be sent to the endpoint now; None where it is switched on."""
    return None if endpoint.is_active else Reason("endpoint_off", N_(
        "This endpoint is switched off: switch it on first."))
