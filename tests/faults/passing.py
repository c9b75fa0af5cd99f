"""A ticket that goes back and forth between two engineers, while the web processes are killed.

Each act is tried once with a kill at a moment that chance draws, and where no answer came it is
sent again. What is asked of every such try stands here; how an act is sent is the test's.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select, update

from registry.core.db import atomic, db, only_reading
from registry.people.models import Person, SignInAttempt
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from tests.factories import NOW, House, a_ticket
from tests.faults.conftest import kinds_of
from tests.faults.web import PATIENCE, Web

OFFERED = ["handoff_offered"]
TAKEN = ["handoff_signed", "handoff_accepted", "promised"]


@dataclass(frozen=True)
class Told:
    """How the processes answered; ``replayed`` where they said that it was done before."""

    status: int
    page: str
    replayed: bool = False


class Passing:
    """The ticket, who has it, and what became of the tries."""

    def __init__(self, app: Flask, web: Web, drawn: random.Random) -> None:
        self.app, self.web, self.drawn = app, web, drawn
        with app.app_context(), atomic():
            house = House("2")
            ticket = a_ticket(house, "accepted")
            self.ticket_id, self.number = ticket.id, ticket.number
            engineers = (house.engineer, house.other_engineer)
            self.ids = [each.id for each in engineers]
            self.logins = [each.login for each in engineers]
        self.entries = self.now()[0]
        self.longest = 0.1
        self.outcomes: Counter[str] = Counter()

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
        """One of the two engineers; inside a context of the application."""
        return db.session.get_one(Person, self.ids[which])

    def try_killed(self, send: Callable[[], Told], adds: list[str], done_twice: Callable[
            [Told], bool]) -> None:
        """Send the act and kill the processes meanwhile; where no answer comes send it again.
        ``done_twice`` says whether an answer is the right one to an act that was done before."""
        answers: list[Told] = []

        def ask() -> None:
            begun = time.monotonic()
            try:
                answers.append(send())
            except (OSError, http.client.HTTPException):
                return
            self.longest = 0.8 * self.longest + 0.2 * (time.monotonic() - begun)

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(self.drawn.uniform(0, 1.2 * self.longest))
        self.web.kill_all()
        asking.join(PATIENCE)
        done = self.now()[0] == self.entries + adds
        assert done or self.now()[0] == self.entries, "half an act"
        if answers:
            assert answers[0].status in (200, 201, 303), answers
            assert done, "acknowledged and lost"
            self.outcomes["answered"] += 1
        else:
            again = self._patiently(send)
            assert done_twice(again) if done else again.status in (200, 201, 303), (done, again)
            self.outcomes["kept without an answer" if done else "lost without an answer"] += 1
        self.entries += adds

    def _patiently(self, send: Callable[[], Told]) -> Told:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return send()
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline, "nobody answers any more"
                time.sleep(0.02)

    def an_hour_goes_by(self) -> None:
        """A process killed between a password and its answer leaves an attempt that counts as
        wrong: too many within fifteen minutes would have to wait, and rightly."""
        with self.app.app_context(), atomic():
            db.session.execute(update(SignInAttempt).values(at=NOW))
