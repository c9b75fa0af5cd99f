"""A program lets a person sign with a passkey: it asks what would be signed, shows it, and sends
the answer with the act. What was not shown is not signed.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.ledger.entries import canonical
from registry.ledger.verify import verify_chain
from registry.people.models import Signature
from registry.tickets.models import Ticket
from tests.factories import House, a_ticket, offer
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled
from tests.registry.api.conftest import SIGNATURE

HOLD = {"move": "hold", "reason": "A part", "fields": {"until": "2099-01-01T12:00:00+03:00"}}
ASK = {"signature": {"method": "passkey"}}


pytestmark = pytest.mark.usefixtures("at_a_name")


@pytest.fixture
def device(house: House) -> Authenticator:
    """The engineer's."""
    made = Authenticator()
    enrolled(house.engineer, made, now=utc_now())
    return made


def answer(told: dict[str, Any], device: Authenticator, **changes: Any) -> dict[str, Any]:
    """The signature of a program that computes the challenge from what it has shown."""
    hashes = [hashlib.sha256(canonical(each["content"])).hexdigest() for each in told["statements"]]
    whole = hashes if len(hashes) > 1 else told["statements"][0]["content"]
    challenge = hashlib.sha256(canonical(whole)).digest()
    assertion = {"credential": device.answered(challenge), "at": told["at"], "statements": hashes}
    return {"signature": {
        "method": "passkey", "nonce": told["nonce"], "shown_head": told["shown_head"],
        "assertion": assertion | changes}}


def codes(response: Any) -> list[tuple[str, str]]:
    return [(each["code"], each["pointer"]) for each in response.json["errors"]]


def test_what_is_shown_is_signed_and_showing_keeps_nothing(
    house: House, device: Authenticator, calls: Any, session: Session
) -> None:
    ticket = a_ticket(house, "in_fix")
    engineer, path = calls(house.engineer), f"/tickets/{ticket.number}/moves"
    head = ticket.head_hash
    told = engineer.post(f"{path}/statements", HOLD | ASK)
    assert told.status_code == 200, told.json
    (statement,) = told.json["statements"]
    assert statement["content"]["signer"] == house.engineer.ref
    assert told.json["shown_head"] == statement["content"]["head"] == head
    assert told.json["options"]["rpId"] == "localhost"
    assert [(each["ticket"], each["was"], each["becomes"]) for each in told.json["changes"]] == [
        (ticket.number, "in fix", "on hold")]
    session.expire_all()
    assert (ticket.state, ticket.head_hash) == ("in_fix", head)
    done = engineer.post(path, HOLD | answer(told.json, device))
    assert (done.status_code, done.json["state"]) == (200, "on_hold"), done.json
    kept = session.query(Signature).filter_by(statement_hash=statement["hash"]).one()
    assert kept.method == "passkey"
    assert verify_chain(ticket.chain, verifier=None).findings == ()


def test_the_clients_check_is_signed_with_the_offer_that_follows_it(
    house: House, calls: Any, session: Session
) -> None:
    device, ticket = Authenticator(), a_ticket(house, "returned")
    enrolled(house.visitor, device, now=utc_now())
    visitor, path = calls(house.visitor), f"/tickets/{ticket.number}/check"
    body = {"result": "not_gone", "contact_name": "Galina Serova", "note": "As before"}
    told = visitor.post(f"{path}/statements", body).json
    done = visitor.post(path, body | answer(told, device))
    assert done.status_code == 200, done.json
    assert done.json["handoff"]["receiver"]["id"] == house.engineer.id
    assert verify_chain(ticket.chain, verifier=None).findings == ()


def test_a_receiver_signs_with_a_passkey_beside_a_witness_with_a_password(
    house: House, device: Authenticator, calls: Any, later: str
) -> None:
    ticket = a_ticket(house)
    waiting = offer(ticket, "take", house.engineer, witness=house.registrar)
    engineer, path = calls(house.engineer), f"/handoffs/{ticket.number}-{waiting.seq}/accept"
    body = {"next_step": "I measure", "next_step_by": later, "witness_signature": SIGNATURE}
    told = engineer.post(f"{path}/statements", body | ASK)
    assert len(told.json.get("statements", [])) == 1, told.json
    done = engineer.post(path, body | answer(told.json, device))
    assert done.json["state"] == "accepted", done.json
    two = engineer.post(path, body | ASK | {"witness_signature": {"method": "passkey"}})
    assert "/witness_signature/method" in {pointer for _code, pointer in codes(two)}


