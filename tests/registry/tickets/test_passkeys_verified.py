"""Signatures of passkeys are verified anew from what is kept: ``verify`` finds each part altered,
and a key that was not the signer's at that time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.ledger.passkey_check import fault_in
from registry.ledger.triggers import drop_triggers
from registry.ledger.verify import verify_chain
from registry.people.models import Signature
from registry.people.passkey_models import Passkey
from registry.people.passkeys import revoke_passkey
from registry.people.proof import Proof
from registry.people.signing import new_nonce
from registry.tickets.models import Ticket
from tests.factories import House, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed

SignIn = Callable[..., Any]


pytestmark = pytest.mark.usefixtures("at_a_name")


def put_on_hold(client: Any, ticket: Ticket, device: Authenticator) -> None:
    """As the page does it, signed with the device."""
    form = {"reason": "A part", "until": "2099-01-01T10:00", "nonce": new_nonce(),
            "shown_head": ticket.head_hash}
    address = f"/tickets/{ticket.number}/moves/hold"
    told = shown(client, address, form).get_json()
    assert client.post(address, data=form | signed(told, device)).status_code == 303


@pytest.fixture
def ticket(house: House, sign_in: SignIn) -> Ticket:
    """A ticket that was put on hold with a passkey, which was revoked afterwards."""
    device, ticket = Authenticator(), a_ticket(house, "in_fix")
    passkey = enrolled(house.engineer, device, now=utc_now())
    put_on_hold(sign_in(house.engineer), ticket, device)
    revoke(passkey)
    return ticket


def revoke(passkey: Passkey) -> None:
    revoke_passkey(passkey, by=passkey.person, now=utc_now(),
                   proved=Proof(passkey.person_id, "password", utc_now(), ""))


def by_passkey(session: Session) -> Signature:
    return session.scalars(select(Signature).where(Signature.method == "passkey")).one()


def found(ticket: Ticket) -> list[tuple[str, object]]:
    """What ``verify`` says of the ticket's passkeys: the code, and which part."""
    findings = verify_chain(ticket.chain, verifier=None).findings
    return [(each.code, each.params.get("part")) for each in findings
            if each.code.startswith("passkey_")]


def test_what_was_signed_before_the_key_was_revoked_stays_valid(ticket: Ticket) -> None:
    assert found(ticket) == []


def flipped(value: str) -> str:
    """The bytes behind the text, one of them altered."""
    raw = bytearray(base64.b64decode(value))
    raw[-1] ^= 1
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(("part", "change", "expected"), [
    ("signature", flipped, {"signature"}),
    ("client_data", flipped, {"proof", "client_data"}),
    ("authenticator_data", flipped, {"signature"}),
    ("key", flipped, {"signature", "proof"}),
    ("relying", lambda value: f"{value}x", {"authenticator_data"}),
    ("statements", lambda value: ["0" * 64], {"statements"}),
    ("statements", lambda value: [*value, "0" * 64], {"client_data"}),
    ("signature", lambda value: "", {"signature"}),
    ("signature", lambda value: None, {"proof"}),
])
def test_each_part_is_found_when_it_was_altered(
    ticket: Ticket, session: Session, part: str, change: Callable[[Any], Any], expected: set[str]
) -> None:
    proof = by_passkey(session).proof
    statement = by_passkey(session).statement_hash
    assert fault_in(proof, statement) == ""
    assert fault_in(proof | {part: change(proof[part])}, statement) in expected


def test_an_altered_row_is_found_in_the_database(ticket: Ticket, session: Session) -> None:
    signature = by_passkey(session)
    proof = signature.proof | {"signature": flipped(signature.proof["signature"])}
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        drop_triggers(connection)
    connection.execute(update(Signature).where(
        Signature.statement_hash == signature.statement_hash).values(proof=proof))
    assert found(ticket) == [("passkey_signature", "signature")]


def test_an_answer_without_verification_would_be_found(ticket: Ticket, session: Session) -> None:
    """A device that only somebody touched, signing all the same things: the flag is signed too."""
    signature = by_passkey(session)
    data = bytearray(base64.b64decode(signature.proof["authenticator_data"]))
    data[32] = 0x01
    proof = signature.proof | {"authenticator_data": base64.b64encode(data).decode()}
    assert fault_in(proof, signature.statement_hash) == "authenticator_data"


@pytest.mark.parametrize("proof", [{}, {"statements": 7}, json.loads('{"statements": [null]}')])
def test_what_is_no_proof_at_all_is_found(proof: dict[str, Any]) -> None:
    assert fault_in(proof, "0" * 64) == "proof"


def test_a_key_that_somebody_wrote_into_the_table_is_found(
    house: House, session: Session, sign_in: SignIn
) -> None:
    """Whoever owns the database can add a row, but no entry to a chain that mails have sealed."""
    device, other, ticket = Authenticator(), Authenticator(), a_ticket(house, "in_fix")
    passkey = enrolled(house.other_engineer, device, now=utc_now())
    enrolled(house.engineer, other, now=utc_now())
    passkey.person_id = house.engineer.id
    session.flush()
    put_on_hold(sign_in(house.engineer), ticket, device)
    assert found(ticket) == [("passkey_owner", None)]


def test_a_revocation_that_somebody_took_back_in_the_table_is_found(
    house: House, session: Session, sign_in: SignIn
) -> None:
    device, ticket = Authenticator(), a_ticket(house, "in_fix")
    passkey = enrolled(house.engineer, device, now=utc_now())
    revoke(passkey)
    passkey.revoked_at = None
    session.flush()
    put_on_hold(sign_in(house.engineer), ticket, device)
    assert found(ticket) == [("passkey_owner", None)]
