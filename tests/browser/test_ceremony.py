"""The ceremony in a real browser: the first signature with its declaration, the login when the
session is no longer unbroken, and a requirement that an administrator switches on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select, update

from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.ledger.verify import verify_chain
from registry.people.models import Person, SignInSession
from tests.browser.test_frame import signed_in
from tests.browser.test_passkeys import enrol, with_device
from tests.factories import PASSWORD, House, a_ticket
from tests.ground.screens import Server

Opened = Callable[..., BrowserContext]


@pytest.fixture
def ticket(live_server: Server) -> int:
    """A ticket that the engineer, who has never signed, has taken and not begun."""
    with live_server.app.app_context(), atomic():
        house = House()
        ticket = a_ticket(house, "accepted", now=utc_now() - timedelta(hours=1))
        house.engineer.declared_version, house.engineer.declared_at = 0, None
        for login, person in (("orlov", house.engineer), ("zimina", house.administrator)):
            person.login = login
        return ticket.number


def sign(page: Page, address: str, button: str = "Sign", **typed: str) -> None:
    """Open an act, fill it in and sign with the password."""
    page.goto(address)
    for name, value in typed.items():
        page.fill(f"[name={name}]", value)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def break_session(server: Server, login: str) -> None:
    """Let half an hour have gone by since the person's last proof."""
    with server.app.app_context(), atomic():
        person = db.session.scalars(select(Person.id).where(Person.login == login)).one()
        ago = utc_now() - timedelta(minutes=30)
        db.session.execute(update(SignInSession).where(SignInSession.person_id == person)
                           .values(created_at=ago, proved_at=ago))


def test_the_first_signature_then_a_broken_session(
    open_context: Opened, live_server: Server, ticket: int
) -> None:
    page = signed_in(open_context("phone"), "orlov")
    page.goto(f"/tickets/{ticket}/moves/start")
    declaration = page.get_by_role("region", name="Declaration")
    expect(declaration).to_contain_text("binds you as one by your own hand")
    sign(page, f"/tickets/{ticket}/moves/start")
    with live_server.app.app_context():
        person = db.session.scalars(select(Person).where(Person.login == "orlov")).one()
        assert person.declared_at is not None
        assert verify_chain(person.chain, verifier=None).is_sound
    hold = f"/tickets/{ticket}/moves/hold"
    page.goto(hold)
    expect(declaration).to_have_count(0)
    expect(page.get_by_label("Login")).to_have_count(0)
    break_session(live_server, "orlov")
    page.goto(hold)
    page.fill("[name=reason]", "A part")
    page.fill("[name=until]", "2099-01-01T10:00")
    page.get_by_label("Login").fill("zimina")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Login or password is wrong")
    expect(page.locator("[name=reason]")).to_have_value("A part")
    page.get_by_label("Login").fill("orlov")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign", exact=True).click()
    sign(page, f"/tickets/{ticket}/moves/resume")  # unbroken again: the password alone
    expect(page.get_by_role("status").first).to_contain_text("Signed")


def test_a_requirement_is_switched_on_at_the_page(
    open_context: Opened, live_server: Server, ticket: int
) -> None:
    engineer, administrator = (signed_in(open_context(), login) for login in ("orlov", "zimina"))
    for page in (engineer, administrator):
        with_device(page)
        enrol(page)
    administrator.goto("/settings/signatures")
    administrator.get_by_label("Start mending").check()
    administrator.fill("[name=password]", PASSWORD)
    with administrator.expect_navigation():
        administrator.get_by_role("button", name="Let these rules be in force").click()
    expect(administrator.get_by_text("The rules of signatures are in force.")).to_be_visible()
    sign(engineer, f"/tickets/{ticket}/moves/start")
    expect(engineer.get_by_role("alert")).to_contain_text("signed with a passkey")
    with engineer.expect_navigation():
        engineer.get_by_role("button", name="Sign with a passkey").click()
    administrator.goto("/settings/signatures")
    administrator.get_by_label("Start mending").uncheck()
    with administrator.expect_navigation():
        administrator.get_by_role("button", name="Confirm with a passkey").click()
    expect(administrator.get_by_text("passkeys for nothing")).to_be_visible()
