"""From an entry of a ticket's chain to the deliveries that it owes, in the act's transaction.

An event says that something happened and where to look, in names and numbers alone: no word of a
client or a person leaves this way. Installations that allow no host pay nothing; others one query
for each transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import select

from registry.core.db import db
from registry.core.settings import current_settings
from registry.ledger.entries import stamp
from registry.people.models import Person
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Ticket
from registry.webhooks.models import WebhookDelivery, WebhookEndpoint

# What each entry is called outside; one that is not here is called by its own kind.
EVENTS = {
    "logged": "ticket.logged", "handoff_offered": "ticket.offered",
    "handoff_signed": "ticket.signed", "handoff_accepted": "ticket.accepted",
    "handoff_declined": "ticket.declined", "handoff_withdrawn": "ticket.withdrawn",
    "handoff_lapsed": "ticket.lapsed",
    "moved": "ticket.moved", "promised": "ticket.promised", "client_checked": "ticket.checked",
    "file_attached": "ticket.file_attached", "joint_proposed": "ticket.joint_proposed",
    "joint_ended": "ticket.joint_ended", "lifecycle_carried": "ticket.lifecycle_carried",
    "originator_succeeded": "ticket.originator_succeeded",
    "department_changed": "ticket.department_changed",
}
NAMES = tuple(EVENTS.values())
TEST = "test"
_LISTENING = "webhook endpoints"

Listening = Sequence[tuple[int, Sequence[str]]]


def note_entry(
    ticket: Ticket, kind: str, content: Mapping[str, Any], *, act: Handoff | JointAct | None,
    by: Person | None, now: datetime,
) -> None:
    """Owe the entry to every endpoint that asked for its kind; nothing is flushed."""
    if not current_settings().webhook_hosts:
        return
    event = event_of(kind)
    told = [each for each, kinds in _listening() if not kinds or event in kinds]
    if not told:
        return
    body = body_of(event, now, data_of(ticket, kind))
    for endpoint_id in told:
        db.session.add(a_delivery(endpoint_id, ticket.chain, ticket.head_seq, event, body,
                                  ticket.head_hash, now=now))


def event_of(kind: str) -> str:
    """The name of the event for a kind of entry: ``handoff_accepted`` is ``ticket.accepted``."""
    return EVENTS.get(kind, f"ticket.{kind}")


def data_of(ticket: Ticket, kind: str) -> dict[str, Any]:
    """Which ticket, which entry, where the ticket stands and in whose hands it is now."""
    return {
        "number": ticket.number, "kind": kind, "seq": ticket.head_seq, "hash": ticket.head_hash,
        "state": ticket.state, "holder": f"person:{ticket.holder_id}",
        "url": f"{current_settings().base_url}/tickets/{ticket.number}",
    }


def body_of(event: str, at: datetime, data: Mapping[str, Any]) -> str:
    """The body as it is signed and sent, every time the same bytes."""
    return rfc8785.dumps({"type": event, "timestamp": stamp(at), "data": dict(data)}).decode()


def a_delivery(
    endpoint_id: int, chain: str, seq: int, event: str, body: str, mark: str, *, now: datetime
) -> WebhookDelivery:
    """What is owed to one endpoint; its message id follows from endpoint and entry."""
    digest = hashlib.sha256(f"{endpoint_id}\n{chain}\n{seq}\n{mark}".encode()).hexdigest()
    return WebhookDelivery(
        endpoint_id=endpoint_id, chain=chain, seq=seq, kind=event, message_id=f"msg_{digest[:32]}",
        body=body, created_at=now, due_at=now)


def forget_listening() -> None:
    """Read the endpoints anew: a verb has changed them in the transaction that stands."""
    db.session.info.pop(_LISTENING, None)


def _listening() -> Listening:
    """The endpoints that are switched on; asked once in each transaction."""
    session = db.session()
    known = session.info.get(_LISTENING)
    if known is not None and known[0] is session.get_transaction():
        found: Listening = known[1]
        return found
    with session.no_autoflush:
        rows = session.execute(select(WebhookEndpoint.id, WebhookEndpoint.kinds)
                               .where(WebhookEndpoint.is_active)).all()
    listening = [(row.id, row.kinds) for row in rows]
    session.info[_LISTENING] = session.get_transaction(), listening
    return listening
