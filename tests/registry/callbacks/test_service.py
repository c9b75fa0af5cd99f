"""Only what the client found closes a ticket; what was not gone goes back to who mended it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.callbacks.models import CallBack
from registry.callbacks.queries import calls_owed
from registry.callbacks.service import Found, record_check
from registry.core.errors import Refused
from registry.tickets.handoff_models import HandoffState
from registry.tickets.models import CheckResult
from tests.factories import NOW, House, a_signing, a_ticket, accept, hand_over, move

LATER = NOW + timedelta(hours=1)
GONE = Found(CheckResult.GONE, "Galina Serova", "The file came in seconds")
NOT_GONE = Found(CheckResult.NOT_GONE, "Galina Serova", "Still slow")


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def test_gone_closes_the_ticket_under_the_originators_signature(house: House) -> None:
    ticket = a_ticket(house, "returned")
    record_check(ticket, GONE, by=house.visitor, signing=a_signing(house.visitor), now=LATER)
    assert (ticket.state, ticket.is_open, ticket.ended_at) == ("closed", False, LATER)
    assert ticket.client_check is CheckResult.GONE


@pytest.mark.parametrize("state", ["logged", "accepted", "in_fix", "on_hold"])
def test_nothing_is_closed_before_it_is_back_with_the_originator(house: House, state: str) -> None:
    ticket = a_ticket(house, state)
    with pytest.raises(Refused) as refusal:
        record_check(ticket, GONE, by=house.visitor, signing=a_signing(house.visitor), now=LATER)
    assert codes(refusal) == {"not_returned"}


def test_closing_is_no_move_of_its_own(house: House) -> None:
    ticket = a_ticket(house, "returned")
    with pytest.raises(Refused) as refusal:
        move(ticket, "confirm_gone", by=house.visitor)
    assert "client_not_asked" in codes(refusal)


@pytest.mark.parametrize("who", ["other_visitor", "engineer", "registrar", "deputy"])
def test_nobody_but_the_originator_records_the_check(house: House, who: str) -> None:
    ticket = a_ticket(house, "returned")
    person = getattr(house, who)
    with pytest.raises(Refused) as refusal:
        record_check(ticket, GONE, by=person, signing=a_signing(person), now=LATER)
    assert "may_not_begin" in codes(refusal)


def test_a_doubtful_gone_is_questioned_and_then_taken(house: House) -> None:
    ticket = a_ticket(house, "returned")
    doubtful = Found(CheckResult.GONE, "Galina", "It was still slow on Monday, fine since")
    with pytest.raises(Refused) as refusal:
        record_check(ticket, doubtful, by=house.visitor, signing=a_signing(house.visitor),
                     now=LATER)
    assert codes(refusal) == {"note_says_otherwise"}
    sure = Found(doubtful.result, doubtful.contact_name, doubtful.note, sure=True)
    record_check(ticket, sure, by=house.visitor, signing=a_signing(house.visitor), now=LATER)
    assert ticket.state == "closed"


def test_every_fault_of_the_record_is_named(house: House) -> None:
    ticket = a_ticket(house, "returned")
    with pytest.raises(Refused) as refusal:
        record_check(ticket, Found(None, "", " "), by=house.visitor,
                     signing=a_signing(house.visitor), now=LATER)
    assert codes(refusal) == {"result_missing", "contact_missing", "note_missing"}


def test_not_gone_is_offered_to_who_mended_it_last_and_stays_until_taken(house: House) -> None:
    ticket = a_ticket(house, "returned")
    handoff = record_check(ticket, NOT_GONE, by=house.visitor, signing=a_signing(house.visitor),
                           now=LATER)
    assert handoff is not None
    assert (handoff.receiver, handoff.state) == (house.engineer, HandoffState.OFFERED)
    assert (ticket.holder, ticket.state) == (house.visitor, "returned")
    accept(handoff, now=LATER)
    assert (ticket.holder, ticket.state) == (house.engineer, "in_fix")


def test_where_who_mended_it_has_left_the_chief_engineer_takes_it(house: House) -> None:
    ticket = a_ticket(house, "returned")
    house.engineer.is_active = False
    with pytest.raises(Refused) as refusal:
        record_check(ticket, NOT_GONE, by=house.visitor, signing=a_signing(house.visitor),
                     now=LATER)
    assert "receiver_missing" in codes(refusal)


def test_a_refused_check_leaves_no_call_behind(house: House, session: Session) -> None:
    from registry.core.db import atomic

    ticket = a_ticket(house, "returned")
    session.commit()
    unsigned = a_signing(house.visitor, proof=None)
    with pytest.raises(Refused), atomic():
        record_check(ticket, GONE, by=house.visitor, signing=unsigned, now=LATER)
    assert session.scalars(select(CallBack)).all() == []


def test_the_list_holds_what_is_with_its_originator_and_nothing_else(house: House) -> None:
    mine = a_ticket(house, "returned")
    a_ticket(house, "in_fix")
    a_ticket(house)
    closed = a_ticket(house, "returned")
    record_check(closed, GONE, by=house.visitor, signing=a_signing(house.visitor), now=LATER)
    theirs = a_ticket(house, "in_fix", by=house.other_visitor)
    hand_over(theirs, "return", house.other_visitor, witness=house.registrar, now=LATER,
              fields={"what_was_wrong": "Cable", "what_was_done": "New cable"})
    assert [row.number for row in calls_owed([house.visitor.id])] == [mine.number]
    assert [row.number for row in calls_owed(None)] == [mine.number, theirs.number]
    assert calls_owed([house.visitor.id])[0].contact == "Galina Serova"


def test_where_who_mended_it_has_left_another_is_chosen(house: House) -> None:
    ticket = a_ticket(house, "returned")
    house.engineer.is_active = False
    found = Found(CheckResult.NOT_GONE, "Galina", "Still slow", receiver=house.registrar)
    handoff = record_check(ticket, found, by=house.visitor, signing=a_signing(house.visitor),
                           now=LATER)
    assert handoff is not None
    assert handoff.receiver is house.registrar
