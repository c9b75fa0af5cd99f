"""A seeded registry is one that the verbs could have made: it verifies, and its entries say what
those of the verbs say."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median_high
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.bench.seeder import seed
from registry.bench.subjects import usual_engineer
from registry.bench.words import COMMON, RARE, RARELY
from registry.callbacks.service import Found, record_check
from registry.core.db import atomic, db
from registry.core.models import Counter
from registry.core.settings import current_settings
from registry.ledger.entries import content_of, entries_of
from registry.ledger.keys import verifier_of
from registry.ledger.models import LedgerEntry, LedgerPending
from registry.ledger.stored import snapshot
from registry.ledger.verify import verify
from registry.people.models import Person
from registry.tickets.models import CheckResult, Ticket
from registry.tickets.search import matches
from registry.tickets.service import log_ticket
from tests.factories import NOW, House, a_problem, a_signing, a_ticket

TICKETS = 200


@pytest.fixture
def seeded(committed_app: Flask) -> Iterator[Flask]:
    """A registry of 200 tickets, in its context."""
    with committed_app.app_context():
        seed(TICKETS, now=NOW)
        yield committed_app


def test_a_seeded_registry_verifies_and_replays(seeded: Flask) -> None:
    with snapshot():
        verdict = verify(verifier=verifier_of(current_settings()))
    assert verdict.is_sound, verdict.findings
    entries = db.session.scalar(select(func.count()).select_from(LedgerEntry).where(
        LedgerEntry.chain.like("ticket:%"))) or 0
    assert 5 <= entries / TICKETS <= 7
    assert db.session.scalar(select(func.count()).select_from(LedgerPending)) == 0


def test_the_engineer_who_is_measured_has_as_much_in_hand_as_half_of_them(seeded: Flask) -> None:
    held = dict(db.session.execute(
        select(Ticket.holder_id, func.count()).join(Person, Person.id == Ticket.holder_id)
        .where(Ticket.is_open, Person.login.startswith("engineer"))
        .group_by(Ticket.holder_id)).all())
    measured, login = usual_engineer()
    assert held[measured] == median_high(held.values())
    assert db.session.get_one(Person, measured).login == login


def test_it_holds_tickets_in_every_state_and_the_words_that_are_searched(seeded: Flask) -> None:
    states = dict(db.session.execute(select(Ticket.state, func.count()).group_by(Ticket.state)
                                     ).all())
    assert states["closed"] > TICKETS / 2
    assert {"accepted", "in_fix"} <= states.keys()
    found = {}
    for word in (COMMON, RARE):
        condition = matches(word)
        assert condition is not None
        found[word] = db.session.scalar(select(func.count()).select_from(Ticket).where(condition))
    assert found[RARE] == RARELY
    assert found[COMMON] > TICKETS / 4


def test_the_next_ticket_gets_the_next_number(seeded: Flask) -> None:
    with atomic():
        house = House(mark=" of the test")
        ticket = log_ticket(a_problem(house), by=house.visitor, now=NOW)
        assert ticket.number == TICKETS + 1
        assert ticket.id > TICKETS
    assert db.session.get_one(Counter, "ticket").value == TICKETS + 1


def shape(chain: str) -> list[tuple[str, list[str], list[list[str]]]]:
    """What kinds of entries a chain has, and which names each content holds."""
    found = []
    for entry in entries_of(chain):
        content: dict[str, Any] = content_of(entry)
        found.append((entry.kind, sorted(content), [sorted(each) for each in
                                                    content.get("signatures", [])]))
    return found


def test_a_whole_life_says_what_the_verbs_say(seeded: Flask) -> None:
    with atomic():
        house = House(mark=" of the test")
        lived = a_ticket(house, "returned")
        record_check(lived, Found(CheckResult.GONE, "Galina Serova", "It is gone"),
                     by=house.visitor, signing=a_signing(house.visitor), now=NOW)
        chain = lived.chain
    number = db.session.scalar(select(Ticket.number).where(
        Ticket.state == "closed", Ticket.is_imported.is_(False), Ticket.number <= TICKETS))
    assert shape(f"ticket:{number}") == shape(chain)
    assert len(shape(chain)) == 13
