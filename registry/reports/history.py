"""The registry as it stood at a moment, and what happened between two: read from the ledger.

A ticket's row tells the present. It also tells the past where its chain has no entry since; else
the chain is replayed up to the moment by the one projection that also writes the rows. So the
report on yesterday reads few chains, and one on any day of long ago is still right.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from registry.core.calendar import WorkingCalendar
from registry.core.db import db
from registry.ledger.models import LedgerEntry
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from registry.tickets.projection import (
    ON_HANDOFF,
    ON_JOINT_ACT,
    ON_TICKET,
    TicketImage,
    replay,
)
from registry.tickets.state_names import StateNames

PAGE = 1000
PREFIX = "ticket:"
MOST_SINCE = 5000
# The kinds of entries that change how a ticket stands.
TELLING = tuple({**ON_TICKET, **ON_HANDOFF, **ON_JOINT_ACT})
# What a day brings: the entries that the numbers of a report are counted from.
HAPPENINGS = ("logged", "handoff_accepted", "moved", "client_checked")
FLOWS = ("new", "accepted", "returned", "confirmed", "not_gone", "closed_elsewhere",
         "reopened_elsewhere", "cancelled")
Flows = dict[str, set[int]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A handoff that was offered and not answered at the moment."""

    receiver_id: int
    offered_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """An open ticket as it stood at the moment."""

    id: int
    number: int
    client_id: int
    state: str
    holder_id: int
    originator_id: int
    logged_at: datetime
    state_since: datetime
    mended_at: datetime | None
    promised_at: datetime | None
    was_checked: bool
    offer: Offer | None

    def is_broken(self, moment: datetime) -> bool:
        """Whether the promise was broken at ``moment`` (the same rule as the registry's)."""
        return (self.mended_at is None and self.promised_at is not None
                and self.promised_at < moment)

    def is_due_between(self, moment: datetime, end: datetime) -> bool:
        """Whether the promise was still whole at ``moment`` and falls due before ``end``."""
        return (self.mended_at is None and self.promised_at is not None
                and moment <= self.promised_at <= end)

    def is_unpromised(self, names: StateNames) -> bool:
        """Whether somebody works on it and no date was promised: it can break no promise."""
        return (self.mended_at is None and self.promised_at is None
                and self.state not in names.initial)

    def untaken_since(self, names: StateNames) -> datetime | None:
        """Since when nobody has taken it; None where it is in the hands of who works on it."""
        if self.state in names.initial:
            return self.state_since
        return self.offer.offered_at if self.offer is not None else None


def happened(days: Collection[date], calendar: WorkingCalendar,
             names: StateNames) -> dict[date, Flows]:
    """The numbers of the tickets to which each thing of FLOWS happened, by the company's calendar
    day: one question, however many the days are."""
    found: dict[date, Flows] = {day: {name: set() for name in FLOWS} for day in days}
    query = (select(LedgerEntry.chain, LedgerEntry.kind, LedgerEntry.at, LedgerEntry.body)
             .where(LedgerEntry.kind.in_(HAPPENINGS),
                    LedgerEntry.at >= calendar.bounds(min(days))[0],
                    LedgerEntry.at < calendar.bounds(max(days))[1])
             .execution_options(yield_per=PAGE))
    for chain, kind, at, body in db.session.execute(query):
        flows = found.get(calendar.local(at).date())
        if flows is not None and chain.startswith(PREFIX):
            for name in flows_of(kind, json.loads(body)["content"], names):
                flows[name].add(int(chain.removeprefix(PREFIX)))
    return found


def flows_of(kind: str, content: dict[str, Any], names: StateNames) -> Iterator[str]:
    """What one entry is counted as; an entry may be several things, or none."""
    imported = bool(content.get("imported"))
    if kind == "logged":
        yield "new"
    elif kind == "client_checked":
        if content["result"] == "not_gone":
            yield "not_gone"
    else:
        source, target = content["source"], content["target"]
        if source in names.initial and target not in names.initial and not content["final"]:
            yield "accepted"
        if "mended" in content["effects"]:
            yield "returned"
        if imported and "count_rework" in content["effects"]:
            yield "reopened_elsewhere"
        if content["final"]:
            yield _ending(target, imported, names)


def _ending(target: str, imported: bool, names: StateNames) -> str:
    """How a ticket ended. Only our own lifecycle asks the client; of a ticket that another system
    closed (or reopened) nobody can say what the client found."""
    if names.states[target].outcome != "done":
        return "cancelled"
    return "closed_elsewhere" if imported else "confirmed"


def open_at(moment: datetime) -> Iterator[Standing]:
    """Every ticket that was open just before ``moment``, by its number, as it stood then."""
    yield from standing_at(_open_numbers(moment), moment)


def in_hands_at(moment: datetime, holder_id: int) -> Iterator[Standing]:
    """Those of ``open_at`` that the person had in hand. Only tickets that the person has now, and
    those that the person has given since, can be among them; no other is looked at."""
    given = select(Ticket.number).join(Handoff, Handoff.ticket_id == Ticket.id).where(
        Handoff.state == HandoffState.ACCEPTED, Handoff.ended_at >= moment,
        Handoff.giver_id == holder_id)
    numbers = sorted({*_open_numbers(moment, Ticket.holder_id == holder_id),
                      *db.session.scalars(given)})
    yield from (each for each in standing_at(numbers, moment) if each.holder_id == holder_id)


