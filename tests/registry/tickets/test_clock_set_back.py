"""The clock set back: nobody signs at a time that cannot be, be it by a password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.core.errors import Refused
from registry.people.signing import APART
from registry.tickets.handoffs import accept_handoff, witness_handoff
from registry.tickets.models import Ticket
from registry.tickets.service import Making, make_move
from tests.factories import NOW, House, a_signing, a_ticket, accept, hand_over, offer

Act = Callable[[House, datetime], Ticket]
LAST = NOW + timedelta(hours=3)


def offering(house: House, now: datetime) -> Ticket:
    ticket = a_ticket(house, "accepted", now=LAST - timedelta(minutes=1))
    offer(ticket, "pass_on", house.other_engineer, now=now)
    return ticket


def accepting(house: House, now: datetime) -> Ticket:
    ticket = a_ticket(house, "accepted")
    accept(offer(ticket, "pass_on", house.other_engineer, now=LAST), now=now)
    return ticket


def witnessing(house: House, now: datetime) -> Ticket:
    ticket = a_ticket(house)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    accept_handoff(handoff, next_step="I look", next_step_by=(LAST + timedelta(days=1)).isoformat(),
                   by=house.engineer, signing=a_signing(house.engineer), now=LAST)
    witness_handoff(handoff, by=house.registrar, signing=a_signing(house.registrar), now=now)
    return ticket


def moving(house: House, now: datetime) -> Ticket:
    ticket = a_ticket(house)
    hand_over(ticket, "take", house.engineer, witness=house.registrar, now=LAST)
    make_move(ticket, Making("start"), by=house.engineer, now=now,
              signing=a_signing(house.engineer, shown_head=ticket.head_hash))
    return ticket


ACTS = (offering, accepting, witnessing, moving)


@pytest.mark.parametrize("act", ACTS)
def test_an_hour_before_the_last_entry_no_password_signs(
    house: House, session: Session, act: Act
) -> None:
    with pytest.raises(Refused, match="clock was set back"):
        act(house, LAST - timedelta(hours=1))


@pytest.mark.parametrize("act", ACTS)
def test_the_clocks_of_two_nodes_may_be_minutes_apart(
    house: House, session: Session, act: Act
) -> None:
    assert act(house, LAST - APART).head_seq > 1
    with pytest.raises(Refused, match="clock was set back"):
        act(house, LAST - APART - timedelta(seconds=1))
