"""Reads endpoints and what was sent to them, for the pages and commands; lists go by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from registry.core.db import db
from registry.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint

PAGE = 40


@dataclass(frozen=True)
class EndpointRow:
    """One endpoint of the list, without its secret; how much waits and was given up."""

    id: int
    url: str
    kinds: Sequence[str]
    is_active: bool
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str
    waiting: int
    given_up: int


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery of the list, without its body."""

    id: int
    chain: str
    seq: int
    kind: str
    message_id: str
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    tries: int
    tried_at: datetime | None
    delivered_at: datetime | None
    status: int | None
    answer: str

    @property
    def number(self) -> int | None:
        """The ticket's number; None of a test."""
        owner, _, name = self.chain.partition(":")
        return int(name) if owner == "ticket" else None


def endpoint_by_id(endpoint_id: int) -> WebhookEndpoint | None:
    """The endpoint with the id."""
    return db.session.get(WebhookEndpoint, endpoint_id)


def delivery_by_id(delivery_id: int) -> WebhookDelivery | None:
    """The delivery with the id."""
    return db.session.get(WebhookDelivery, delivery_id)


def endpoints() -> list[EndpointRow]:
    """Every endpoint in the order in which they were added; there are few."""
    def count(state: DeliveryState):  # type: ignore[no-untyped-def]
        return (select(func.count()).select_from(WebhookDelivery)
                .where(WebhookDelivery.endpoint_id == WebhookEndpoint.id,
                       WebhookDelivery.state == state).correlate(WebhookEndpoint)
                .scalar_subquery())

    query = select(
        WebhookEndpoint.id, WebhookEndpoint.url, WebhookEndpoint.kinds, WebhookEndpoint.is_active,
        WebhookEndpoint.failing_since, WebhookEndpoint.disabled_at, WebhookEndpoint.disabled_why,
        count(DeliveryState.WAITING), count(DeliveryState.GIVEN_UP)).order_by(WebhookEndpoint.id)
    return [EndpointRow(*row) for row in db.session.execute(query)]


def deliveries_page(
    endpoint_id: int, state: DeliveryState | None, before: int | None
) -> list[DeliveryRow]:
    """The endpoint's newest deliveries (of one state), or those older than ``before``."""
    of = WebhookDelivery
    query = select(of.id, of.chain, of.seq, of.kind, of.message_id, of.state, of.created_at,
                   of.due_at, of.tries, of.tried_at, of.delivered_at, of.status, of.answer)
    query = query.where(of.endpoint_id == endpoint_id)
    if state is not None:
        query = query.where(of.state == state)
    if before is not None:
        query = query.where(of.id < before)
    query = query.order_by(of.id.desc()).limit(PAGE + 1)
    return [DeliveryRow(*row) for row in db.session.execute(query)]  # type: ignore[call-arg]
