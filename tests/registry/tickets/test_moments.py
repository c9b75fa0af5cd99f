"""What is promised is one moment for everybody: it has its zone, and lies in years that exist for
calendars. Anything else is refused beside its field, whoever writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.core.errors import Refused
from registry.core.times import from_local_input
from registry.tickets.acts import stamped
from registry.tickets.handoffs import accept_handoff
from registry.tickets.sheet_forms import iso_typed
from tests.factories import NOW, PASSWORD, House, a_signing, a_ticket, move, offer
from tests.registry.tickets.conftest import SignIn

NO_MOMENTS = ["2099-12-31", "2099-12-31T12:00", "9999-12-31T23:59:59Z",
              "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00"]


@pytest.mark.parametrize("written", NO_MOMENTS)
def test_what_is_no_moment_is_not_promised(house: House, session: Session, written: str) -> None:
    handoff = offer(a_ticket(house, "accepted"), "pass_on", house.other_engineer)
    with pytest.raises(Refused) as refused:
        accept_handoff(handoff, next_step="I measure", next_step_by=written, now=NOW,
                       by=house.other_engineer, signing=a_signing(house.other_engineer))
    assert [(each.code, each.field) for each in refused.value.reasons] == [
        ("field_not_a_date", "next_step_by")]


@pytest.mark.parametrize("written", NO_MOMENTS)
def test_nothing_is_held_until_what_is_no_moment(house: House, written: str) -> None:
    with pytest.raises(Refused) as refused:
        move(a_ticket(house, "in_fix"), "hold", reason="A part", fields={"until": written})
    assert [each.code for each in refused.value.reasons] == ["field_not_a_date"]


def test_a_moment_is_read_with_the_spaces_around_it(house: House) -> None:
    written = " 2099-12-31T12:00:00+03:00 "
    ticket = a_ticket(house, "in_fix")
    move(ticket, "hold", reason="A part", fields={"until": written})
    assert ticket.on_hold_until == datetime(2099, 12, 31, 9, tzinfo=UTC)
    assert stamped(written) == "2099-12-31T09:00:00.000000Z"


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59", "1969-12-31T23:59",
                                   "2200-01-01T00:00", "9999-12-31T23:59:59-14:00"])
def test_a_year_of_no_calendar_is_typed_in_vain(house: House, typed: str) -> None:
    assert from_local_input(typed) is None
    assert iso_typed(typed) == typed


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_form_shows_such_a_year_again_and_says_why(
    house: House, sign_in: SignIn, typed: str
) -> None:
    ticket = a_ticket(house, "accepted")
    handoff = offer(ticket, "pass_on", house.other_engineer)
    answers: list[Any] = [
        sign_in(house.other_engineer).post(f"/handoffs/{handoff.id}/accept", data={
            "password": PASSWORD, "next_step": "I measure", "next_step_by": typed}),
        sign_in(house.engineer).post(f"/tickets/{ticket.number}/promise", data={
            "promised_at": typed, "reason": "A part is missing"})]
    assert [each.status_code for each in answers] == [422, 422]
    assert all(typed in each.text for each in answers)
