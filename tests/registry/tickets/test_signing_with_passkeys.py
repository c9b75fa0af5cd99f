"""A passkey signs the very statement that was shown, once, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.ledger.entries import canonical, entries_of, stamp
from registry.people.models import Signature, SignInAttempt
from registry.people.passkeys import revoke_passkey
from registry.people.proof import FAILURES_OF_ACCOUNT, Proof
from registry.people.signing import SHOWN_FOR, Showing, new_nonce
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import offer_handoff
from registry.tickets.models import Ticket
from registry.tickets.service import Making, make_move
from tests.factories import PASSWORD, House, a_signing, a_ticket
from tests.ground.authenticator import PRESENT, Authenticator
from tests.ground.passkeys import enrolled, shown, signed

SignIn = Callable[..., Any]
HOLD = {"reason": "A part", "until": "2099-01-01T10:00"}


pytestmark = pytest.mark.usefixtures("at_a_name")


class Desk:
    """The engineer with a ticket in work, a passkey, and the page on which to put it on hold."""

    def __init__(self, house: House, sign_in: SignIn, count: int = 0) -> None:
        self.house, self.device = house, Authenticator(count=count)
        self.passkey = enrolled(house.engineer, self.device, now=utc_now())
        self.ticket = a_ticket(house, "in_fix")
        self.client = sign_in(house.engineer)
        self.device.count = count and count + 1

    def form(self, ticket: Ticket | None = None) -> dict[str, str]:
        """The page's form, not yet signed."""
        return {**HOLD, "nonce": new_nonce(), "shown_head": (ticket or self.ticket).head_hash}

    def address(self, ticket: Ticket | None = None) -> str:
        return f"/tickets/{(ticket or self.ticket).number}/moves/hold"

    def told(self, form: dict[str, str]) -> dict[str, Any]:
        """What the page is told that the form would sign."""
        answer = shown(self.client, self.address(), form)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def send(self, form: dict[str, str], ticket: Ticket | None = None) -> Any:
        return self.client.post(self.address(ticket), data=form)


def signatures(session: Session, ticket: Ticket) -> list[Signature]:
    query = select(Signature).where(Signature.chain == ticket.chain, Signature.act == "hold")
    return list(session.scalars(query))


@pytest.fixture
def desk(house: House, sign_in: SignIn) -> Desk:
    return Desk(house, sign_in)


def test_what_is_shown_is_kept_nowhere(desk: Desk, session: Session) -> None:
    entries, form = len(entries_of(desk.ticket.chain)), desk.form()
    told = desk.told(form)
    assert len(entries_of(desk.ticket.chain)) == entries
    assert (desk.ticket.state, signatures(session, desk.ticket)) == ("in_fix", [])
    (statement,) = told["statements"]
    assert statement["nonce"] == form["nonce"]
    assert statement["head"] == desk.ticket.head_hash
    assert told["changes"][0][1:] == ["in fix", "on hold"]
    assert told["options"]["userVerification"] == "required"
    assert "challenge" not in told["options"]


def test_a_passkey_signs_what_was_shown_and_all_its_parts_are_kept(
    desk: Desk, session: Session
) -> None:
    form = desk.form()
    told = desk.told(form)
    answer = desk.send(form | signed(told, desk.device))
    assert answer.status_code == 303
    (signature,) = signatures(session, desk.ticket)
    assert (signature.method, signature.statement) == ("passkey",
                                                       canonical(told["statements"][0]))
    assert stamp(signature.at) == told["at"]
    assert set(signature.proof) == {"method", "credential", "key", "relying", "client_data",
                                    "authenticator_data", "signature", "statements"}
    assert desk.ticket.state == "on_hold"
    attempt = session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()
    assert attempt is not None
    assert (attempt.purpose, attempt.succeeded) == ("passkey", True)
    assert "passkey" in desk.client.get(f"/tickets/{desk.ticket.number}").text


def attempts(session: Session) -> list[bool]:
    """Whether each answer of a passkey was right."""
    return list(session.scalars(select(SignInAttempt.succeeded).where(
        SignInAttempt.purpose == "passkey").order_by(SignInAttempt.id)))


def refused(desk: Desk, session: Session, answer: Any, *, said: str, status: int = 422) -> None:
    assert (answer.status_code, desk.ticket.state) == (status, "in_fix")
    assert said in answer.text
    assert signatures(session, desk.ticket) == []


def test_a_statement_that_was_changed_after_it_was_shown_is_not_signed(
    desk: Desk, session: Session
) -> None:
    form = desk.form()
    told = desk.told(form)
    told["statements"][0]["text"] += " And I pay for it."
    refused(desk, session, desk.send(form | signed(told, desk.device)), said="not what was shown")


def test_own_words_that_were_changed_after_they_were_shown_are_not_signed(
    desk: Desk, session: Session
) -> None:
    form = desk.form()
    told = desk.told(form)
    assert "On hold until: 1 January 2099, 10:00\nReason: A part" in told["statements"][0]["text"]
    answer = signed(told, desk.device)
    refused(desk, session, desk.send(form | answer | {"reason": "The client asked me to"}),
            said="not what was shown")