def test_another_act_than_was_shown_is_not_signed(
    house: House, device: Authenticator, calls: Any
) -> None:
    ticket = a_ticket(house, "accepted")
    engineer, path = calls(house.engineer), f"/tickets/{ticket.number}/handoffs"
    body = {"move": "pass_on", "receiver": house.other_engineer.id}
    told = engineer.post(f"{path}/statements", body | ASK).json
    other = body | {"receiver": house.registrar.id}
    assert codes(engineer.post(path, other | answer(told, device))) == [
        ("not_as_shown", "/signature/assertion")]
    elsewhere = a_ticket(house, "accepted")
    assert codes(engineer.post(f"/tickets/{elsewhere.number}/handoffs",
                               body | answer(told, device)))[0][0] == "conflict"
    assert engineer.post(path, body | answer(told, device)).status_code == 201


def test_what_cannot_sign_is_told_where_it_was_sent(
    house: House, device: Authenticator, calls: Any
) -> None:
    ticket = a_ticket(house, "in_fix")
    engineer, path = calls(house.engineer), f"/tickets/{ticket.number}/moves"
    told = engineer.post(f"{path}/statements", HOLD | ASK).json
    bare = engineer.post(path, HOLD | ASK)
    assert codes(bare) == [("assertion_missing", "/signature/assertion")]
    other = engineer.post(path, HOLD | answer(told, Authenticator()))
    assert codes(other) == [("passkey_unknown", "/signature/assertion")]
    junk = engineer.post(path, HOLD | answer(told, device, credential={"id": "x"}))
    assert codes(junk) == [("passkey_wrong", "/signature/assertion")]
    nobody = calls(house.visitor).post(f"/tickets/{a_ticket(house).number}/handoffs/statements", {
        "move": "take", "receiver": house.engineer.id, "witness": house.registrar.id})
    assert [code for code, _place in codes(nobody)] == ["has_no_passkey"]


def test_showing_names_every_reason_against_the_act(
    house: House, device: Authenticator, calls: Any
) -> None:
    ticket = a_ticket(house, "in_fix")
    shown = calls(house.engineer).post(f"/tickets/{ticket.number}/moves/statements",
                                       {"move": "hold"} | ASK)
    act = calls(house.engineer).post(f"/tickets/{ticket.number}/moves",
                                     {"move": "hold", "signature": SIGNATURE})
    assert shown.status_code == act.status_code == 422
    assert codes(shown) == codes(act) != []
    late = calls(house.engineer).post(f"/tickets/{ticket.number}/moves/statements", HOLD | ASK,
                                      If_Match=f'"{"0" * 64}"')
    assert late.status_code == 412


def test_where_a_passkey_is_asked_for_the_password_does_not_sign(
    at_a_name: Flask, house: House, device: Authenticator, calls: Any
) -> None:
    at_a_name.config["SETTINGS"] = replace(at_a_name.config["SETTINGS"],
                                           passkeys_for=("move:hold",))
    ticket: Ticket = a_ticket(house, "in_fix")
    engineer, path = calls(house.engineer), f"/tickets/{ticket.number}/moves"
    refused = engineer.post(path, HOLD | {"signature": SIGNATURE})
    assert codes(refused) == [("passkey_required", "/signature/secret")]
    assert "signed with a passkey" in refused.json["detail"]
    assert ticket.state == "in_fix"
    told = engineer.post(f"{path}/statements", HOLD | ASK).json
    assert engineer.post(path, HOLD | answer(told, device)).json["state"] == "on_hold"


def test_an_answer_signs_once(house: House, device: Authenticator, calls: Any) -> None:
    ticket = a_ticket(house, "in_fix")
    engineer, path = calls(house.engineer), f"/tickets/{ticket.number}/moves"
    told = engineer.post(f"{path}/statements", HOLD | ASK).json
    body = HOLD | answer(told, device)
    assert engineer.post(path, body, Idempotency_Key="k").status_code == 200
    again = engineer.post(path, body, Idempotency_Key="k")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [code for code, _place in codes(engineer.post(path, body))] == ["conflict"]
