"""One ticket in a line of a report: which client, in whose hands, promised when, why, how long.

Persons and clients are named as they are called now; all else is as it was at the moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from registry.clients.models import Client, Tier
from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.people.models import Person
from registry.reports.history import Standing, standing_at
from registry.tickets.models import PromiseChange, Ticket
from registry.tickets.state_names import StateNames, state_names


@dataclass(frozen=True)
class Row:
    """One line. ``holder`` is empty where the ticket had ended; ``minutes`` of working time have
    passed since ``since``; ``why`` is the reason that the holder last gave for the date."""

    number: int
    summary: str
    client: str
    tier: str
    holder: str = ""
    originator: str = ""
    offered_to: str = ""
    promised_at: str = ""
    since: str = ""
    minutes: int = 0
    why: str = ""

    def frozen(self) -> dict[str, Any]:
        """As it is kept in the report."""
        return asdict(self)


def rows_of(standings: Sequence[Standing], moment: datetime, *, since: str) -> list[Row]:
    """The lines of open tickets. ``since`` is what is counted from: the broken ``promise``,
    ``untaken``, ``mended``, or when it came into the ``state`` that it was in."""
    names = state_names()
    heads = _heads([each.number for each in standings])
    people = _people({person for each in standings for person in (
        each.holder_id, each.originator_id, each.offer.receiver_id if each.offer else 0)})
    reasons = _reasons([each.id for each in standings], moment)
    calendar = company_calendar()
    found = []
    for each in standings:
        summary, client, tier = heads[each.number]
        began = _began(each, since, names)
        found.append(Row(
            each.number, summary, client, tier.value, people[each.holder_id],
            people[each.originator_id],
            people[each.offer.receiver_id] if each.offer else "",
            each.promised_at.isoformat() if each.promised_at else "", began.isoformat(),
            round(calendar.hours_between(began, moment) * 60), reasons.get(each.id, "")))
    return found


def rows_on(tickets: Mapping[int, Standing | None], moment: datetime, *, since: str) -> list[Row]:
    """The lines of any tickets by their numbers, in their order, each with how it stood then where
    that is known; of those that had ended only what they were."""
    unknown = [number for number, standing in tickets.items() if standing is None]
    standings = [each for each in tickets.values() if each is not None]
    standings += standing_at(unknown, moment)
    rows = {row.number: row for row in rows_of(standings, moment, since=since)}
    ended = [number for number in tickets if number not in rows]
    for number, (summary, client, tier) in (_heads(ended) if ended else {}).items():
        rows[number] = Row(number, summary, client, tier.value)
    return [rows[number] for number in tickets]


def _began(each: Standing, since: str, names: StateNames) -> datetime:
    moments = {"promise": each.promised_at, "mended": each.mended_at,
               "untaken": each.untaken_since(names)}
    return moments.get(since) or each.state_since


def _heads(numbers: Iterable[int]) -> dict[int, tuple[str, str, Tier]]:
    query = (select(Ticket.number, Ticket.summary, Client.name, Client.tier)
             .join(Client, Client.id == Ticket.client_id).where(Ticket.number.in_(list(numbers))))
    return {number: (summary, client, tier)
            for number, summary, client, tier in db.session.execute(query)}


def _people(ids: set[int]) -> dict[int, str]:
    query = select(Person.id, Person.name).where(Person.id.in_(ids))
    return dict(db.session.execute(query).all())


def _reasons(ticket_ids: Sequence[int], moment: datetime) -> dict[int, str]:
    """What was said with the date that was promised last before the moment."""
    query = (select(PromiseChange.ticket_id, PromiseChange.reason)
             .where(PromiseChange.ticket_id.in_(ticket_ids), PromiseChange.at < moment)
             .order_by(PromiseChange.at, PromiseChange.id))
    return dict(db.session.execute(query).all())
