"""The states that tickets can be in, over all versions of lifecycles that are in use.

A list of the registry mixes tickets of several versions; here stands which states begin a
lifecycle, which pause it, which end it, and what people call each.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from registry.core.db import db
from registry.tickets.lifecycles import DEFAULT, engine_of
from registry.tickets.models import Lifecycle, Ticket
from workflows.definition import State


@dataclass(frozen=True)
class StateNames:
    """Every state by name, as its newest version describes it; those of the lifecycle that new
    tickets get come first."""

    states: dict[str, State]
    initial: frozenset[str]

    @property
    def paused(self) -> frozenset[str]:
        """The states in which work stands still on purpose."""
        return frozenset(name for name, state in self.states.items() if state.kind == "paused")


# The least digest from this one on is this one where some ticket is pinned to it: read off the
# index. For EXISTS, PostgreSQL reads every ticket to find that none has the digest.
FIRST_FROM = select(func.min(Ticket.lifecycle_digest)).where(
    Ticket.lifecycle_digest >= Lifecycle.digest).scalar_subquery()
IN_USE = select(Lifecycle.name, Lifecycle.version, Lifecycle.digest).where(
    or_(Lifecycle.name == DEFAULT, Lifecycle.digest == FIRST_FROM))


def state_names() -> StateNames:
    """Read the published versions that are in use: those of the lifecycle that new tickets get,
    and those that some ticket is pinned to (one query; the definitions are kept in memory)."""
    rows = db.session.execute(IN_USE).all()
    newest_first = sorted(rows, key=lambda row: (row.name != DEFAULT, row.name, -row.version))
    states: dict[str, State] = {}
    initial = set()
    for row in newest_first:
        workflow = engine_of(row.digest).workflow
        initial.add(workflow.initial)
        for name, state in workflow.states.items():
            states.setdefault(name, state)
    return StateNames(states, frozenset(initial))


NO_NAMES = StateNames({}, frozenset())
"""For lists whose filters ask for no states: nothing is read."""