def standing_at(numbers: Sequence[int], moment: datetime) -> Iterator[Standing]:
    """Those of the tickets that were open just before ``moment``, as they stood then."""
    since = _changed_since(moment) if numbers else None
    for begin in range(0, len(numbers), PAGE):
        page = numbers[begin:begin + PAGE]
        rows, images = _rows(page), _images(_changed(page, moment, since), moment)
        for row in rows:
            standing = (_as_replayed(row, images[row.number]) if row.number in images
                        else _as_stands(row))
            if standing is not None:
                yield standing


def _open_numbers(moment: datetime, *more: ColumnElement[bool]) -> list[int]:
    """Those open now and those that ended since: two questions, each with its index."""
    found: list[int] = []
    for condition in (and_(Ticket.is_open), Ticket.ended_at >= moment):
        found += db.session.scalars(
            select(Ticket.number).where(condition, Ticket.logged_at < moment, *more))
    return sorted(set(found))


def _changed_since(moment: datetime) -> set[str] | None:
    """The chains that have an entry at the moment or since; None where they are too many."""
    since = list(db.session.scalars(
        select(LedgerEntry.chain).where(LedgerEntry.kind.in_(TELLING), LedgerEntry.at >= moment)
        .limit(MOST_SINCE)))
    return set(since) if len(since) < MOST_SINCE else None


def _changed(numbers: Sequence[int], moment: datetime, since: set[str] | None) -> list[int]:
    """Those of the tickets whose chains have an entry at the moment or since. Where these are too
    many to be known at once, each chain is asked."""
    chains = [f"{PREFIX}{number}" for number in numbers]
    if since is not None:
        found = since.intersection(chains)
    else:
        found = set(db.session.scalars(select(LedgerEntry.chain).distinct().where(
            LedgerEntry.chain.in_(chains), LedgerEntry.at >= moment)))
    return [int(chain.removeprefix(PREFIX)) for chain in found]


def _rows(numbers: Sequence[int]) -> Sequence[Any]:
    offered = and_(Handoff.ticket_id == Ticket.id, Handoff.state == HandoffState.OFFERED)
    query = (
        select(Ticket.id, Ticket.number, Ticket.client_id, Ticket.state, Ticket.is_open,
               Ticket.holder_id, Ticket.originator_id, Ticket.logged_at, Ticket.state_since,
               Ticket.mended_at, Ticket.promised_at, Ticket.client_check, Handoff.receiver_id,
               Handoff.offered_at)
        .outerjoin(Handoff, offered)
        .where(Ticket.number.in_(numbers)).order_by(Ticket.number))
    return db.session.execute(query).all()


def _as_stands(row: Any) -> Standing | None:
    """The ticket by its row, which nothing has changed since; None where it has ended."""
    if not row.is_open:
        return None
    offer = Offer(row.receiver_id, row.offered_at) if row.receiver_id is not None else None
    return Standing(row.id, row.number, row.client_id, row.state, row.holder_id,
                    row.originator_id, row.logged_at, row.state_since, row.mended_at,
                    row.promised_at, row.client_check is not None, offer)


def _as_replayed(row: Any, image: TicketImage) -> Standing | None:
    """The ticket by its chain up to the moment; None where it had ended by then."""
    was = image.values
    if not was.get("is_open"):
        return None
    offer = next((Offer(each["receiver_id"], each["offered_at"])
                  for each in image.handoffs.values()
                  if each["state"] is HandoffState.OFFERED), None)
    return Standing(row.id, row.number, was["client_id"], was["state"], was["holder_id"],
                    was["originator_id"], was["logged_at"], was["state_since"], was["mended_at"],
                    was["promised_at"], was["client_check"] is not None, offer)


class _Unread(dict[str, "str | None"]):
    """Stands for the words behind seals: numbers need none of them."""

    def __missing__(self, seal: str) -> str:
        return ""


def _images(numbers: Sequence[int], moment: datetime) -> dict[int, TicketImage]:
    """Each ticket as its entries before ``moment`` tell it."""
    entries: dict[int, list[tuple[int, str, datetime, dict[str, Any]]]] = defaultdict(list)
    query = (select(LedgerEntry.chain, LedgerEntry.seq, LedgerEntry.kind, LedgerEntry.at,
                    LedgerEntry.body)
             .where(LedgerEntry.chain.in_([f"{PREFIX}{number}" for number in numbers]),
                    LedgerEntry.at < moment)
             .order_by(LedgerEntry.chain, LedgerEntry.seq))
    for chain, seq, kind, at, body in db.session.execute(query) if numbers else ():
        entries[int(chain.removeprefix(PREFIX))].append(
            (seq, kind, at, json.loads(body)["content"]))
    return {number: replay(entries[number], _Unread()) for number in numbers}