def test_a_ticket_that_moved_on_is_not_signed(desk: Desk, session: Session) -> None:
    form = desk.form()
    told = desk.told(form)
    make_move(desk.ticket, Making("hold", "A part", {"until": "2099-01-01T10:00:00+03:00"}),
              by=desk.house.engineer, signing=a_signing(desk.house.engineer), now=utc_now())
    assert desk.send(form | signed(told, desk.device)).status_code == 409


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


@pytest.mark.parametrize(("moved", "said"), [
    (timedelta(minutes=5), "clock was set back"),  # shown at a time that is still to come
    (-SHOWN_FOR - timedelta(minutes=1), "minutes ago"),
], ids=["to come", "long ago"])
def test_the_time_of_the_statement_is_the_one_when_it_was_shown(
    desk: Desk, session: Session, moved: timedelta, said: str
) -> None:
    form = desk.form()
    told = desk.told(form)
    told["at"] = told["statements"][0]["at"] = stamp(utc_now() + moved)
    refused(desk, session, desk.send(form | signed(told, desk.device)), said=said)


def test_nothing_is_signed_before_the_last_entry_of_the_chain(
    desk: Desk, session: Session
) -> None:
    """The clock was set back since the ticket's last entry was made."""
    session.expire_all()
    make_move(desk.ticket, Making("hold", "A part", {"until": "2099-01-01T10:00:00+03:00"}),
              by=desk.house.engineer, signing=a_signing(desk.house.engineer),
              now=utc_now() + timedelta(hours=1))
    address = f"/tickets/{desk.ticket.number}/moves/resume"
    form = {"nonce": new_nonce(), "shown_head": desk.ticket.head_hash}
    answer = shown(desk.client, address, form)
    assert answer.status_code == 422
    assert "clock was set back" in answer.get_json()["refusals"][0]


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


def test_more_than_was_done_is_not_signed(desk: Desk, session: Session) -> None:
    form = desk.form()
    told = desk.told(form)
    told["statements"].append({"text": "I owe you a thousand"})
    refused(desk, session, desk.send(form | signed(told, desk.device)), said="not what was shown")


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


def test_all_that_stands_against_an_act_is_told_before_a_device_is_asked(
    desk: Desk, session: Session
) -> None:
    answer = shown(desk.client, desk.address(), desk.form() | {"reason": ""})
    assert answer.status_code == 422
    assert len(answer.get_json()["refusals"]) == 1
    assert "statements" not in answer.get_json()


def test_who_has_no_passkey_is_told_where_to_enrol_one(
    house: House, session: Session, sign_in: SignIn
) -> None:
    ticket = a_ticket(house, "in_fix")
    form = {**HOLD, "nonce": new_nonce(), "shown_head": ticket.head_hash}
    answer = shown(sign_in(house.engineer), f"/tickets/{ticket.number}/moves/hold", form)
    assert "has no passkey yet" in answer.get_json()["refusals"][0]


def test_a_statement_is_collected_in_a_rehearsal_only(session: Session) -> None:
    with pytest.raises(RuntimeError, match="rehearsal"):
        Showing(1, utc_now()).kept(b"{}", hashlib.sha256(b"{}").hexdigest())


def test_not_gone_is_signed_with_the_head_that_was_shown(
    house: House, session: Session, sign_in: SignIn
) -> None:
    """The check itself is entered before the handoff is offered; its words are sealed with a salt
    that nobody knows beforehand."""
    device, ticket = Authenticator(), a_ticket(house, "returned")
    enrolled(house.visitor, device, now=utc_now())
    client, address = sign_in(house.visitor), f"/tickets/{ticket.number}/check"
    form = {"result": "not_gone", "contact_name": "Galina", "note": "Still slow",
            "nonce": new_nonce(), "shown_head": ticket.head_hash}
    told = shown(client, address, form).get_json()
    assert client.post(address, data=form | signed(told, device)).status_code == 303
    (offer,) = session.scalars(select(Handoff).where(
        Handoff.ticket_id == ticket.id, Handoff.move == "reopen"))
    assert offer.ticket_id == ticket.id


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


@pytest.mark.parametrize("way", ["password", "passkey"])
def test_taking_by_authority_goes_over_an_open_offer_and_signs_the_head_that_was_shown(
    house: House, session: Session, sign_in: SignIn, way: str
) -> None:
    """The offer is withdrawn by the same act, so the chain has grown when it signs."""
    device, ticket = Authenticator(), a_ticket(house, "in_fix")
    enrolled(house.deputy, device, now=utc_now())
    offer_handoff(ticket, Offer("pass_on", house.other_engineer), by=house.engineer,
                  signing=a_signing(house.engineer), now=utc_now())
    head = ticket.head_hash
    client = sign_in(house.deputy)
    address = f"/tickets/{ticket.number}/moves/take_by_authority?receiver={house.registrar.id}"
    form = {"reason": "The engineer is ill", "nonce": new_nonce(), "shown_head": head}
    sent = ({"password": PASSWORD} if way == "password"
            else signed(shown(client, address, form).get_json(), device))
    answer = client.post(address, data=form | sent)
    assert answer.status_code == 303, answer.text
    made = session.scalars(select(Signature).where(
        Signature.chain == ticket.chain, Signature.act == "take_by_authority")).one()
    assert json.loads(made.statement)["head"] == head
