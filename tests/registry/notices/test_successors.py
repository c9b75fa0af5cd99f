"""Whoever becomes the originator of a ticket hears of its promise as the former one would have."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.notices.models import Notice
from registry.tickets.succession import name_successor
from tests.factories import NOW, House, a_ticket
from tests.registry.notices.conftest import QUARTER, Told

HOUR = timedelta(hours=1)


def test_a_new_originator_is_told_of_a_broken_promise_and_the_former_is_not(
    house: House, told: Told
) -> None:
    ticket = a_ticket(house, "in_fix", now=NOW - HOUR)
    name_successor(house.visitor, house.other_visitor, by=house.lead, now=NOW)
    promised = ticket.promised_at
    assert promised is not None
    [mail] = told(house.other_visitor, promised + QUARTER)
    assert "1 promise broken" in mail.subject
    assert "in the hands of Pavel Orlov" in mail.text
    assert not any("promise" in each.subject for each in told(house.visitor, promised + QUARTER))
    assert "1 promise broken" in told(house.engineer, promised + QUARTER)[-1].subject


def test_who_holds_what_they_become_the_originator_of_is_told_once(
    house: House, told: Told, session: Session
) -> None:
    ticket = a_ticket(house, "in_fix", now=NOW - HOUR)
    session.flush()
    before = session.scalar(select(func.count()).select_from(Notice))
    name_successor(house.visitor, house.engineer, by=house.lead, now=NOW)
    session.flush()
    assert session.scalar(select(func.count()).select_from(Notice)) == before
    assert ticket.originator_id == ticket.holder_id
