"""What an act would do, for whoever signs with a passkey: the act is done by the same verb in a
transaction that is rolled back, and the statements are told, and what would change.

The page shows just these, computes its challenge from them, and sends the form once more with the
passkey's answer; then the verb builds the statements anew (decision 0110).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response
from flask_babel import gettext as _

from registry.core.db import db
from registry.core.languages import language
from registry.ledger.entries import stamp
from registry.people.access import rehearsal
from registry.people.rehearsing import signing_options
from registry.people.signing import Showing
from registry.people.told import told
from registry.tickets.acts import engine_for
from registry.tickets.models import Ticket

Seen = tuple[str, str]
Change = tuple[int, str, str]


@dataclass(frozen=True)
class Shown:
    """What somebody is shown before they sign: the statements, what would become otherwise (of
    which ticket, from what, to what), when, and by what a browser asks for the passkey."""

    statements: list[dict[str, Any]]
    changes: list[Change]
    at: datetime
    options: dict[str, Any]


def rehearsed(act: Callable[[], object], tickets: Iterable[Ticket]) -> Response:
    """What ``act`` would sign and change on ``tickets``, as JSON for our pages; nothing of it is
    kept."""
    def shown() -> dict[str, Any]:
        found = shown_of(act, tickets, rehearsal())
        return {"statements": found.statements, "at": stamp(found.at), "options": found.options,
                "changes": [(_("No. %(number)s", number=number), old, new)
                            for number, old, new in found.changes]}

    return told(shown)


def shown_of(act: Callable[[], object], tickets: Iterable[Ticket],
             undoing: AbstractContextManager[Showing]) -> Shown:
    """What ``act`` would sign and change on ``tickets``. ``undoing`` gives whose statements are
    meant, and keeps nothing. Raises whatever the act raises, and Refused without a passkey."""
    about = list(tickets)
    before = [_seen(each) for each in about]
    with undoing as showing:
        act()
        db.session.flush()
        options = signing_options(showing)
        after = [_seen(each) for each in about]
        numbers = [each.number for each in about]
    return Shown([json.loads(body) for body in showing.bodies],
                 list(_changes(numbers, before, after)), showing.at, options)


def _seen(ticket: Ticket) -> Seen:
    state = engine_for(ticket).workflow.states.get(ticket.state)
    return (state.title.said(language()) if state is not None else ticket.state,
            ticket.holder.name)


def _changes(
    numbers: list[int], before: list[Seen], after: list[Seen]
) -> Iterator[Change]:
    for number, then, later in zip(numbers, before, after, strict=True):
        for old, new in zip(then, later, strict=True):
            if old != new:
                yield number, old, new
