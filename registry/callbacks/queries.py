"""Whom to call back: tickets that were mended and are with their originators for the check; and who
takes one back into work where whoever mended it has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from registry.callbacks.models import CallBack
from registry.callbacks.service import REOPENING, mender_of
from registry.clients.models import Client, Contact
from registry.core.db import db
from registry.people.models import Person
from registry.tickets.acts import move_of
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import CheckResult, Ticket
from registry.tickets.ticket_queries import receivers_for

PAGE = 50


@dataclass(frozen=True)
class CallRow:
    """One client to call: what to say and whom to ask for."""

    number: int
    summary: str
    client: str
    contact: str
    phone: str
    what_was_wrong: str
    what_was_done: str
    holder: str
    since: datetime
    denied: bool
    offered_to: str


def calls_owed(holder_ids: Sequence[int] | None, *, after: int = 0) -> list[CallRow]:
    """The calls owed by the holders (all where None), the longest waiting first; ``after`` skips
    up to the ticket of that number."""
    receiver = aliased(Person)
    query = (select(Ticket, Client.name, Contact.name, Contact.phone, Person, receiver.name)
             .join(Client, Client.id == Ticket.client_id)
             .outerjoin(Contact, Contact.id == Ticket.contact_id)
             .join(Person, Person.id == Ticket.holder_id)
             .outerjoin(Handoff, (Handoff.ticket_id == Ticket.id)
                        & (Handoff.state == HandoffState.OFFERED))
             .outerjoin(receiver, receiver.id == Handoff.receiver_id)
             .where(Ticket.is_open, Ticket.mended_at.is_not(None), Ticket.number > after)
             .order_by(Ticket.number).limit(PAGE + 1))
    if holder_ids is not None:
        query = query.where(Ticket.holder_id.in_(holder_ids))
    return [CallRow(ticket.number, ticket.summary, client, contact or "", phone or "",
                    ticket.what_was_wrong, ticket.what_was_done, holder.name,
                    ticket.holder_since, ticket.client_check is CheckResult.NOT_GONE,
                    offered or "")
            for ticket, client, contact, phone, holder, offered in db.session.execute(query)]


def calls_about(ticket: Ticket) -> list[CallBack]:
    """The calls about the ticket, the newest first."""
    query = (select(CallBack).where(CallBack.ticket_id == ticket.id)
             .options(joinedload(CallBack.by)).order_by(CallBack.id.desc()))
    return list(db.session.scalars(query))


def stand_ins_for(ticket: Ticket, by: Person) -> list[Person]:
    """Whom ``by`` may offer it back to where the one who mended it last has left; else nobody."""
    if mender_of(ticket) is not None:
        return []
    return receivers_for(ticket, move_of(ticket, REOPENING), by)
