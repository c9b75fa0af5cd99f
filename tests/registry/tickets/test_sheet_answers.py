"""Answering a handover sheet: the receiver line by line, the witness once for all."""

from __future__ import annotations

import pytest

from registry.core.db import db
from registry.core.qr import qr_on_screen
from registry.ledger.verify import verify
from registry.people.models import SignInAttempt
from registry.tickets.handoff_models import HandoffState
from tests.factories import PASSWORD, a_ticket
from tests.registry.tickets.sheet_steps import (
    STEP,
    answered,
    form_of,
    handoffs,
    later,
    only_sheet,
    opened,
    returned_by_sheet,
    signed,
    to,
    witnessed,
)


@pytest.fixture
def sheet(house, engineer):
    """Three tickets offered by a sheet to the other engineer."""
    for _ in range(3):
        a_ticket(house, "accepted")
    signed(engineer, to(house.other_engineer))
    return only_sheet()


def test_the_receiver_takes_leaves_and_lets_wait_line_by_line(house, sheet, sign_in):
    receiver = sign_in(house.other_engineer)
    answer = answered(receiver, sheet, ["take", "Not my building", ""])
    assert answer.status_code == 303
    assert [each.state for each in handoffs()] == [
        HandoffState.ACCEPTED, HandoffState.DECLINED, HandoffState.OFFERED]
    assert [each.ticket.holder_id for each in handoffs()] == [
        house.other_engineer.id, house.engineer.id, house.engineer.id]
    assert handoffs()[0].next_step == STEP
    page = receiver.get(answer.location).text
    assert "Pavel Orlov hands 3 tickets to Ivan Sokolov." in page
    for sentence in ("1 waits for the receiver", "1 is taken.", "1 was left out"):
        assert sentence in page
    assert "left out: Not my building" in page
    assert verify(verifier=None).is_sound


@pytest.mark.parametrize(("field", "typed", "sentence"), [
    ("next_step", "", "Fill in “What I do next”."),
    ("next_step_by", "", "Fill in “By when”."),
    ("next_step_by", "soon", "“By when” must be a date"),
    ("next_step_by", "2020-01-01T10:00", "“By when” must lie in the future."),
])
def test_every_taken_line_needs_the_receiver_s_own_words_and_date(
    house, sheet, sign_in, field, typed, sentence
):
    first, second = (each.ticket.number for each in handoffs()[:2])
    page = answered(sign_in(house.other_engineer), sheet, ["take", "take", ""],
                    **{f"{field}-{first}": typed})
    assert page.status_code == 422
    assert sentence in page.text
    assert f'id="{field}-{first}-reasons"' in page.text
    assert f'id="{field}-{second}-reasons"' not in page.text
    assert STEP in page.text
    assert [each.state for each in handoffs()] == [HandoffState.OFFERED] * 3


def test_leaving_out_needs_a_reason_but_no_signature(house, sheet, sign_in):
    receiver = sign_in(house.other_engineer)
    number = handoffs()[0].ticket.number
    address = f"/sheets/{sheet.id}/answers"
    data = opened(receiver, address, form_of(receiver.get(f"/sheets/{sheet.id}")), [number])
    data |= {f"answer-{number}": "leave"}
    page = receiver.post(f"/sheets/{sheet.id}/answers", data=data)
    assert page.status_code == 422
    assert f'id="reason-{number}-reasons"' in page.text
    attempts = db.session.query(SignInAttempt).filter_by(purpose="sign").count()
    done = receiver.post(f"/sheets/{sheet.id}/answers", data=data | {f"reason-{number}": "No time"})
    assert done.status_code == 303
    assert handoffs()[0].state is HandoffState.DECLINED
    assert db.session.query(SignInAttempt).filter_by(purpose="sign").count() == attempts


def test_nobody_answers_for_the_receiver_at_another_screen_without_the_password(
    house, sheet, engineer
):
    number = handoffs()[0].ticket.number
    data = form_of(engineer.get(f"/sheets/{sheet.id}")) | {
        f"answer-{number}": "leave", f"reason-{number}": "Forged"}
    page = engineer.post(f"/sheets/{sheet.id}/answers", data=data)
    assert page.status_code == 422
    assert handoffs()[0].state is HandoffState.OFFERED
    taken = answered(engineer, sheet, ["take", "", ""], receiver_password="not the receiver's")
    assert taken.status_code == 422
    assert handoffs()[0].state is HandoffState.OFFERED
    taken = answered(engineer, sheet, ["take", "", ""])
    assert taken.status_code == 303  # the receiver's own password, typed at the giver's screen
    assert handoffs()[0].ticket.holder_id == house.other_engineer.id


def test_an_answer_that_answers_nothing_is_said(house, sheet, sign_in):
    page = answered(sign_in(house.other_engineer), sheet, ["", "", ""])
    assert page.status_code == 422
    assert "Say of at least one ticket" in page.text


def test_a_sheet_that_was_answered_meanwhile_is_shown_as_it_is_now(house, sheet, sign_in):
    receiver = sign_in(house.other_engineer)
    stale = form_of(receiver.get(f"/sheets/{sheet.id}"))
    number = handoffs()[0].ticket.number
    stale = opened(receiver, f"/sheets/{sheet.id}/answers", stale, [number])
    stale |= {f"answer-{number}": "take", f"next_step-{number}": STEP,
              f"next_step_by-{number}": later(), "receiver_password": PASSWORD,
              f"head-{number}": "0" * 64}
    page = receiver.post(f"/sheets/{sheet.id}/answers", data=stale)
    assert page.status_code == 409
    assert f"Ticket No. {number} has changed since you opened it." in page.text
    assert handoffs()[0].state is HandoffState.OFFERED


def test_the_witness_signs_once_and_the_last_signature_hands_over(house, engineer, sign_in):
    sheet = returned_by_sheet(house, engineer)
    registrar = sign_in(house.registrar)
    page = registrar.get(f"/sheets/{sheet.id}")
    assert "2 wait for the witness, Oleg Chernov." in page.text
    assert witnessed(registrar, sheet).status_code == 303
    assert all(each.ticket.holder_id == house.engineer.id for each in handoffs())
    answered(sign_in(house.visitor), sheet, ["take", "take"])
    assert all(each.ticket.holder_id == house.visitor.id for each in handoffs())
    assert "All are taken." in registrar.get(f"/sheets/{sheet.id}").text
    assert registrar.post(f"/sheets/{sheet.id}/witness",
                          data={"witness_password": PASSWORD}).status_code == 422


def test_a_code_leads_other_phones_there_while_it_waits(house, sheet, sign_in, app):
    receiver = sign_in(house.other_engineer)
    code = qr_on_screen(f"{app.config['SETTINGS'].base_url}/sheets/{sheet.id}")
    page = receiver.get(f"/sheets/{sheet.id}").text
    assert code in page
    assert f'aria-label="{app.config["SETTINGS"].base_url}/sheets/{sheet.id}"' in page
    answered(receiver, sheet, ["take", "take", "Not mine"])
    assert "Sign on another phone" not in receiver.get(f"/sheets/{sheet.id}").text
