"""For whom somebody begins an act: what the page shows is what is signed, and it is said that a
deputy signs for an absent person only where that person's part is taken."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.people.models import Person, Signature
from tests.factories import PASSWORD, House, a_ticket
from tests.registry.tickets.conftest import SignIn
from tests.registry.tickets.sheet_steps import away
from tests.registry.tickets.test_act_views import hidden

BY_AUTHORITY, CANCEL, START = "take_by_authority", "cancel", "start"
FOR = "You sign in your own name for %s, who is absent."


@pytest.mark.parametrize(("move", "by", "for_whom"), [
    (BY_AUTHORITY, lambda house: house.deputy, ""),
    (CANCEL, lambda house: house.other_visitor, "Anna Kim"),
    (START, lambda house: house.other_engineer, "Pavel Orlov"),
], ids=[BY_AUTHORITY, CANCEL, START])
def test_the_page_says_for_whom_one_signs_as_the_signature_does(
    house: House, sign_in: SignIn, session: Session, move: str,
    by: Callable[[House], Person], for_whom: str,
) -> None:
    ticket, deputy = a_ticket(house, "accepted"), by(house)
    away(house.visitor if move == CANCEL else house.engineer, deputy)
    client = sign_in(deputy)
    address = f"/tickets/{ticket.number}/moves/{move}?receiver={house.registrar.id}"
    page = client.get(address).text
    assert (FOR % for_whom in page) is bool(for_whom)
    assert ("You sign in your own name for" in page) is bool(for_whom)
    answer = client.post(address, data={**hidden(page), "reason": "So it is", "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    signature = session.scalars(select(Signature).where(Signature.act == move)).one()
    assert signature.signer_id == deputy.id
    signed_for = signature.on_behalf_of
    assert (signed_for.name if signed_for else "") == for_whom
    assert (FOR % for_whom in json.loads(signature.statement)["text"]) is bool(for_whom)
