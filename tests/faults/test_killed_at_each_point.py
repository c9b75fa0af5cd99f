"""An act killed before each of its statements, before its commit and after it: all or nothing.

Every point is tried, one after the other, in a process of its own that dies there by SIGKILL. What
was done after the commit is done, and a repeat is refused; what was not is done by the repeat.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from registry.core.db import atomic, db, only_reading
from registry.core.times import utc_now
from registry.ledger.models import LedgerCheckpoint, LedgerPending
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.leftovers import swept
from registry.tickets.models import Attachment, Ticket
from tests.factories import NOW, House, a_ticket, offer
from tests.faults.conftest import Zygote, assert_whole, kinds_of
from tests.faults.passing import TAKEN
from tests.faults.zygote import REFUSED

LATER = NOW + timedelta(hours=1)
MOST_POINTS = 200


@pytest.fixture
def company(make_app: Any) -> Flask:
    """Without mail: nothing but the act itself is to be killed."""
    return make_app()


@pytest.fixture
def house(company: Flask) -> Any:
    with company.app_context():
        with atomic():
            house = House()
        yield house
        db.session.remove()


def every_point(zygote: Zygote, task: str, **more: Any) -> Any:
    """Kill the task at its first point, its second …; says after which, and ends with how the one
    ended that nobody killed."""
    for point in range(1, MOST_POINTS):
        ended = zygote(task, LATER, point=point, **more)
        yield point, ended
        if not ended["killed"]:
            return
    raise AssertionError("it never came to its end")


def test_an_offer_is_made_whole_or_not_at_all(company: Flask, house: House, zygote: Zygote
                                              ) -> None:
    with atomic():
        ticket = a_ticket(house, "accepted")
    with only_reading():
        before = kinds_of(ticket)
    states = set()
    for _point, ended in every_point(zygote, "offer", ticket=ticket.id, move="pass_on",
                                     giver=house.engineer.id, receiver=house.other_engineer.id):
        with only_reading():
            is_there = kinds_of(ticket) != before
            assert kinds_of(ticket) == before + ["handoff_offered"] * is_there
            offers = db.session.query(Handoff).filter_by(state=HandoffState.OFFERED).count()
            assert offers == is_there
            assert db.session.get_one(Ticket, ticket.id).holder_id == house.engineer.id
        states.add((ended["killed"], is_there))
    # killed before the commit, killed after it, and then refused as done already
    assert states == {(True, False), (True, True), (False, True)}
    assert ended["status"] == REFUSED
    assert_whole(company)


def test_a_ticket_is_in_the_old_hands_or_in_the_new(company: Flask, house: House, zygote: Zygote
                                                    ) -> None:
    with atomic():
        ticket = a_ticket(house, "accepted")
        handoff = offer(ticket, "pass_on", house.other_engineer)
    with only_reading():
        before = kinds_of(ticket)
    taken = before + TAKEN
    states = set()
    for _point, ended in every_point(zygote, "accept", handoff=handoff.id,
                                     receiver=house.other_engineer.id,
                                     by=(LATER + timedelta(days=1)).isoformat()):
        with only_reading():
            is_taken = kinds_of(ticket) != before
            assert kinds_of(ticket) == (taken if is_taken else before)
            there = db.session.get_one(Handoff, handoff.id)
            holder = house.other_engineer if is_taken else house.engineer
            assert (there.state is HandoffState.ACCEPTED) is is_taken
            assert db.session.get_one(Ticket, ticket.id).holder_id == holder.id
        states.add((ended["killed"], is_taken))
    assert states == {(True, False), (True, True), (False, True)}
    assert ended["status"] == REFUSED
    assert_whole(company)


def test_before_a_witness_it_changes_hands_with_the_last_of_three_signatures(
    company: Flask, house: House, zygote: Zygote
) -> None:
    with atomic():
        ticket = a_ticket(house)
        handoff = offer(ticket, "take", house.engineer, witness=house.registrar, now=LATER)
    asked = {"handoff": handoff.id, "receiver": house.engineer.id, "witness": house.registrar.id,
             "by": (LATER + timedelta(days=1)).isoformat()}
    for task, adds, holder in (("accept", ["handoff_signed"], house.visitor),
                               ("witness", TAKEN, house.engineer)):
        with only_reading():
            before, states = kinds_of(ticket), set()
        for _point, ended in every_point(zygote, task, **asked):
            with only_reading():
                is_done = kinds_of(ticket) != before
                assert kinds_of(ticket) == before + adds * is_done
                there = db.session.get_one(Ticket, ticket.id).holder_id
                assert there == (holder if is_done else house.visitor).id
            states.add((ended["killed"], is_done))
        assert states == {(True, False), (True, True), (False, True)}, task
        assert ended["status"] == REFUSED
    assert_whole(company)


def test_a_checkpoint_covers_what_it_signs_or_is_not_there(
    company: Flask, house: House, zygote: Zygote
) -> None:
    with atomic():
        a_ticket(house, "in_fix")
    with only_reading():
        waiting = db.session.query(LedgerPending).count()
    states = set()
    for _point, ended in every_point(zygote, "checkpoint"):
        with only_reading():
            made = db.session.query(LedgerCheckpoint).count()
            assert (made, db.session.query(LedgerPending).count()) in ((0, waiting), (1, 0))
        states.add((ended["killed"], made))
    assert states == {(True, 0), (True, 1), (False, 1)}
    assert_whole(company)


def test_a_file_that_was_not_attached_in_the_end_is_swept(
    company: Flask, house: House, zygote: Zygote
) -> None:
    with atomic():
        ticket = a_ticket(house)
    folder = company.config["SETTINGS"].attachments_dir
    states = set()
    for _point, ended in every_point(zygote, "attach", ticket=ticket.id, by=house.visitor.id):
        with only_reading():
            named = [each.digest for each in db.session.query(Attachment)]
            lying = [path.name for path in folder.rglob("*") if path.is_file()]
            assert named == [] or lying == [named[0]]
            states.add((ended["killed"], bool(named), bool(lying)))
        if ended["killed"]:
            with only_reading():  # a day goes by, and a file that nobody names is gone
                swept(folder, utc_now() + timedelta(days=2))
                kept = [path.name for path in folder.rglob("*") if path.is_file()]
                assert kept == named
        if named:
            break
    assert {(True, False, False), (True, False, True), (True, True, True)} <= states
    assert_whole(company)
