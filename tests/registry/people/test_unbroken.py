"""An unbroken session: within some minutes of a proof the password alone signs, later the login is
asked as well; a passkey is both at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from registry.core.db import db
from registry.core.times import utc_now
from registry.people.models import Person, SignInAttempt, SignInSession
from registry.people.proof import FAILURES_OF_ACCOUNT
from registry.people.rule_models import MINUTES, SignatureRules
from tests.factories import PASSWORD, House, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed

WAITS = {"reason": "A part", "until": "2099-01-01T10:00"}


def session_of(person: Person) -> SignInSession:
    return db.session.scalars(
        select(SignInSession).where(SignInSession.person_id == person.id)).one()


class Desk:
    """An engineer at the page on which to put a ticket on hold, ``minutes`` after signing in."""

    def __init__(self, house: House, sign_in: Any, minutes: float) -> None:
        self.engineer, self.ticket = house.engineer, a_ticket(house, "in_fix")
        self.client = sign_in(house.engineer)
        session_of(self.engineer).created_at = utc_now() - timedelta(minutes=minutes)
        db.session.flush()
        self.address = f"/tickets/{self.ticket.number}/moves/hold"
        self.login = f"login_{self.engineer.id}"

    @property
    def page(self) -> str:
        return str(self.client.get(self.address).text)

    def sign(self, password: str = PASSWORD, **more: str) -> Any:
        hidden = dict(re.findall(r'name="(nonce|shown_head)"[^>]*value="([^"]*)"', self.page))
        return self.client.post(self.address,
                                data={**WAITS, **hidden, "password": password, **more})


def test_soon_after_signing_in_the_password_alone_signs(house, sign_in):
    desk = Desk(house, sign_in, MINUTES - 1)
    assert desk.login not in desk.page
    assert desk.sign().status_code == 303
    assert session_of(desk.engineer).proved_at is not None


def test_later_the_login_is_asked_too(house, sign_in):
    desk = Desk(house, sign_in, MINUTES + 1)
    assert desk.login in desk.page
    refused = desk.sign()
    assert (refused.status_code, desk.ticket.state) == (422, "in_fix")
    assert "give your login as well as the password" in refused.text
    assert "A part" in refused.text
    assert desk.sign(**{desk.login: f" {desk.engineer.login.upper()} "}).status_code == 303


def test_a_signature_begins_the_minutes_anew(house, sign_in):
    desk = Desk(house, sign_in, 24 * 60)
    assert desk.sign(**{desk.login: desk.engineer.login}).status_code == 303
    other = a_ticket(house, "in_fix")
    assert desk.login not in desk.client.get(f"/tickets/{other.number}/moves/hold").text


@pytest.mark.parametrize("password", [PASSWORD, "not the password"])
def test_a_wrong_login_is_a_wrong_attempt_and_does_not_tell_of_the_password(house, sign_in,
                                                                            password):
    desk = Desk(house, sign_in, MINUTES + 1)
    refused = desk.sign(password, **{desk.login: house.visitor.login})
    assert (refused.status_code, desk.ticket.state) == (422, "in_fix")
    assert "Login or password is wrong. Nothing was signed." in refused.text
    last = db.session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()
    assert last is not None
    assert (last.login, last.purpose, last.succeeded) == (desk.engineer.login, "sign", False)


def test_wrong_logins_are_throttled(house, sign_in):
    desk = Desk(house, sign_in, MINUTES + 1)
    for _ in range(FAILURES_OF_ACCOUNT):
        desk.sign(**{desk.login: "somebody"})
    refused = desk.sign(**{desk.login: desk.engineer.login})
    assert "Too many wrong attempts" in refused.text
    assert desk.ticket.state == "in_fix"


def test_the_password_alone_elsewhere_does_not_mend_a_broken_session(house, sign_in):
    desk = Desk(house, sign_in, MINUTES + 1)
    desk.client.post("/account/tokens", data={"name": "x", "scopes": "read", "days": "1",
                                              "password": PASSWORD})
    assert db.session.scalars(select(SignInAttempt.succeeded)
                              .order_by(SignInAttempt.id.desc())).first()
    assert desk.login in desk.page


def test_a_passkey_is_both(at_a_name, house, sign_in):
    device = Authenticator()
    enrolled(house.engineer, device, now=utc_now())
    desk = Desk(house, sign_in, MINUTES + 1)
    hidden = dict(re.findall(r'name="(nonce|shown_head)"[^>]*value="([^"]*)"', desk.page))
    form = {**WAITS, **hidden}
    told = shown(desk.client, desk.address, form).json
    done = desk.client.post(desk.address, data={**form, **signed(told, device)})
    assert (done.status_code, desk.ticket.state) == (303, "on_hold")
    assert session_of(desk.engineer).proved_at is not None


@pytest.mark.parametrize(("minutes", "asked"), [(29, False), (31, True)])
def test_the_administrator_sets_the_minutes(house, sign_in, minutes, asked):
    db.session.add(SignatureRules(id=1, unbroken_minutes=30, passkeys_for=[]))
    desk = Desk(house, sign_in, minutes)
    assert (desk.login in desk.page) is asked
