"""A passkey signs the very statement that was shown, once, and nothing else."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.ledger.entries import canonical, entries_of, stamp
from registry.people.models import Signature, SignInAttempt
from registry.people.signing import SHOWN_FOR, Showing, new_nonce
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import offer_handoff
from registry.tickets.service import Making, make_move
from tests.factories import PASSWORD, House, a_signing, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed
from tests.registry.tickets.passkey_desk import HOLD, Desk, SignIn, refused, signatures

pytestmark = pytest.mark.usefixtures("at_a_name")


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


def test_more_than_was_done_is_not_signed(desk: Desk, session: Session) -> None:
    form = desk.form()
    told = desk.told(form)
    told["statements"].append({"text": "I owe you a thousand"})
    refused(desk, session, desk.send(form | signed(told, desk.device)), said="not what was shown")


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
