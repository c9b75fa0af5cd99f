"""The engineer at the desk with a passkey, and the page on which a ticket is put on hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.people.models import Signature, SignInAttempt
from registry.people.signing import new_nonce
from registry.tickets.models import Ticket
from tests.factories import House, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown

SignIn = Callable[..., Any]
HOLD = {"reason": "A part", "until": "2099-01-01T10:00"}


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


def refused(desk: Desk, session: Session, answer: Any, *, said: str, status: int = 422) -> None:
    assert (answer.status_code, desk.ticket.state) == (status, "in_fix")
    assert said in answer.text
    assert signatures(session, desk.ticket) == []


def attempts(session: Session) -> list[bool]:
    """Whether each answer of a passkey was right."""
    return list(session.scalars(select(SignInAttempt.succeeded).where(
        SignInAttempt.purpose == "passkey").order_by(SignInAttempt.id)))
