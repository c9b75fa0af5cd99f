"""Who hands tickets over, and a handing over that has just begun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from registry.core.times import utc_now
from registry.people.models import Person
from registry.tickets.handoff_models import Handoff
from tests.factories import House, a_ticket, offer
from tests.registry.tickets.signing_screen import Screen

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def engineer(house: House, sign_in: SignIn) -> FlaskClient:
    """The engineer's browser."""
    return sign_in(house.engineer)


@pytest.fixture
def handoff(house: House) -> Handoff:
    """Offered a minute ago; receiver and witness have not signed."""
    return offer(a_ticket(house, now=utc_now() - timedelta(minutes=5)), "take", house.engineer,
                 witness=house.registrar, now=utc_now() - timedelta(minutes=1))


@pytest.fixture
def screen(house: House, handoff: Handoff, sign_in: SignIn) -> Screen:
    """The giver's."""
    return Screen(sign_in(house.visitor), handoff.id)
