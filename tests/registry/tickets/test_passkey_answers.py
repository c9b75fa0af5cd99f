"""Answers of a passkey that sign nothing: wrong ones, another's, and those used before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.ledger.entries import entries_of
from registry.people.models import SignInAttempt
from registry.people.passkeys import revoke_passkey
from registry.people.proof import FAILURES_OF_ACCOUNT, Proof
from tests.factories import PASSWORD, House, a_ticket
from tests.ground.authenticator import PRESENT, Authenticator
from tests.ground.passkeys import enrolled, signed
from tests.registry.tickets.passkey_desk import Desk, SignIn, attempts, refused, signatures

pytestmark = pytest.mark.usefixtures("at_a_name")


@pytest.fixture
def desk(house: House, sign_in: SignIn) -> Desk:
    return Desk(house, sign_in)


def test_an_answer_signs_once(desk: Desk, session: Session) -> None:
    other, form = a_ticket(desk.house, "in_fix"), desk.form()
    sent = form | signed(desk.told(form), desk.device)
    assert desk.send(sent).status_code == 303
    assert desk.send(sent).status_code == 409
    again = desk.send(sent | {"shown_head": desk.ticket.head_hash})
    assert again.status_code == 422
    answer = desk.send(sent | {"shown_head": other.head_hash}, other)
    assert answer.status_code == 422
    assert "answer is not right" in answer.text
    assert len(signatures(session, desk.ticket)) == 1
    assert attempts(session) == [True, False, False, False], "every answer leaves a trace"


def test_the_answer_for_another_ticket_signs_nothing(desk: Desk, session: Session) -> None:
    other, form = a_ticket(desk.house, "in_fix"), desk.form()
    sent = signed(desk.told(form), desk.device)
    answer = desk.send(desk.form(other) | sent | {"nonce": form["nonce"]}, other)
    assert (answer.status_code, other.state) == (422, "in_fix")
    assert "not what was shown" in answer.text


def test_another_persons_passkey_signs_nothing(desk: Desk, session: Session) -> None:
    device, form = Authenticator(), desk.form()
    enrolled(desk.house.other_engineer, device, now=utc_now())
    answer = desk.send(form | signed(desk.told(form), device))
    refused(desk, session, answer, said="This passkey is not Pavel Orlov")


def test_a_revoked_passkey_signs_nothing(desk: Desk, session: Session) -> None:
    form = desk.form()
    sent = form | signed(desk.told(form), desk.device)
    revoke_passkey(desk.passkey, by=desk.house.engineer, now=utc_now(),
                   proved=Proof(desk.house.engineer.id, "password", utc_now(), ""))
    refused(desk, session, desk.send(sent), said="not known here, or was revoked")


@pytest.mark.parametrize("wrong", [
    {"origin": "http://elsewhere:8000"}, {"relying": "elsewhere"}, {"flags": PRESENT},
    {"key": Authenticator().key}], ids=["origin", "relying", "unverified", "key"])
def test_a_wrong_answer_signs_nothing_and_is_written_down(
    desk: Desk, session: Session, wrong: dict[str, Any]
) -> None:
    form = desk.form()
    answer = desk.send(form | signed(desk.told(form), replace(desk.device, **wrong)))
    refused(desk, session, answer, said="answer is not right")
    assert not session.scalars(select(SignInAttempt).where(
        SignInAttempt.purpose == "passkey")).one().succeeded


def test_a_counter_that_went_back_signs_nothing_and_is_entered(
    house: House, session: Session, sign_in: SignIn
) -> None:
    desk = Desk(house, sign_in, count=9)
    form = desk.form()
    answer = desk.send(form | signed(desk.told(form), replace(desk.device, count=3)))
    refused(desk, session, answer, said="its count went back")
    assert entries_of(house.engineer.chain)[-1].kind == "passkey_doubted"
    assert desk.send(form | signed(desk.told(form), desk.device)).status_code == 303


def test_an_answer_that_is_sent_again_says_nothing_against_the_passkey(
    house: House, session: Session, sign_in: SignIn
) -> None:
    """Somebody was quicker: the answer was counted, though it signed nothing."""
    desk = Desk(house, sign_in, count=9)
    form = desk.form()
    sent = form | signed(desk.told(form), desk.device)
    another = {"shown_head": a_ticket(house, "in_fix").head_hash}
    assert desk.send(sent | another).status_code == 409
    refused(desk, session, desk.send(sent), said="answer was used before")
    assert "passkey_doubted" not in [each.kind for each in entries_of(house.engineer.chain)]


@pytest.mark.parametrize("sent", [
    "x", "{}", "[]", '{"credential": {}}', '{"credential": 1, "at": 2, "statements": "abc"}'])
def test_what_no_page_of_ours_sends_signs_nothing(
    desk: Desk, session: Session, sent: str
) -> None:
    refused(desk, session, desk.send(desk.form() | {"passkey": sent}), said="answer is not right")
    assert attempts(session) == [False]


def test_answers_that_are_none_slow_the_next_as_wrong_ones_do(
    desk: Desk, session: Session
) -> None:
    for _ in range(FAILURES_OF_ACCOUNT):
        desk.send(desk.form() | {"passkey": "x"})
    form = desk.form()
    answer = desk.send(form | signed(desk.told(form), desk.device))
    refused(desk, session, answer, said="Wait 15 minutes")
    assert attempts(session) == [False] * FAILURES_OF_ACCOUNT


def test_a_kept_answer_that_is_sent_again_does_not_let_passwords_be_guessed(
    desk: Desk, session: Session
) -> None:
    """Its parts lie open in the evidence: it must not count as the person's own success."""
    form = desk.form()
    sent = form | signed(desk.told(form), desk.device)
    desk.send(sent)
    for _ in range(FAILURES_OF_ACCOUNT):
        desk.send({**sent, "passkey": "", "password": "wrong"})
        desk.send(sent)
    answer = desk.send({**desk.form(), "password": PASSWORD})
    assert "Wait 15 minutes" in answer.text


def test_an_answer_from_the_history_casts_no_doubt_on_its_passkey(
    house: House, session: Session, sign_in: SignIn
) -> None:
    """Whoever has read it could send it; its old counter says nothing of a copy."""
    desk = Desk(house, sign_in, count=9)
    form, later = desk.form(), desk.form()
    sent = form | signed(desk.told(form), desk.device)
    assert desk.send(sent).status_code == 303
    answer = desk.send(sent | {"shown_head": desk.ticket.head_hash, "nonce": later["nonce"]})
    assert "answer is not right" in answer.text
    assert "passkey_doubted" not in [each.kind for each in entries_of(house.engineer.chain)]
