"""One touch of a passkey signs a whole sheet: every line that was opened, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.people.models import Signature
from registry.people.signing import new_nonce
from tests.factories import House, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed
from tests.registry.tickets.sheet_steps import opened

SignIn = Callable[..., Any]


pytestmark = pytest.mark.usefixtures("at_a_name")


def test_a_sheet_is_signed_by_one_answer_over_all_its_statements(
    house: House, session: Session, sign_in: SignIn
) -> None:
    device = Authenticator()
    enrolled(house.engineer, device, now=utc_now())
    first, second, third = (a_ticket(house, "in_fix") for _ in range(3))
    client = sign_in(house.engineer)
    address = f"/sheets/new?receiver={house.other_engineer.id}"
    form = {"nonce": new_nonce(), **{f"put-{each.number}": "1" for each in (first, second)},
            **{f"head-{each.number}": each.head_hash for each in (first, second, third)}}
    assert shown(client, address, form).get_json()["refusals"] == [
        f"Open ticket No. {each.number} first: nothing is signed unseen."
        for each in (first, second)]
    form = opened(client, address, form, [each.number for each in (first, second, third)])
    told = shown(client, address, form).get_json()
    assert len(told["statements"]) == 2
    sent = signed(told, device)
    more = client.post(address, data=form | sent | {f"put-{third.number}": "1"})
    fewer = client.post(address, data={
        name: value for name, value in (form | sent).items() if name != f"put-{second.number}"})
    assert (more.status_code, fewer.status_code) == (422, 422)
    answer = client.post(address, data=form | sent)
    assert answer.status_code == 303, answer.text
    made = list(session.scalars(select(Signature).where(Signature.method == "passkey")))
    assert len(made) == 2
    assert {each.chain for each in made} == {first.chain, second.chain}
    assert made[0].proof == made[1].proof
    assert made[0].proof["statements"] == json.loads(sent["passkey"])["statements"]
