"""Nobody leaves with tickets in hand, and no ticket is left without its originator.

Before somebody departs, what is in the hands goes over by a sheet; of the tickets that are still
with engineers and would come back to the departing person, another becomes the originator.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select

from registry.core.db import db
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.words import N_
from registry.people.models import Person
from registry.people.permissions import require
from registry.tickets.chain import Sealed, append
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket


def reasons_against_departure(person: Person) -> list[Reason]:
    """Why the person cannot leave yet (registered with ``people``)."""
    in_hand = _count(Ticket.holder_id == person.id)
    to_return = count_to_return(person)
    waiting = db.session.scalar(select(func.count()).select_from(Handoff).where(
        Handoff.state == HandoffState.OFFERED,
        or_(Handoff.receiver_id == person.id, Handoff.witness_id == person.id))) or 0
    found = []
    if in_hand:
        found.append(Reason("tickets_in_hand", N_(
            "%(name)s has %(count)d tickets in hand: hand them over by a sheet first."),
            {"name": person.name, "count": in_hand}))
    if waiting:
        found.append(Reason("handoffs_wait", N_(
            "%(count)d handoffs wait for a signature of %(name)s: answer or withdraw them."),
            {"name": person.name, "count": waiting}))
    if to_return:
        found.append(Reason("originator_of", N_(
            "%(count)d tickets would come back to %(name)s: name another originator for them."),
            {"name": person.name, "count": to_return}))
    return found


def count_to_return(person: Person) -> int:
    """How many open tickets are with others and would come back to the person."""
    return _count((Ticket.originator_id == person.id) & (Ticket.holder_id != person.id))


def name_successor(person: Person, successor: Person | None, *, by: Person, now: datetime) -> int:
    """Make ``successor`` the originator of the open tickets that are with others and would come
    back to ``person``. Returns how many. Raises Forbidden or Refused."""
    require(by, "name_successor")
    if successor is None:
        raise Refused(Reason("successor_missing", N_("Choose who becomes the originator."),
                             field="successor"))
    refuse_if(
        Reason("same_person", N_("Choose another person than the one who leaves."),
               field="successor") if successor.id == person.id else None,
        Reason("successor_left", N_("%(name)s does not work here any more. Choose somebody else."),
               {"name": successor.name}, "successor") if not successor.is_active else None,
    )
    query = select(Ticket).where(Ticket.is_open, Ticket.originator_id == person.id,
                                 Ticket.holder_id != person.id).order_by(Ticket.number)
    tickets = list(db.session.scalars(query))
    for ticket in tickets:
        append(ticket, "originator_succeeded",
               {"originator": successor.ref, "was": person.ref}, Sealed(), by=by, now=now)
    return len(tickets)


def _count(condition: object) -> int:
    query = select(func.count()).select_from(Ticket).where(Ticket.is_open, condition)  # type: ignore[arg-type]
    return db.session.scalar(query) or 0
