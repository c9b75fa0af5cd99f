"""Tickets that are taken before a witness and passed on, while the web processes are killed.

Each act is tried once with a kill at a moment that chance draws, and where no answer came it is
sent again. What is asked of every such try stands here; how an act is sent is the test's.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from flask import Flask
from sqlalchemy import func, select, update

from registry.clients.models import Client
from registry.core.db import atomic, db, only_reading
from registry.people.models import Person, SignInAttempt
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from registry.tickets.service import Problem, log_ticket
from tests.factories import NOW, House
from tests.faults.conftest import kinds_of
from tests.faults.web import PATIENCE, Web

OFFERED, SIGNED = ["handoff_offered"], ["handoff_signed"]
TAKEN = ["handoff_signed", "handoff_accepted", "promised"]
VISITOR, WITNESS = 2, 3  # beside the two engineers
KEPT, LOST = "kept without an answer", "lost without an answer"
LONGEST = 600  # seconds of a test, on two cores that others use too


@dataclass(frozen=True)
class Told:
    """How the processes answered; ``replayed`` where they said that it was done before."""

    status: int
    page: str
    replayed: bool = False


class Passing:
    """The ticket in hand, its people, and what became of the tries."""

    def __init__(self, app: Flask, web: Web, drawn: random.Random) -> None:
        self.app, self.web, self.drawn = app, web, drawn
        with app.app_context(), atomic():
            house = House("2")
            people = (house.engineer, house.other_engineer, house.visitor, house.registrar)
            self.ids = [each.id for each in people]
            self.logins = [each.login for each in people]
            self.client_id = house.client.id
        self.longest = 0.1
        self.outcomes: Counter[str] = Counter()

    @property
    def killed(self) -> int:
        """How many acts had their processes killed before they were answered."""
        return self.outcomes.total() - self.outcomes["answered"]

    def turns(self, kills: int) -> Iterator[int]:
        """Turn after turn, each on a ticket of its own, until so many acts were killed in their
        midst; not for ever."""
        ends = time.monotonic() + LONGEST
        for turn in range(kills):
            self._log()
            yield turn
            if turn % 4 == 3:
                self._an_hour_goes_by()
            if self.killed >= kills:
                break
            assert time.monotonic() < ends, self.outcomes
        assert self.killed >= kills, self.outcomes
        assert self.outcomes[LOST] > 2, self.outcomes

    def _log(self) -> None:
        """A new ticket, in the visitor's hands."""
        with self.app.app_context(), atomic():
            ticket = log_ticket(Problem(db.session.get_one(Client, self.client_id), "Slow line"),
                                by=self.person(VISITOR), now=NOW)
            self.ticket_id, self.number = ticket.id, ticket.number
        self.entries = self.now()[0]

    def now(self) -> tuple[list[str], int, int]:
        """The ticket's entries, its holder, its open offers, as they stand."""
        with self.app.app_context(), only_reading():
            ticket = db.session.get_one(Ticket, self.ticket_id)
            offers = select(func.count()).select_from(Handoff).where(
                Handoff.ticket_id == ticket.id, Handoff.state == HandoffState.OFFERED)
            return kinds_of(ticket), ticket.holder_id, db.session.scalar(offers) or 0

    def open_offer(self) -> int:
        """The id of the offer that waits."""
        with self.app.app_context(), only_reading():
            return db.session.scalars(select(Handoff.id).where(
                Handoff.ticket_id == self.ticket_id, Handoff.state == HandoffState.OFFERED)).one()

    def person(self, which: int) -> Person:
        """One of the people; inside a context of the application."""
        return db.session.get_one(Person, self.ids[which])

    def try_killed(self, send: Callable[[], Told], adds: list[str], done_twice: Callable[
            [Told], bool]) -> None:
        """Send the act and kill the processes meanwhile; where no answer comes send it again.
        ``done_twice`` says whether an answer is the right one to an act that was done before."""
        answers: list[Told] = []

        def ask() -> None:
            with suppress(OSError, http.client.HTTPException):
                answers.append(self._timed(send))

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(self.drawn.uniform(0, self.longest))
        self.web.kill_all()
        asking.join(PATIENCE)
        done = self.now()[0] == self.entries + adds
        assert done or self.now()[0] == self.entries, "half an act"
        if answers:
            assert answers[0].status in (200, 201, 303), answers
            assert done, "acknowledged and lost"
            self.outcomes["answered"] += 1
        else:
            again = self._patiently(send if done else partial(self._timed, send))
            assert done_twice(again) if done else again.status in (200, 201, 303), (done, again)
            self.outcomes[KEPT if done else LOST] += 1
        self.entries += adds

    def _timed(self, send: Callable[[], Told]) -> Told:
        """Do the act, and remember about how long one takes: kills fall within that time."""
        begun = time.monotonic()
        told = send()
        self.longest = 0.8 * self.longest + 0.2 * (time.monotonic() - begun)
        return told

    def _patiently(self, send: Callable[[], Told]) -> Told:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return send()
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline, "nobody answers any more"
                time.sleep(0.02)

    def _an_hour_goes_by(self) -> None:
        """A process killed between a password and its answer leaves an attempt that counts as
        wrong: too many within fifteen minutes would have to wait, and rightly."""
        with self.app.app_context(), atomic():
            db.session.execute(update(SignInAttempt).values(at=NOW))
