"""What tickets let us know of visits, as long as visits are not kept themselves: a visit is here
all that one person logged at one client on one day of the company's clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ColumnExpressionArgument, select
from sqlalchemy.orm import joinedload

from registry.clients.models import Client
from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.core.times import local
from registry.people.models import Person
from registry.tickets.models import Ticket

MOST_READ = 500


@dataclass(frozen=True)
class Visit:
    """Who was where on which day."""

    client_id: int
    by_id: int
    day: date

    @property
    def name(self) -> str:
        """How addresses name it: «12-5-2026-11-24»."""
        return f"{self.client_id}-{self.by_id}-{self.day}"

    @classmethod
    def named(cls, name: str) -> Visit | None:
        """The visit of that name, whether anything was logged there or not; None for any other
        words."""
        client, _, rest = name.partition("-")
        by, _, day = rest.partition("-")
        try:
            found = cls(int(client), int(by), date.fromisoformat(day))
        except ValueError:
            return None
        return found if found.name == name and max(found.client_id, found.by_id) < 2**31 else None

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """What holds for its tickets."""
        begins, ends = company_calendar().bounds(self.day)
        return (Ticket.client_id == self.client_id, Ticket.raised_by_id == self.by_id,
                Ticket.logged_at >= begins, Ticket.logged_at < ends)


@dataclass(frozen=True)
class VisitLine:
    """A visit as lists name it, and how many tickets it is about."""

    visit: Visit
    client: str
    by: str
    count: int
    number: int

    @property
    def day(self) -> date:
        """The day of the visit."""
        return self.visit.day


def visit_of(ticket: Ticket) -> Visit:
    """The visit at which the ticket was logged."""
    return Visit(ticket.client_id, ticket.raised_by_id, local(ticket.logged_at).date())


def tickets_of(visit: Visit) -> list[Ticket]:
    """What was logged at the visit, by number."""
    query = (select(Ticket).where(*visit.conditions()).order_by(Ticket.number)
             .options(*(joinedload(getattr(Ticket, name)) for name in (
                 "client", "site", "contact", "criterion", "raised_by", "holder"))))
    return list(db.session.scalars(query))


def visits_among(*conditions: ColumnExpressionArgument[bool],
                 limit: int = MOST_READ) -> list[VisitLine]:
    """The visits at which the tickets were logged for which the conditions hold, the latest first.
    Reads the newest ``limit`` tickets. One query."""
    query = (select(Ticket.client_id, Ticket.raised_by_id, Ticket.logged_at, Client.name,
                    Person.name, Ticket.number)
             .join(Client, Client.id == Ticket.client_id)
             .join(Person, Person.id == Ticket.raised_by_id)
             .where(*conditions).order_by(Ticket.number.desc()).limit(limit))
    return list(_counted(db.session.execute(query)))


def _counted(rows: Iterable[Any]) -> list[VisitLine]:
    counts = Counter[Visit]()
    said: dict[Visit, tuple[str, str, int]] = {}
    for client_id, by_id, logged_at, client, by, number in rows:
        visit = Visit(client_id, by_id, local(logged_at).date())
        counts[visit] += 1
        said[visit] = (client, by, number)
    return [VisitLine(visit, client, by, counts[visit], number)
            for visit, (client, by, number) in said.items()]
