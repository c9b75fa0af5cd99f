"""Before each signature the page says what changes by it, and whose signature is still owed."""

from __future__ import annotations

from typing import Any

import pytest

from registry.core.db import db
from registry.core.times import utc_now
from registry.tickets.handoffs import witness_handoff
from registry.tickets.joint import propose_cancelling
from tests.factories import House, a_signing, a_ticket, offer

UNTIL = "Until then nothing changes."


@pytest.fixture
def handoff(house: House) -> Any:
    now = utc_now()
    return offer(a_ticket(house, now=now), "take", house.engineer, witness=house.registrar, now=now)


def test_the_receiver_learns_that_the_witness_has_still_to_sign(house, handoff, sign_in):
    page = sign_in(house.engineer).get(f"/handoffs/{handoff.id}/accept").text
    assert ("As soon as Oleg Chernov has signed too, the ticket goes into the hands of Pavel "
            "Orlov, and its state becomes “accepted”. " + UNTIL) in page


def test_the_last_signature_changes_it_at_once(house, handoff, sign_in):
    witness_handoff(handoff, by=house.registrar, signing=a_signing(house.registrar), now=utc_now())
    page = sign_in(house.engineer).get(f"/handoffs/{handoff.id}/accept").text
    assert ("With your signature the ticket goes into the hands of Pavel Orlov, and its state "
            "becomes “accepted”.") in page
    assert UNTIL not in page


def test_the_witness_learns_whose_signature_is_owed(house, handoff, sign_in):
    page = sign_in(house.registrar).get(f"/handoffs/{handoff.id}/witness").text
    assert "As soon as Pavel Orlov has signed too" in page


def test_the_second_under_a_cancelling_learns_the_state(house, sign_in):
    ticket = a_ticket(house)
    joint = propose_cancelling(ticket, reason="Twice", by=house.visitor, now=utc_now(),
                               signing=a_signing(house.visitor))
    db.session.flush()
    page = sign_in(house.registrar).get(f"/joint/{joint.id}/agree").text
    assert "With your signature the state of the ticket becomes “cancelled”" in page
