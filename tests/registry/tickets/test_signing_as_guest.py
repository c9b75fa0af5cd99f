"""Whoever signs at a screen where they are not signed in gives the login as well as the password,
for every single signature; and what is tried there counts against them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.core.db import db
from registry.people.models import Person, SignInAttempt
from registry.people.proof import FAILURES_OF_ACCOUNT
from registry.tickets.handoff_models import Handoff
from tests.factories import PASSWORD, House, a_ticket
from tests.registry.tickets.sheet_steps import (
    answered,
    handoffs,
    only_sheet,
    returned_by_sheet,
    to,
    witnessed,
)
from tests.registry.tickets.sheet_steps import signed as sheet_signed
from tests.registry.tickets.signing_screen import NEXT, Screen
from tests.registry.tickets.test_act_views import in_two_days

SignIn = Callable[[Person], FlaskClient]
ASKED = "is not signed in here: the login is asked as well as the password"


def last_attempt() -> tuple[str, bool]:
    """Against whom the last attempt counts, and whether it was right."""
    last = db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()
    assert last is not None
    return last.login, last.succeeded


def test_the_page_names_who_signs_and_asks_for_both(
    house: House, screen: Screen, handoff: Handoff
) -> None:
    page = screen.page()
    assert "Login of Pavel Orlov" in page
    assert "Pavel Orlov is not signed in here" in page
    login = f"login_{house.engineer.id}"
    said = NEXT | {"next_step_by": in_two_days()}
    answer = screen.sign(**{login: ""}, **said)
    assert answer.status_code == 422
    assert f"Pavel Orlov {ASKED}" in answer.text
    assert handoff.receiver_signed_at is None
    assert screen.sign(**said).status_code == 303


def test_a_wrong_login_counts_against_whoever_signs_and_is_throttled(
    house: House, screen: Screen, handoff: Handoff
) -> None:
    login, said = f"login_{house.engineer.id}", NEXT | {"next_step_by": in_two_days()}
    for _ in range(FAILURES_OF_ACCOUNT):
        answer = screen.sign(**{login: house.visitor.login}, **said)
        assert "Login or password is wrong. Nothing was signed." in answer.text
        assert last_attempt() == (house.engineer.login, False)
    assert "Too many wrong attempts" in screen.sign(**said).text
    assert handoff.receiver_signed_at is None
    assert screen.sign(asked="?part=witness").status_code == 303  # nobody else waits for it


def test_each_signature_asks_anew(house: House, screen: Screen, handoff: Handoff) -> None:
    assert screen.sign(**NEXT, next_step_by=in_two_days()).status_code == 303
    assert screen.sign(**{f"login_{house.registrar.id}": ""}).status_code == 422
    assert screen.sign().status_code == 303


def test_at_the_own_screen_the_password_alone_signs(
    house: House, handoff: Handoff, sign_in: SignIn
) -> None:
    own = Screen(sign_in(house.engineer), handoff.id)
    assert "login_" not in own.page()
    assert own.sign(**NEXT, next_step_by=in_two_days()).status_code == 303


@pytest.mark.parametrize("part", ["receiver", "witness"])
def test_on_a_sheet_as_well(house: House, engineer: FlaskClient, part: str) -> None:
    sheet = returned_by_sheet(house, engineer)
    signer = house.visitor if part == "receiver" else house.registrar
    assert f"Login of {signer.name}" in engineer.get(f"/sheets/{sheet.id}").text

    def sign(**data: str) -> Any:
        if part == "receiver":
            return answered(engineer, sheet, ["take", "take"], **data)
        return witnessed(engineer, sheet, **data)

    login = f"login_{signer.id}"
    refused = sign(**{login: ""})
    assert refused.status_code == 422
    assert f"{signer.name} {ASKED}" in refused.text
    refused = sign(**{login: house.engineer.login})
    assert "Login or password is wrong. Nothing was signed." in refused.text
    assert last_attempt() == (signer.login, False)
    assert sign().status_code == 303


def test_the_giver_of_a_sheet_that_another_prepares_gives_both(
    house: House, sign_in: SignIn
) -> None:
    """The lead prepares the sheet of what the engineer has; the engineer signs at that screen."""
    preparer = sign_in(house.lead)
    a_ticket(house, "in_fix")
    args = to(house.other_engineer, giver=house.engineer.id)
    answer = sheet_signed(preparer, args)
    assert (answer.status_code, f"Pavel Orlov {ASKED}" in answer.text) == (422, True)
    login = {f"login_{house.engineer.id}": house.engineer.login}
    assert sheet_signed(preparer, args, password="not this", **login).status_code == 422
    assert last_attempt() == (house.engineer.login, False)
    assert sheet_signed(preparer, args, password=PASSWORD, **login).status_code == 303
    assert (len(handoffs()), only_sheet().giver_id) == (1, house.engineer.id)
