"""Days of a small company lived at random through the verbs, with a diary kept beside.

The diary is written from what was done and from the tickets' rows at each day's end: it knows
nothing of entries, replays or reports, so it can tell whether their numbers are right.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from registry.callbacks.service import Found, record_check
from registry.core.db import db
from registry.people.models import Person
from registry.tickets.acts import open_handoff
from registry.tickets.handoffs import decline_handoff
from registry.tickets.joint import agree_to_cancelling, propose_cancelling
from registry.tickets.models import CheckResult, Ticket
from registry.tickets.promises import change_promise
from tests.factories import House, a_signing, a_ticket, accept, move, offer

FIELDS = {"what_was_wrong": "A bad cable", "what_was_done": "Replaced it"}


@dataclass
class Page:
    """One day of the diary: sets of ticket numbers."""

    flows: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    open: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    untaken: set[int] = field(default_factory=set)
    hands: Counter[int] = field(default_factory=Counter)


class Life:
    """A company at random; ``diary`` has a page for each day lived."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.chance = house, random.Random(seed)
        self.diary: dict[date, Page] = {}

    def live(self, day: date, begins_at: datetime, ends_at: datetime, acts: int) -> None:
        """Act at random moments of the day, in order, then look at all rows."""
        page = self.diary.setdefault(day, Page())
        length = (ends_at - begins_at).total_seconds()
        for second in sorted(self.chance.uniform(0, length - 1) for _ in range(acts)):
            self._act(page, begins_at + timedelta(seconds=second))
        self._look(page, ends_at)
        db.session.commit()

    def _act(self, page: Page, now: datetime) -> None:
        tickets = db.session.query(Ticket).filter(Ticket.is_open).order_by(Ticket.number).all()
        if not tickets or self.chance.random() < 0.25:
            ticket = a_ticket(self.house, now=now, by=self._one_of(
                self.house.visitor, self.house.other_visitor))
            page.flows["new"].add(ticket.number)
            return
        ticket = self.chance.choice(tickets)
        waiting = open_handoff(ticket)
        if waiting is not None:
            self._answer(page, ticket, waiting, now)
        elif self.chance.random() < 0.06:
            self._cancel(page, ticket, now)
        else:
            getattr(self, f"_{ticket.state}")(page, ticket, now)

    def _answer(self, page: Page, ticket: Ticket, waiting, now: datetime) -> None:
        if self.chance.random() < 0.2:
            decline_handoff(waiting, reason="Not mine", by=waiting.receiver, now=now)
            return
        was, name = ticket.state, waiting.move
        accept(waiting, now=now)
        if was == "logged" and name == "take":
            page.flows["accepted"].add(ticket.number)
        if name == "return":
            page.flows["returned"].add(ticket.number)

    def _cancel(self, page: Page, ticket: Ticket, now: datetime) -> None:
        originator, registrar = ticket.originator, self.house.registrar
        joint = propose_cancelling(ticket, reason="A mistake", by=originator,
                                   signing=a_signing(originator), now=now)
        agree_to_cancelling(joint, by=registrar, signing=a_signing(registrar), now=now)
        page.flows["cancelled"].add(ticket.number)

    def _logged(self, page: Page, ticket: Ticket, now: datetime) -> None:
        offer(ticket, "take", self._engineer(), witness=self.house.registrar, now=now)

    def _accepted(self, page: Page, ticket: Ticket, now: datetime) -> None:
        if self.chance.random() < 0.7:
            move(ticket, "start", now=now)
        else:
            self._in_fix(page, ticket, now)

    def _in_fix(self, page: Page, ticket: Ticket, now: datetime) -> None:
        lot = self.chance.random()
        if lot < 0.5 and ticket.state == "in_fix":
            offer(ticket, "return", ticket.originator, witness=self.house.registrar, now=now,
                  fields=FIELDS)
        elif lot < 0.65:
            other = self._one_of(*({self.house.engineer, self.house.other_engineer}
                                   - {ticket.holder}))
            offer(ticket, "pass_on", other, now=now)
        elif lot < 0.8:
            move(ticket, "hold", reason="Waits for a part", now=now,
                 fields={"until": (now + timedelta(days=2)).isoformat()})
        else:
            change_promise(ticket, now + timedelta(hours=self.chance.randint(2, 60)),
                           reason="Takes longer", by=ticket.holder, now=now)

    def _on_hold(self, page: Page, ticket: Ticket, now: datetime) -> None:
        move(ticket, "resume", now=now)

    def _returned(self, page: Page, ticket: Ticket, now: datetime) -> None:
        gone = self.chance.random() < 0.6
        result = CheckResult.GONE if gone else CheckResult.NOT_GONE
        originator = ticket.holder
        record_check(ticket, Found(result, "Galina Serova", "We have looked"), by=originator,
                     signing=a_signing(originator), now=now)
        page.flows["confirmed" if gone else "not_gone"].add(ticket.number)

    def _engineer(self) -> Person:
        return self._one_of(self.house.engineer, self.house.other_engineer)

    def _one_of(self, *persons: Person) -> Person:
        return self.chance.choice(sorted(persons, key=lambda person: person.id))

    def _look(self, page: Page, ends_at: datetime) -> None:
        """What stands at the day's end, by the rows as they are at this moment."""
        for ticket in db.session.query(Ticket).filter(Ticket.is_open):
            page.open.add(ticket.number)
            page.hands[ticket.holder_id] += 1
            if ticket.mended_at is None and ticket.promised_at and ticket.promised_at < ends_at:
                page.broken.add(ticket.number)
            if ticket.state == "logged" or open_handoff(ticket) is not None:
                page.untaken.add(ticket.number)
