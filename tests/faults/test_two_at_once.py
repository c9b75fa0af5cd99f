"""Two people act at once on one ticket: one wins, the other is told what happened, no chain forks.

Threads share a process; processes share nothing but the database. Both databases.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from registry import create_app
from registry.core.db import atomic, db
from registry.ledger.entries import content_of, entries_of
from registry.people.models import Person
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.handoffs import accept_handoff, decline_handoff, offer_handoff
from registry.tickets.models import Ticket
from registry.tickets.service import log_ticket, next_numbers
from tests.factories import NOW, House, a_problem, a_signing, a_ticket, offer
from tests.ground.at_once import at_once

LATER = NOW + timedelta(hours=1)
ROUNDS = 6


def race(app: Flask, acts: list[Callable[[], object]]) -> list[str]:
    """Run the acts at the same moment, each in a transaction."""
    def commit(act: Callable[[], object]) -> None:
        with atomic():
            act()

    return at_once(app, [partial(commit, act) for act in acts])


def assert_whole(ticket_id: int) -> None:
    """One holder, one chain without a gap or a fork, the row at its head."""
    ticket = db.session.get_one(Ticket, ticket_id)
    entries = entries_of(ticket.chain)
    assert [each.seq for each in entries] == list(range(1, len(entries) + 1))
    assert all(each.prev_hash == before.hash
               for before, each in pairwise(entries))
    assert (ticket.head_seq, ticket.head_hash) == (entries[-1].seq, entries[-1].hash)
    open_ones = db.session.scalar(select(func.count()).select_from(Handoff).where(
        Handoff.ticket_id == ticket_id, Handoff.state == HandoffState.OFFERED))
    assert open_ones in (0, 1)


def test_of_two_offers_at_once_one_stands(committed_app: Flask) -> None:
    with committed_app.app_context():
        with atomic():
            house = House()
        ids = {name: getattr(house, name).id
               for name in ("visitor", "engineer", "other_engineer", "registrar")}
        with atomic():
            tickets = [a_ticket(house).id for _ in range(ROUNDS)]

        def offering(ticket_id: int, receiver: str) -> Callable[[], object]:
            def act() -> object:
                person = {name: db.session.get_one(Person, each) for name, each in ids.items()}
                return offer_handoff(
                    db.session.get_one(Ticket, ticket_id),
                    Offer("take", person[receiver], person["registrar"]), by=person["visitor"],
                    signing=a_signing(person["visitor"]), now=LATER)
            return act

        for ticket_id in tickets:
            outcomes = race(committed_app, [offering(ticket_id, "engineer"),
                                            offering(ticket_id, "other_engineer")])
            assert Counter(outcomes)["done"] == 1, outcomes
            assert set(outcomes) <= {"done", "conflict", "handoff_open"}
            db.session.rollback()
            assert_whole(ticket_id)


def test_of_taking_and_declining_at_once_one_happens(committed_app: Flask) -> None:
    with committed_app.app_context():
        with atomic():
            house = House()
        engineer = house.engineer.id
        with atomic():
            handoffs = []
            for _ in range(ROUNDS):
                ticket = a_ticket(house, "accepted")
                handoffs.append((ticket.id, offer(ticket, "pass_on", house.other_engineer).id))
        taker = house.other_engineer.id

        def take(handoff_id: int) -> Callable[[], object]:
            def act() -> object:
                person = db.session.get_one(Person, taker)
                return accept_handoff(
                    db.session.get_one(Handoff, handoff_id), next_step="Mine",
                    next_step_by=(LATER + timedelta(days=1)).isoformat(), by=person,
                    signing=a_signing(person), now=LATER)
            return act

        def decline(handoff_id: int) -> Callable[[], object]:
            def act() -> object:
                return decline_handoff(db.session.get_one(Handoff, handoff_id), reason="No",
                                       by=db.session.get_one(Person, taker), now=LATER)
            return act

        for ticket_id, handoff_id in handoffs:
            outcomes = race(committed_app, [take(handoff_id), decline(handoff_id)])
            assert sorted(outcomes) == ["conflict", "done"], outcomes
            db.session.rollback()
            assert_whole(ticket_id)
            held_by = db.session.get_one(Ticket, ticket_id).holder_id
            state = db.session.get_one(Handoff, handoff_id).state
            assert (held_by, state) in ((taker, HandoffState.ACCEPTED),
                                        (engineer, HandoffState.DECLINED))


def test_the_first_two_numbers_of_a_registry_may_be_taken_at_once(committed_app: Flask) -> None:
    taken, numbers = threading.Event(), []

    def take(before_the_end: Callable[[], object]) -> None:
        with committed_app.app_context():
            with atomic():
                numbers.append(next_numbers(1)[0])
                before_the_end()
            db.session.remove()

    second = threading.Thread(target=lambda: taken.wait(5) and take(lambda: None))
    second.start()
    take(lambda: (taken.set(), time.sleep(0.5)))  # the second one comes meanwhile
    second.join(30)
    assert sorted(numbers) == [1, 2]


def _log_many(settings: Any, visitor: int, client: int, count: int, told: Any) -> None:
    """What a process of its own does: log tickets as fast as it can."""
    from registry.clients.models import Client
    from registry.tickets.service import Problem

    app = create_app(settings)
    with app.app_context():
        for _ in range(count):
            with atomic():
                ticket = log_ticket(
                    Problem(db.session.get_one(Client, client), "Slow line"),
                    by=db.session.get_one(Person, visitor), now=NOW)
                number = ticket.number
            told.put(number)
        db.session.remove()
        db.engine.dispose()


def test_processes_that_log_at_once_leave_no_hole_and_no_double(committed_app: Flask) -> None:
    with committed_app.app_context():
        with atomic():
            house = House()
            first = log_ticket(a_problem(house), by=house.visitor, now=NOW).number
        visitor, client = house.visitor.id, house.client.id
        db.session.remove()
        db.engine.dispose()
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    settings = committed_app.config["SETTINGS"]
    workers = [context.Process(target=_log_many, args=(settings, visitor, client, 12, told))
               for _ in range(2)]
    for worker in workers:
        worker.start()
    numbers = sorted(told.get(timeout=60) for _ in range(24))
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    assert numbers == list(range(first + 1, first + 25))
    with committed_app.app_context():
        for ticket_id in db.session.scalars(select(Ticket.id)).all():
            assert_whole(ticket_id)
            entry = entries_of(db.session.get_one(Ticket, ticket_id).chain)[0]
            assert content_of(entry)["state"] == "logged"
