"""What a page carries through the browser for a signature: altered there it signs nothing, or
nothing else than was shown. That a nonce signs once and nobody signs what has changed:
tests/registry/tickets/test_handoffs.py; on the screen: test_act_views.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.people import access
from registry.people.models import Signature
from registry.tickets import act_views
from registry.tickets.models import Ticket
from tests.factories import PASSWORD, House, a_ticket

FORGED = {"text": "I did nothing", "statement": "{}", "meaning": "seen", "role": "director",
          "at": "2000-01-01T00:00:00Z", "signer": "person:1", "signer_id": "1", "for": "person:1",
          "parties": "{}", "head": "0" * 64, "method": "demo", "proof": "{}"}
HOLD = {"reason": "A part", "until": "2099-01-01T10:00", "password": PASSWORD, "nonce": "n" * 32}


def put_on_hold(client: Any, ticket: Ticket, **sent: str) -> Any:
    return client.post(f"/tickets/{ticket.number}/moves/hold", data=HOLD | sent)


def statements(session: Session, ticket: Ticket) -> list[dict[str, Any]]:
    rows = session.scalars(select(Signature).where(
        Signature.chain == ticket.chain, Signature.act == "hold"))
    return [json.loads(row.statement or b"{}") for row in rows]


def test_what_is_signed_is_the_servers_own_sentence(
    house: House, session: Session, sign_in: Callable[..., Any]
) -> None:
    ticket = a_ticket(house, "in_fix")
    head = ticket.head_hash
    assert put_on_hold(sign_in(house.engineer), ticket, **FORGED).status_code == 303
    (said,) = statements(session, ticket)
    assert (said["signer"], said["head"], said["for"]) == (house.engineer.ref, head, "")
    for name in ("text", "meaning", "role", "at"):
        assert said[name] != FORGED[name]


@pytest.mark.parametrize("defended", [True, False])
def test_a_statement_of_another_head_is_not_signed_and_would_be_without_the_check(
    house: House, session: Session, sign_in: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    ticket = a_ticket(house, "in_fix")
    if not defended:
        monkeypatch.setattr(act_views, "signing_by", lambda *args, shown_head, **values: (
            access.signing_by(*args, shown_head="", **values)))
    answer = put_on_hold(sign_in(house.engineer), ticket, shown_head="0" * 64)
    assert answer.status_code == (409 if defended else 303)
    assert ticket.state == ("in_fix" if defended else "on_hold")


@pytest.mark.parametrize("nonce", [
    pytest.param("n" * 65, id="longer"), pytest.param("№" * 32, id="letters"),
    pytest.param("n" * 20 + "\n", id="line"), "short", pytest.param("", id="none")])
def test_what_is_no_nonce_signs_nothing(
    house: House, session: Session, sign_in: Callable[..., Any], nonce: str
) -> None:
    """On PostgreSQL a longer one than fits would be a fault of ours, an empty one a signature that
    is bound to no page."""
    ticket = a_ticket(house, "in_fix")
    answer = put_on_hold(sign_in(house.engineer), ticket, nonce=nonce)
    assert answer.status_code == 422
    assert "reload the page" in answer.text
    assert (ticket.state, statements(session, ticket)) == ("in_fix", [])


def test_a_nonce_of_another_signature_signs_nothing(
    house: House, session: Session, sign_in: Callable[..., Any]
) -> None:
    first, second = a_ticket(house, "in_fix"), a_ticket(house, "in_fix")
    client = sign_in(house.engineer)
    assert put_on_hold(client, first).status_code == 303
    assert put_on_hold(client, second).status_code == 409
    assert (second.state, statements(session, second)) == ("in_fix", [])
