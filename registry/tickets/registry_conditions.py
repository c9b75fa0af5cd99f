"""What the filters of the registry mean: each becomes a condition that an index serves.

The numbers above the list, the list itself, its export and the links of reports all ask through
here, so a number and the list that it opens cannot differ. ``Ticket.is_open`` stands bare: so it is
written as in the partial indexes (models.py), which otherwise would not serve.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select, union

from registry.people.models import Person
from registry.tickets.filters import Filters
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from registry.tickets.search import matches
from registry.tickets.state_names import StateNames

Condition = ColumnElement[bool]


def is_late(now: datetime | BindParameter[datetime]) -> Condition:
    """The promise is broken: open, not mended, and the promised date is over."""
    return and_(Ticket.is_open, Ticket.mended_at.is_(None), Ticket.promised_at < now)


def is_with_client() -> Condition:
    """Mended, and the client's check is awaited: nothing else closes it."""
    return and_(Ticket.is_open, Ticket.mended_at.is_not(None))


def is_unaccepted(initial: Collection[str] | BindParameter[str]) -> Condition:
    """Nobody has taken it: still with whoever logged it (in an ``initial`` state), or offered and
    not answered."""
    logged = select(Ticket.id).where(Ticket.is_open, Ticket.state.in_(initial))
    offered = select(Handoff.ticket_id).where(Handoff.state == HandoffState.OFFERED)
    return and_(Ticket.is_open, Ticket.id.in_(union(logged, offered).subquery().select()))


def is_on_hold(names: StateNames) -> Condition:
    """Work stands still on purpose, until a date."""
    return and_(Ticket.is_open, Ticket.state.in_(names.paused))


def conditions_of(
    filters: Filters, names: StateNames, *, me: Person, now: datetime
) -> list[Condition]:
    """Every condition that a ticket of the list fulfils; ``me`` is whose "mine" is meant."""
    found = _shown(filters)
    for name in ("originator", "holder", "department", "client", "site", "criterion"):
        value = getattr(filters, name)
        if value is not None:
            found.append(getattr(Ticket, f"{name}_id") == value)
    if filters.age is not None:
        found.append(Ticket.logged_at < now - timedelta(days=filters.age))
    if filters.mine:
        found.append(or_(Ticket.holder_id == me.id, Ticket.originator_id == me.id))
    found += [condition for wanted, condition in (
        (filters.late, is_late(now)), (filters.with_client, is_with_client()),
        (filters.unaccepted, is_unaccepted(names.initial)), (filters.on_hold, is_on_hold(names)),
    ) if wanted]
    words = matches(filters.q) if filters.q else None
    return found if words is None else [*found, words]


def _shown(filters: Filters) -> list[Condition]:
    if filters.state:
        return [Ticket.state == filters.state]
    if filters.show == "all":
        return []
    return [and_(Ticket.is_open) if filters.show == "open" else ~Ticket.is_open]
