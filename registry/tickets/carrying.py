"""Carrying all open tickets of a lifecycle over to its newest version, each in its own transaction.

An edge: the page and the command line both come here. A ticket that cannot go now stays where it
is, and is named with the reasons; the others go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from registry.core.db import atomic, db
from registry.core.errors import Reason, Refused
from registry.people.models import Person
from registry.tickets.models import Lifecycle, Ticket
from registry.tickets.versions import carry_over, numbers_pinned


@dataclass
class Carried:
    """How it went: ``refused`` are the tickets that stay, each with the reasons, and ``is_all``
    says that none was left for another time."""

    count: int = 0
    refused: list[tuple[int, tuple[Reason, ...]]] = field(default_factory=list)
    is_all: bool = True


def carry_all(
    digest: str, *, by: Person | None, now: datetime, most: int | None = None,
    told: Callable[[int], None] = lambda number: None,
) -> Carried:
    """Carry the open tickets of earlier versions over to the version of ``digest``, at most
    ``most`` of them; ``told`` hears the number of each."""
    done, last = Carried(), 0
    while True:
        lifecycle = db.session.get_one(Lifecycle, digest)
        numbers = numbers_pinned(lifecycle, after=last)
        for number in numbers:
            if most is not None and done.count + len(done.refused) >= most:
                done.is_all = False
                return done
            _carry_one(number, digest, done, by=by, now=now)
            told(number)
        if not numbers:
            return done
        last = numbers[-1]


def _carry_one(number: int, digest: str, done: Carried, *, by: Person | None,
               now: datetime) -> None:
    try:
        with atomic():
            ticket = db.session.scalars(select(Ticket).where(Ticket.number == number)).one()
            carry_over(ticket, db.session.get_one(Lifecycle, digest), by=by, now=now)
    except Refused as error:
        done.refused.append((number, error.reasons))
    else:
        done.count += 1
