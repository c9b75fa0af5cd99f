"""A ticket changes hands when giver, receiver and witness have signed, and at no other moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.errors import Conflict, Reason, Refused
from registry.ledger.entries import content_of, entries_of
from registry.people.models import Absence, Role, Signature
from registry.tickets.acts import open_handoff
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.handoffs import (
    accept_handoff,
    decline_handoff,
    withdraw_handoff,
    witness_handoff,
)
from registry.tickets.models import Ticket
from tests.factories import NOW, House, a_person, a_signing, a_ticket, accept, hand_over, offer

LATER = NOW + timedelta(hours=1)
SOON = (NOW + timedelta(days=1)).isoformat()


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def test_an_offer_leaves_the_ticket_with_the_giver(house: House) -> None:
    ticket = a_ticket(house)
    offer(ticket, "take", house.engineer, witness=house.registrar)
    assert ticket.holder is house.visitor
    assert ticket.state == "logged"


def test_the_holder_changes_when_the_last_of_the_three_has_signed(house: House) -> None:
    ticket = a_ticket(house)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    accept_handoff(handoff, next_step="I look at it", next_step_by=SOON, by=house.engineer,
                   signing=a_signing(house.engineer), now=LATER)
    assert ticket.holder is house.visitor
    witness_handoff(handoff, by=house.registrar, signing=a_signing(house.registrar), now=LATER)
    assert (ticket.holder, ticket.state) == (house.engineer, "accepted")
    assert handoff.state is HandoffState.ACCEPTED


def test_the_witness_may_sign_before_the_receiver(house: House) -> None:
    ticket = a_ticket(house)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    witness_handoff(handoff, by=house.registrar, signing=a_signing(house.registrar), now=LATER)
    assert ticket.holder is house.visitor
    accept_handoff(handoff, next_step="I look at it", next_step_by=SOON, by=house.engineer,
                   signing=a_signing(house.engineer), now=LATER)
    assert ticket.holder is house.engineer


def test_a_refused_offer_names_everything_that_is_wrong(house: House) -> None:
    ticket = a_ticket(house)
    with pytest.raises(Refused) as refusal:
        offer(ticket, "take", house.lead, by=house.engineer)
    assert {"may_not_begin", "receiver_not_eligible", "witness_missing"} <= codes(refusal)


def test_a_wrong_password_is_named_among_the_other_reasons(house: House) -> None:
    ticket = a_ticket(house)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    wrong = a_signing(house.engineer, proof=None,
                      refusal=Reason("wrong_password", "The password is wrong."))
    with pytest.raises(Refused) as refusal:
        accept_handoff(handoff, next_step="", by=house.engineer, signing=wrong, now=LATER)
    assert {"wrong_password", "field_missing"} <= codes(refusal)


def test_somebody_elses_proof_signs_nothing(house: House) -> None:
    ticket = a_ticket(house)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    borrowed = a_signing(house.engineer, proof=a_signing(house.visitor).proof)
    with pytest.raises(Refused):
        accept_handoff(handoff, next_step="Mine", next_step_by=SOON, by=house.engineer,
                       signing=borrowed, now=LATER)


def test_nobody_signs_what_has_changed_since_it_was_shown(house: House) -> None:
    ticket = a_ticket(house)
    shown = ticket.head_hash
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    with pytest.raises(Conflict):
        accept_handoff(handoff, next_step="Mine", next_step_by=SOON, by=house.engineer,
                       signing=a_signing(house.engineer, shown_head=shown), now=LATER)


def test_there_is_one_open_offer_at_a_time(house: House) -> None:
    ticket = a_ticket(house)
    offer(ticket, "take", house.engineer, witness=house.registrar)
    with pytest.raises(Refused) as refusal:
        offer(ticket, "take", house.other_engineer, witness=house.registrar)
    assert "handoff_open" in codes(refusal)


def test_giver_receiver_and_witness_are_three_persons(house: House) -> None:
    ticket = a_ticket(house)
    with pytest.raises(Refused) as refusal:
        offer(ticket, "take", house.registrar, witness=house.registrar)
    assert "witness_is_party" in codes(refusal)


def test_a_chief_engineer_who_receives_is_witnessed_by_the_deputy(house: House) -> None:
    ticket = a_ticket(house)
    hand_over(ticket, "take", house.registrar, witness=house.deputy)
    assert ticket.holder is house.registrar


def test_declining_needs_a_reason_and_leaves_the_giver_free_to_offer_again(house: House) -> None:
    ticket = a_ticket(house)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    with pytest.raises(Refused):
        decline_handoff(handoff, reason=" ", by=house.engineer, now=LATER)
    decline_handoff(handoff, reason="Not my line", by=house.engineer, now=LATER)
    assert (handoff.state, handoff.reason) == (HandoffState.DECLINED, "Not my line")
    hand_over(ticket, "take", house.other_engineer, witness=house.registrar, now=LATER)
    assert ticket.holder is house.other_engineer


def test_only_the_giver_withdraws(house: House) -> None:
    ticket = a_ticket(house)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    with pytest.raises(Refused):
        withdraw_handoff(handoff, by=house.engineer, now=LATER)
    withdraw_handoff(handoff, by=house.visitor, now=LATER)
    assert handoff.state is HandoffState.WITHDRAWN


def test_an_answered_handoff_cannot_be_answered_again(house: House) -> None:
    ticket = a_ticket(house)
    handoff = accept(offer(ticket, "take", house.engineer, witness=house.registrar))
    for answer in (
        lambda: decline_handoff(handoff, reason="No", by=house.engineer, now=LATER),
        lambda: withdraw_handoff(handoff, by=house.visitor, now=LATER),
    ):
        with pytest.raises(Conflict):
            answer()


def test_the_receivers_date_becomes_the_promise(house: House) -> None:
    ticket = a_ticket(house)
    hand_over(ticket, "take", house.engineer, witness=house.registrar)
    assert ticket.promised_at == NOW + timedelta(days=2)
    assert ticket.promised_by is house.engineer


def test_returning_says_what_was_wrong_and_what_was_done(house: House) -> None:
    ticket = a_ticket(house, "in_fix")
    with pytest.raises(Refused) as refusal:
        offer(ticket, "return", house.visitor, witness=house.registrar)
    assert [reason.field for reason in refusal.value.reasons] == ["what_was_wrong",
                                                                  "what_was_done"]
    hand_over(ticket, "return", house.visitor, witness=house.registrar, now=LATER,
              fields={"what_was_wrong": "Cable", "what_was_done": "New cable"})
    assert (ticket.state, ticket.holder) == ("returned", house.visitor)
    assert ticket.mended_at == LATER
    assert ticket.last_mender is house.engineer


def test_it_is_returned_to_nobody_but_its_originator(house: House) -> None:
    ticket = a_ticket(house, "in_fix")
    with pytest.raises(Refused) as refusal:
        offer(ticket, "return", house.other_visitor, witness=house.registrar,
              fields={"what_was_wrong": "Cable", "what_was_done": "New cable"})
    assert "receiver_not_eligible" in codes(refusal)


def test_a_deputy_signs_in_the_own_name_for_the_absent_receiver(
    house: House, session: Session
) -> None:
    session.add(Absence(person_id=house.engineer.id, deputy_id=house.other_engineer.id,
                        starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=5),
                        created_at=NOW))
    ticket = a_ticket(house)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    accept(handoff, by=house.other_engineer)
    assert ticket.holder is house.other_engineer
    signature = session.scalars(select(Signature).where(
        Signature.signer_id == house.other_engineer.id, Signature.meaning == "takes")).one()
    assert signature.on_behalf_of is house.engineer


def test_a_deputy_signs_nothing_outside_the_absence(house: House, session: Session) -> None:
    session.add(Absence(person_id=house.engineer.id, deputy_id=house.other_engineer.id,
                        starts_at=NOW - timedelta(days=9), ends_at=NOW - timedelta(days=2),
                        created_at=NOW))
    handoff = offer(a_ticket(house), "take", house.engineer, witness=house.registrar)
    with pytest.raises(Refused) as refusal:
        accept(handoff, by=house.other_engineer)
    assert codes(refusal) == {"not_yours"}


def test_taking_by_authority_needs_two_and_is_marked_for_ever(house: House) -> None:
    ticket = a_ticket(house, "in_fix")
    with pytest.raises(Refused) as refusal:
        offer(ticket, "take_by_authority", house.registrar, by=house.deputy)
    assert "reason_missing" in codes(refusal)
    handoff = offer(ticket, "take_by_authority", house.registrar, by=house.deputy,
                    note="Cannot be reached")
    assert ticket.holder is house.engineer
    accept(handoff)
    assert (ticket.holder, ticket.state) == (house.registrar, "in_fix")
    assert ticket.taken_by_authority


def test_authority_goes_over_an_offer_that_nobody_answers(house: House) -> None:
    ticket = a_ticket(house, "in_fix")
    waiting = offer(ticket, "pass_on", house.other_engineer)
    accept(offer(ticket, "take_by_authority", house.registrar, by=house.deputy, note="Away"))
    assert waiting.state is HandoffState.WITHDRAWN
    assert ticket.holder is house.registrar


def test_a_colleague_who_takes_over_a_returned_ticket_becomes_its_originator(
    house: House,
) -> None:
    ticket = a_ticket(house, "returned")
    hand_over(ticket, "hand_over", house.other_visitor, now=LATER)
    assert ticket.originator is house.other_visitor
    assert ticket.raised_by is house.visitor


def test_a_person_who_left_receives_nothing(house: House) -> None:
    gone = a_person(Role.ENGINEER, name="Gone Away", is_active=False)
    with pytest.raises(Refused) as refusal:
        offer(a_ticket(house), "take", gone, witness=house.registrar)
    assert "receiver_left" in codes(refusal)


def test_each_signature_stands_in_its_entry_and_binds_to_its_statement(
    house: House, session: Session
) -> None:
    ticket = a_ticket(house)
    noise = a_ticket(house)
    offer(noise, "take", house.other_engineer, witness=house.registrar)
    hand_over(ticket, "take", house.engineer, witness=house.registrar)
    told = [signed["statement"] for entry in entries_of(ticket.chain)
            for signed in content_of(entry).get("signatures", ())]
    kept = session.scalars(select(Signature.statement_hash).where(
        Signature.chain == ticket.chain)).all()
    assert sorted(told) == sorted(kept)
    assert len(kept) == 3


def test_a_nonce_signs_once(house: House) -> None:
    ticket = a_ticket(house)
    signing = a_signing(house.visitor)
    handoff = offer(ticket, "take", house.engineer, witness=house.registrar)
    withdraw_handoff(handoff, by=house.visitor, now=LATER)
    from registry.core.db import atomic
    from registry.tickets.handoff_judging import Offer
    from registry.tickets.handoffs import offer_handoff

    def again() -> None:
        with atomic():
            offer_handoff(ticket, Offer("take", house.engineer, house.registrar),
                          by=house.visitor, signing=signing, now=LATER)
            withdraw_handoff(open_handoff(ticket) or handoff, by=house.visitor, now=LATER)

    again()
    with pytest.raises(Conflict):
        again()


def test_handoffs_of_other_tickets_are_left_alone(house: House, session: Session) -> None:
    ticket, noise = a_ticket(house), a_ticket(house)
    offer(noise, "take", house.engineer, witness=house.registrar)
    offer(ticket, "take", house.engineer, witness=house.registrar)
    waiting = session.scalars(select(Handoff).where(Handoff.state == HandoffState.OFFERED)).all()
    assert len(waiting) == 2
    accept(open_handoff(ticket) or waiting[0])
    assert session.get(Ticket, noise.id).holder is house.visitor  # type: ignore[union-attr]
