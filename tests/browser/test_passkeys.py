"""Passkeys in a real browser, with its virtual authenticator: enrolled, signed in with, and put
under an acceptance and a whole sheet, each bound to what the page showed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.ledger.verify import verify_chain
from registry.people.models import Signature
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import offer_handoff
from registry.tickets.models import Ticket
from tests.browser.test_frame import signed_in
from tests.factories import PASSWORD, House, a_signing, a_ticket
from tests.ground.screens import Server

Opened = Callable[..., BrowserContext]


@dataclass
class Places:
    """Who is in the house, and what waits there."""

    engineer: str
    other_id: int
    handoff: int
    offered: int
    in_work: list[int]


@pytest.fixture
def places(live_server: Server) -> Places:
    """A ticket that is offered to the engineer, and two in the engineer's hands."""
    with live_server.app.app_context(), atomic():
        house = House()
        early = utc_now() - timedelta(hours=1)
        ticket = a_ticket(house, "logged", now=early)
        handoff = offer_handoff(
            ticket, Offer("take", house.engineer, house.registrar, "", {}), by=house.visitor,
            signing=a_signing(house.visitor), now=early)
        in_work = [a_ticket(house, "in_fix", now=early).number for _ in range(2)]
        return Places(house.engineer.login, house.other_engineer.id, handoff.id, ticket.number,
                      in_work)


def with_device(page: Page) -> Callable[[bool], None]:
    """Give the page a device that makes passkeys; what is returned says from then on whether it
    verifies its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added: dict[str, Any] = session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}})

    def verify_owner(verifies: bool) -> None:
        session.send("WebAuthn.setUserVerified", {
            "authenticatorId": added["authenticatorId"], "isUserVerified": verifies})

    return verify_owner


def enrol(page: Page) -> None:
    """As a person does it, from the account page."""
    page.goto("/account")
    page.get_by_role("link", name="Enrol a passkey").click()
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Enrol a passkey", exact=True).click()
    expect(page.get_by_text("The passkey is enrolled")).to_be_visible()


def signatures(server: Server) -> list[Signature]:
    """Those made with passkeys, verified once more from what is kept."""
    with server.app.app_context():
        found = list(db.session.scalars(select(Signature).where(Signature.method == "passkey")))
        faults = [each for signature in found
                  for each in verify_chain(signature.chain, verifier=None).findings]
        assert [each.code for each in faults if "passkey" in each.code or "signature" in each.code
                ] == []
        db.session.expunge_all()
        return found


def test_a_person_enrols_a_passkey_and_signs_in_with_it(
    open_context: Opened, places: Places
) -> None:
    page = signed_in(open_context(), places.engineer)
    with_device(page)
    enrol(page)
    page.goto("/account")
    page.get_by_role("heading", name="My passkeys").wait_for()
    page.context.clear_cookies()
    page.goto("/sign-in")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator(".head-name")).to_have_text("Pavel Orlov")


def test_an_acceptance_is_signed_with_what_the_page_showed(
    open_context: Opened, places: Places, live_server: Server
) -> None:
    page = signed_in(open_context("phone"), places.engineer)
    with_device(page)
    enrol(page)
    page.goto(f"/handoffs/{places.handoff}/accept")
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.locator("[data-passkey-said] .reasons")).to_be_visible()  # no next step yet
    page.fill("[name=next_step]", "I look at the line")
    page.fill("[name=next_step_by]", "2099-01-01T10:00")
    page.evaluate("() => { HTMLFormElement.prototype.submit = function () {"
                  " window.sent = this; document.body.dataset.sent = 1; }; }")
    page.get_by_role("button", name="Sign with a passkey").click()
    page.locator("body[data-sent]").wait_for()
    shown = page.locator("[data-passkey-said] .statement").inner_text()
    assert "You take ticket" in shown
    with page.expect_navigation():
        page.evaluate("() => window.sent.requestSubmit()")
    (signature,) = signatures(live_server)
    assert f"statement {signature.statement_hash[:8]}" in shown
    assert hashlib.sha256(signature.statement).hexdigest() == signature.statement_hash
    with live_server.app.app_context():
        handoff = db.session.get_one(Handoff, places.handoff)
        assert handoff.receiver_signed_at is not None


def test_a_sheet_is_signed_by_one_touch(
    open_context: Opened, places: Places, live_server: Server
) -> None:
    page = signed_in(open_context(), places.engineer)
    with_device(page)
    enrol(page)
    page.goto(f"/sheets/new?receiver={places.other_id}")
    for _ in places.in_work:
        page.locator("#giver-next").click()
        page.wait_for_load_state("networkidle")
    expect(page.locator("#giver-next")).to_have_count(0)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign with a passkey").click()
    assert "/sheets/" in page.url
    assert len(signatures(live_server)) == 2
    with live_server.app.app_context():
        offered = db.session.scalars(select(Ticket.number).join(
            Handoff, Handoff.ticket_id == Ticket.id).where(Handoff.sheet_id.is_not(None)))
        assert sorted(offered) == sorted(places.in_work)


def test_a_device_that_verifies_nobody_signs_nothing(
    open_context: Opened, places: Places, live_server: Server
) -> None:
    page = signed_in(open_context(), places.engineer)
    verify_owner = with_device(page)
    enrol(page)
    number = places.in_work[0]
    page.goto(f"/tickets/{number}/moves/hold")
    page.fill("[name=reason]", "A part")
    page.fill("[name=until]", "2099-01-01T10:00")
    verify_owner(False)
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("The passkey was not used, and nothing was done")).to_be_visible()
    assert signatures(live_server) == []


def test_without_scripts_the_page_says_what_is_missing_and_the_password_signs(
    open_context: Opened, places: Places
) -> None:
    page = signed_in(open_context(java_script_enabled=False), places.engineer)
    page.goto("/account/passkeys/new")
    expect(page.get_by_text("This browser cannot use passkeys here")).to_be_visible()
    page.goto(f"/tickets/{places.in_work[0]}/moves/hold")
    expect(page.get_by_role("button", name="Sign with a passkey")).to_be_hidden()
    page.fill("[name=reason]", "A part")
    page.fill("[name=until]", "2099-01-01T10:00")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed:")).to_be_visible()
