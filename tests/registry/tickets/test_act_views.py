"""The pages of acts: the statement is shown before the password, refusals keep what was typed,
and whoever comes too late is told what happened."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.people.models import Person, SignInAttempt
from registry.tickets.acts import open_handoff, open_joint_act
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from tests.factories import PASSWORD, House, a_ticket, accept, offer

SignIn = Callable[[Person], FlaskClient]


def hidden(page: str) -> dict[str, str]:
    """The nonce and the head that the page carries."""
    found = dict(re.findall(r'name="(nonce|shown_head)" type="hidden" value="([^"]*)"', page))
    assert len(found) == 2
    return found


def in_two_days() -> str:
    return (utc_now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")


def parties(house: House) -> str:
    return f"receiver={house.engineer.id}&witness={house.registrar.id}"


def ticket_again(session: Session, number: int) -> Ticket:
    return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def test_the_parties_are_chosen_before_the_statement_is_shown(
    house: House, sign_in: SignIn
) -> None:
    number = a_ticket(house).number
    visitor = sign_in(house.visitor)
    page = visitor.get(f"/tickets/{number}/moves/take").text
    assert 'name="password"' not in page
    assert page.index(house.registrar.name) < page.index(house.deputy.name)
    page = visitor.get(f"/tickets/{number}/moves/take?{parties(house)}").text
    assert "Receiver: Pavel Orlov" in page
    assert "measured 12 KB/s, norm 30 KB/s" in page


def test_offering_is_signed_with_the_password_of_that_moment(
    house: House, sign_in: SignIn, session: Session
) -> None:
    number = a_ticket(house).number
    visitor = sign_in(house.visitor)
    address = f"/tickets/{number}/moves/take?{parties(house)}"
    shown = hidden(visitor.get(address).text)
    answer = visitor.post(address, data={**shown, "reason": "Port 7", "password": "wrong"})
    assert answer.status_code == 422
    assert "Port 7" in answer.text
    assert open_handoff(ticket_again(session, number)) is None
    failed = session.scalars(select(SignInAttempt).where(
        SignInAttempt.succeeded.is_(False))).all()
    assert [each.purpose for each in failed] == ["sign"]
    shown = hidden(answer.text)
    answer = visitor.post(address, data={**shown, "reason": "Port 7", "password": PASSWORD})
    assert answer.status_code == 303
    handoff = open_handoff(ticket_again(session, number))
    assert handoff is not None
    assert handoff.note == "Port 7"


def test_a_statement_that_is_out_of_date_is_not_signed(
    house: House, sign_in: SignIn, session: Session
) -> None:
    ticket = a_ticket(house, "accepted")
    engineer = sign_in(house.engineer)
    address = f"/tickets/{ticket.number}/moves/start"
    shown = hidden(engineer.get(address).text)
    accept(offer(ticket, "pass_on", house.other_engineer))
    answer = engineer.post(address, data={**shown, "password": PASSWORD})
    assert answer.status_code == 409
    assert "has changed since you opened it" in answer.text
    assert ticket_again(session, ticket.number).state == "accepted"


def test_the_receiver_says_what_comes_next_and_by_when(
    house: House, sign_in: SignIn, session: Session
) -> None:
    ticket = a_ticket(house, "accepted")
    handoff = offer(ticket, "pass_on", house.other_engineer)
    colleague = sign_in(house.other_engineer)
    address = f"/handoffs/{handoff.id}/accept"
    page = colleague.get(address).text
    answer = colleague.post(address, data={**hidden(page), "password": PASSWORD,
                                           "next_step": "", "next_step_by": "tomorrow"})
    assert answer.status_code == 422
    assert answer.text.count("What I do next") >= 2
    assert "tomorrow" in answer.text
    answer = colleague.post(address, data={
        **hidden(answer.text), "password": PASSWORD, "next_step": "I change the port",
        "next_step_by": in_two_days()})
    assert answer.status_code == 303
    assert ticket_again(session, ticket.number).next_step == "I change the port"


def test_nobody_else_takes_what_was_offered_to_another(
    house: House, sign_in: SignIn, session: Session
) -> None:
    ticket = a_ticket(house, "accepted")
    handoff = offer(ticket, "pass_on", house.other_engineer)
    lead = sign_in(house.lead)
    answer = lead.post(f"/handoffs/{handoff.id}/accept", data={
        **hidden(lead.get(f"/handoffs/{handoff.id}/accept").text), "password": PASSWORD,
        "next_step": "Mine", "next_step_by": in_two_days()})
    assert answer.status_code == 422
    assert ticket_again(session, ticket.number).holder_id == house.engineer.id


def test_whoever_comes_too_late_is_told_what_happened(
    house: House, sign_in: SignIn
) -> None:
    ticket = a_ticket(house, "accepted")
    handoff = accept(offer(ticket, "pass_on", house.other_engineer))
    answer = sign_in(house.other_engineer).get(f"/handoffs/{handoff.id}/accept")
    assert answer.status_code == 409
    assert "has been accepted already" in answer.text


def test_declining_asks_for_the_reason(
    house: House, sign_in: SignIn, session: Session
) -> None:
    handoff = offer(a_ticket(house, "accepted"), "pass_on", house.other_engineer)
    colleague = sign_in(house.other_engineer)
    address = f"/handoffs/{handoff.id}/decline"
    assert colleague.post(address, data={"reason": ""}).status_code == 422
    assert colleague.post(address, data={"reason": "Not mine"}).status_code == 303
    again = session.get_one(Handoff, handoff.id)
    assert (again.state, again.reason) == (HandoffState.DECLINED, "Not mine")


def test_cancelling_is_proposed_by_one_and_signed_by_the_other(
    house: House, sign_in: SignIn, session: Session
) -> None:
    number = a_ticket(house).number
    visitor, registrar = sign_in(house.visitor), sign_in(house.registrar)
    address = f"/tickets/{number}/moves/cancel"
    answer = visitor.post(address, data={**hidden(visitor.get(address).text),
                                         "reason": "Logged twice", "password": PASSWORD})
    assert answer.status_code == 303
    joint = open_joint_act(ticket_again(session, number))
    assert joint is not None
    address = f"/joint/{joint.id}/agree"
    page = registrar.get(address).text
    assert "Logged twice" in page
    assert registrar.post(address, data={**hidden(page), "password": PASSWORD}).status_code == 303
    assert ticket_again(session, number).state == "cancelled"


def test_a_promise_is_changed_on_its_own_page(
    house: House, sign_in: SignIn, session: Session
) -> None:
    number = a_ticket(house, "in_fix").number
    engineer = sign_in(house.engineer)
    address = f"/tickets/{number}/promise"
    answer = engineer.post(address, data={"promised_at": "never", "reason": "Part is late"})
    assert answer.status_code == 422
    assert "never" in answer.text
    answer = engineer.post(address, data={"promised_at": in_two_days(), "client_told": "y",
                                          "reason": "Part is late"})
    assert answer.status_code == 303


@pytest.mark.parametrize("address", [
    "/tickets/999999", "/tickets/1/moves/fly", "/handoffs/999999/accept", "/joint/999999/agree",
    "/tickets/999999/check",
])
def test_what_is_not_there_is_a_sentence_and_no_fault(
    house: House, sign_in: SignIn, address: str
) -> None:
    a_ticket(house)
    answer = sign_in(house.visitor).get(address)
    assert answer.status_code in (404, 422)
