"""Endpoints of other programs that are told of entries, and what was sent to each.

A delivery is written in the transaction of the act and is complete as it will leave; the worker
sends it. The secret is kept as it is, for without it nothing can be signed (docs/webhooks.md).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.core.model import Base, BigId, enum_column
from registry.people.models import Person


class DeliveryState(StrEnum):
    """``delivered`` means that the receiver answered that it took it; nothing less."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class WebhookEndpoint(Base):
    """Where another program listens. ``kinds`` are names of events; none means all of them.

    ``former_secret`` signs beside the new one until ``former_until``. ``failing_since`` is the
    first failure since the last delivery; ``disabled_why`` is empty where a person switched it off.
    """

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    secret: Mapped[str] = mapped_column(String(120))
    former_secret: Mapped[str] = mapped_column(String(120), default="")
    former_until: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    failing_since: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[str] = mapped_column(default="")

    created_by: Mapped[Person | None] = relationship()


class WebhookDelivery(Base):
    """One event for one endpoint, under one id however often it is sent.

    ``chain`` and ``seq`` name the entry; a test has a chain of its own. ``claimed_until`` is set
    while a worker has it in hand (webhooks/deliveries.py).
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "chain", "seq"),
        Index("ix_webhook_delivery_due", "endpoint_id", "due_at",
              postgresql_where=text("state = 'waiting'"), sqlite_where=text("state = 'waiting'")),
        Index("ix_webhook_delivery_given_up", "endpoint_id", "tried_at",
              postgresql_where=text("state = 'given_up'"),
              sqlite_where=text("state = 'given_up'")),
        Index("ix_webhook_delivery_endpoint_id_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_delivered_at", "delivered_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey(WebhookEndpoint.id))
    chain: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(60))
    message_id: Mapped[str] = mapped_column(String(40))
    body: Mapped[str]
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState),
                                                 default=DeliveryState.WAITING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(default="")

    endpoint: Mapped[WebhookEndpoint] = relationship()
