"""Moves that keep the holder, cancelling by two signatures, promises, departures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.clients.models import Sense
from registry.core.errors import Forbidden, Refused
from registry.core.models import Job
from registry.people.models import Absence, Person
from registry.tickets.acts import open_joint_act
from registry.tickets.joint import agree_to_cancelling, propose_cancelling, withdraw_cancelling
from registry.tickets.models import PromiseChange, Ticket
from registry.tickets.promises import change_promise
from registry.tickets.service import log_ticket
from registry.tickets.succession import name_successor, reasons_against_departure
from tests.factories import (
    NOW,
    House,
    a_client,
    a_criterion,
    a_problem,
    a_signing,
    a_site,
    a_ticket,
    accept,
    hand_over,
    move,
    offer,
)

LATER = NOW + timedelta(hours=1)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def test_numbers_have_no_holes(house: House) -> None:
    first = a_ticket(house).number
    with pytest.raises(Refused):
        log_ticket(a_problem(house, summary=""), by=house.visitor, now=NOW)
    assert a_ticket(house).number == first + 1


def test_every_fault_of_a_problem_is_named(house: House) -> None:
    other = a_client()
    problem = a_problem(house, client=None, summary=" ", site=a_site(other), measured=None)
    with pytest.raises(Refused) as refusal:
        log_ticket(problem, by=house.visitor, now=NOW)
    assert codes(refusal) == {"client_missing", "summary_missing", "site_of_another",
                              "measure_missing", "contact_of_another"}


@pytest.mark.parametrize(("sense", "norm", "measured", "is_problem"), [
    (Sense.AT_LEAST, 30, 29, True), (Sense.AT_LEAST, 30, 30, False),
    (Sense.AT_MOST, 0, 1, True), (Sense.AT_MOST, 0, 0, False),
])
def test_what_meets_the_norm_is_no_problem(
    house: House, sense: Sense, norm: int, measured: int, is_problem: bool
) -> None:
    criterion = a_criterion(sense=sense, norm=Decimal(norm))
    problem = a_problem(house, criterion=criterion, measured=Decimal(measured))
    if is_problem:
        assert log_ticket(problem, by=house.visitor, now=NOW).measured == measured
    else:
        with pytest.raises(Refused) as refusal:
            log_ticket(problem, by=house.visitor, now=NOW)
        assert codes(refusal) == {"criterion_met"}


def test_an_engineer_logs_no_tickets(house: House) -> None:
    with pytest.raises(Forbidden):
        log_ticket(a_problem(house), by=house.engineer, now=NOW)


def test_the_norm_of_the_day_stays_with_the_ticket(house: House) -> None:
    ticket = a_ticket(house)
    house.criterion.norm = Decimal(50)
    assert ticket.norm == 30


def test_a_hold_needs_reason_and_date_and_the_work_goes_on_after_it(house: House) -> None:
    ticket = a_ticket(house, "in_fix")
    with pytest.raises(Refused) as refusal:
        move(ticket, "hold")
    assert codes(refusal) == {"reason_missing", "field_missing"}
    move(ticket, "hold", reason="A part", fields={"until": (NOW + timedelta(days=1)).isoformat()})
    assert ticket.on_hold_until == NOW + timedelta(days=1)
    move(ticket, "resume")
    assert (ticket.state, ticket.on_hold_until) == ("in_fix", None)


def test_nothing_moves_while_an_offer_waits(house: House) -> None:
    ticket = a_ticket(house, "accepted")
    offer(ticket, "pass_on", house.other_engineer)
    with pytest.raises(Refused) as refusal:
        move(ticket, "start")
    assert codes(refusal) == {"handoff_open"}


def test_a_handoff_is_not_made_alone(house: House) -> None:
    ticket = a_ticket(house)
    with pytest.raises(Refused) as refusal:
        move(ticket, "take")
    assert "needs_others" in codes(refusal)


def test_cancelling_needs_originator_and_chief_engineer(house: House) -> None:
    ticket = a_ticket(house, "in_fix")
    joint = propose_cancelling(ticket, reason="Double", by=house.visitor,
                               signing=a_signing(house.visitor), now=LATER)
    assert ticket.is_open
    with pytest.raises(Refused):
        agree_to_cancelling(joint, by=house.engineer, signing=a_signing(house.engineer), now=LATER)
    agree_to_cancelling(joint, by=house.registrar, signing=a_signing(house.registrar), now=LATER)
    assert (ticket.state, ticket.is_open) == ("cancelled", False)


def test_a_withdrawn_cancelling_leaves_the_ticket_as_it_was(house: House) -> None:
    ticket = a_ticket(house)
    joint = propose_cancelling(ticket, reason="Double", by=house.visitor,
                               signing=a_signing(house.visitor), now=LATER)
    withdraw_cancelling(joint, by=house.registrar, now=LATER)
    assert ticket.is_open
    assert open_joint_act(ticket) is None


def test_a_promise_changes_with_its_reason_only(house: House, session: Session) -> None:
    ticket = a_ticket(house, "accepted")
    later = NOW + timedelta(days=9)
    with pytest.raises(Refused) as refusal:
        change_promise(ticket, later, reason="", by=house.engineer, now=LATER)
    assert codes(refusal) == {"reason_missing"}
    with pytest.raises(Refused):
        change_promise(ticket, later, reason="Mine", by=house.visitor, now=LATER)
    change_promise(ticket, later, reason="The part is late", client_told=True,
                   by=house.engineer, now=LATER)
    assert ticket.promised_at == later
    last = session.scalars(select(PromiseChange).order_by(PromiseChange.id.desc())).first()
    assert last is not None
    assert (last.reason, last.client_told, last.was_promised_at) == (
        "The part is late", True, NOW + timedelta(days=2, minutes=1))


def test_nobody_leaves_with_tickets_in_hand(house: House) -> None:
    a_ticket(house, "accepted")
    found = reasons_against_departure(house.engineer)
    assert [reason.code for reason in found] == ["tickets_in_hand"]
    assert reasons_against_departure(house.other_engineer) == []


def test_a_successor_becomes_the_originator_of_what_is_with_others(house: House) -> None:
    ticket, kept = a_ticket(house, "in_fix"), a_ticket(house, by=house.other_visitor)
    assert {r.code for r in reasons_against_departure(house.visitor)} == {"originator_of"}
    assert name_successor(house.visitor, house.other_visitor, by=house.lead, now=LATER) == 1
    assert ticket.originator is house.other_visitor
    assert kept.originator is house.other_visitor
    assert reasons_against_departure(house.visitor) == []


def test_each_waiting_state_and_offer_owes_a_timer(house: House, session: Session) -> None:
    ticket = a_ticket(house)
    offer(ticket, "take", house.engineer, witness=house.registrar)
    owed = session.scalars(select(Job.payload).where(Job.kind == "ticket_timer")).all()
    assert {each["timer"] for each in owed} == {"unaccepted", "offer_unaccepted"}


def test_a_timer_falls_away_with_what_it_waited_on(house: House, session: Session) -> None:
    noise, ticket = a_ticket(house), a_ticket(house)
    hand_over(ticket, "take", house.engineer, witness=house.registrar)
    move(ticket, "start")
    owed = session.scalars(select(Job.payload).where(Job.kind == "ticket_timer")).all()
    assert [(each["ticket"], each["timer"]) for each in owed] == [(noise.id, "unaccepted")]


def test_reworking_is_counted_when_it_is_taken_again(house: House, session: Session) -> None:
    from registry.callbacks.service import Found, record_check
    from registry.tickets.models import CheckResult

    ticket = a_ticket(house, "returned")
    again = record_check(ticket, Found(CheckResult.NOT_GONE, "Galina", "Still slow"),
                         by=house.visitor, signing=a_signing(house.visitor), now=LATER)
    assert again is not None
    assert (ticket.holder, ticket.reopen_count) == (house.visitor, 0)
    accept(again, now=LATER)
    assert (ticket.holder, ticket.state, ticket.reopen_count) == (house.engineer, "in_fix", 1)
    assert ticket.mended_at is None
    hand_over(ticket, "return", house.visitor, witness=house.registrar, now=LATER,
              fields={"what_was_wrong": "Cable", "what_was_done": "New cable"})
    assert ticket.client_check is None
    total = session.scalar(select(func.count()).select_from(Ticket))
    assert total == 1
    assert session.scalar(select(func.count()).select_from(Person)) >= 10


def test_a_successor_is_named_on_a_page_and_then_the_person_may_leave(
    house: House, sign_in: Callable[[Person], FlaskClient]
) -> None:
    a_ticket(house, "in_fix")
    lead = sign_in(house.lead)
    address = f"/people/{house.visitor.id}/successor"
    assert "would come back" in lead.get(f"/people/{house.visitor.id}").text
    assert lead.post(address, data={"successor": ""}).status_code == 422
    answer = lead.post(address, data={"successor": str(house.other_visitor.id)})
    assert answer.status_code == 303
    assert reasons_against_departure(house.visitor) == []
    assert sign_in(house.engineer).get(address).status_code == 403


def test_a_deputy_who_takes_a_returned_ticket_back_is_its_originator_from_then_on(
    house: House, session: Session
) -> None:
    session.add(Absence(person_id=house.visitor.id, deputy_id=house.lead.id,
                        starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=1),
                        created_at=NOW))
    ticket = a_ticket(house, "in_fix")
    handoff = offer(ticket, "return", house.visitor, witness=house.registrar,
                    fields={"what_was_wrong": "Cable", "what_was_done": "New cable"})
    accept(handoff, by=house.lead, now=LATER)
    assert (ticket.holder, ticket.originator) == (house.lead, house.lead)
    assert ticket.raised_by is house.visitor
