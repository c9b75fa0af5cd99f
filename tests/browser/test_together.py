"""Three people sign a handoff: at one screen, by password and by passkey, and at three devices
whose pages follow each other; and what is not complete by midnight lapses before their eyes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect
from sqlalchemy import select

from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.ledger.entries import content_of, entries_of
from registry.ledger.verify import verify
from registry.tickets.acts import open_handoff
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import offer_handoff
from registry.tickets.lapsing import lapse_all_due
from registry.tickets.models import Ticket
from tests.browser.test_frame import signed_in
from tests.browser.test_passkeys import enrol
from tests.factories import PASSWORD, House, a_signing, a_ticket
from tests.ground.screens import Server

Opened = Callable[..., BrowserContext]
TWO_SECONDS = 2_000


@dataclass
class Three:
    """Giver, receiver and witness by their logins, the ticket that goes from hand to hand, and
    somebody else's login."""

    server: Server
    giver: str
    receiver: str
    witness: str
    receiver_id: int
    witness_id: int
    number: int
    bystander: str

    def signatures(self) -> list[tuple[str, str]]:
        """Who has signed and how, as the chain says; and the whole ledger verifies."""
        with self.server.app.app_context():
            ticket = db.session.scalars(select(Ticket).where(Ticket.number == self.number)).one()
            assert verify(verifier=None).is_sound
            return [(each["by"], each["method"]) for entry in entries_of(ticket.chain)
                    for each in content_of(entry).get("signatures", ())]

    def holder(self) -> int:
        with self.server.app.app_context():
            return db.session.scalars(
                select(Ticket.holder_id).where(Ticket.number == self.number)).one()

    def offered(self) -> int:
        """The giver has signed; the number of the handoff."""
        with self.server.app.app_context(), atomic():
            ticket = db.session.scalars(select(Ticket).where(Ticket.number == self.number)).one()
            giver = ticket.holder
            persons = {each.id: each for each in db.session.query(type(giver))}
            return offer_handoff(
                ticket, Offer("take", persons[self.receiver_id], persons[self.witness_id], "", {}),
                by=giver, signing=a_signing(giver), now=utc_now()).id


@pytest.fixture
def three(live_server: Server) -> Three:
    with live_server.app.app_context(), atomic():
        house = House()
        ticket = a_ticket(house, now=utc_now() - timedelta(hours=1))
        return Three(live_server, house.visitor.login, house.engineer.login,
                     house.registrar.login, house.engineer.id, house.registrar.id, ticket.number,
                     house.lead.login)


def device(page: Page) -> tuple[CDPSession, str]:
    """A device that makes passkeys and verifies its owner, and its number."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added: dict[str, Any] = session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}})
    return session, added["authenticatorId"]


def brought_along(owner: Page, screen: Page) -> None:
    """The owner's key is put to another's screen, as a stick is that one carries along."""
    session, number = device(owner)
    enrol(owner)
    (key,) = session.send("WebAuthn.getCredentials", {"authenticatorId": number})["credentials"]
    there, here = device(screen)
    there.send("WebAuthn.addCredential", {"authenticatorId": here, "credential": key})


def take(page: Page) -> None:
    """Fill in what the receiver says."""
    page.fill("[name=next_step]", "I look at the line")
    page.fill("[name=next_step_by]", "2099-01-01T10:00")


def the_others_sign(screen: Page, three: Three) -> None:
    """After the giver: the receiver by passkey and the witness by password, at the same screen."""
    expect(screen.get_by_text("1 of 3 signatures are given")).to_be_visible()
    take(screen)
    with screen.expect_navigation():
        screen.get_by_role("button", name="Pavel Orlov signs with a passkey").click()
    expect(screen.get_by_text("2 of 3 signatures are given; missing: Oleg Chernov")).to_be_visible()
    screen.get_by_label("Login of Oleg Chernov").fill(three.witness)
    screen.get_by_label("Password of Oleg Chernov").fill(PASSWORD)
    with screen.expect_navigation():
        screen.get_by_role("button", name="Sign as witness").click()
    assert three.holder() == three.receiver_id
    assert [method for _by, method in three.signatures()] == ["password", "passkey", "password"]


def test_three_sign_at_one_screen_by_password_and_by_passkey(
    open_context: Opened, three: Three
) -> None:
    screen = signed_in(open_context(), three.giver)
    brought_along(signed_in(open_context("phone"), three.receiver), screen)
    screen.goto(f"/tickets/{three.number}/moves/take?receiver={three.receiver_id}"
                f"&witness={three.witness_id}")
    screen.get_by_role("link", name="All are here").click()
    screen.fill("[name=password]", PASSWORD)
    screen.get_by_role("button", name="Sign", exact=True).click()
    the_others_sign(screen, three)


def test_three_sign_at_a_screen_where_none_of_them_is_signed_in(
    open_context: Opened, three: Three
) -> None:
    """By two passwords and a passkey, each asked by name; the lead, whose screen it is, signs
    nothing."""
    screen = signed_in(open_context("phone"), three.bystander)
    brought_along(signed_in(open_context(), three.receiver), screen)
    screen.goto(f"/tickets/{three.number}")
    screen.locator(".more-acts > summary").click()
    begin = screen.locator("a[href$='/together/take']")
    expect(begin).to_be_in_viewport(ratio=1)
    begin.click()
    screen.get_by_label("Pavel Orlov").check()
    screen.get_by_role("radio", name="Oleg Chernov", exact=True).check()
    screen.get_by_role("button", name="Go on to the statement").click()
    screen.get_by_label("Login of Anna Kim").fill(three.giver)
    screen.get_by_label("Password of Anna Kim").fill(PASSWORD)
    screen.get_by_role("button", name="Sign", exact=True).click()
    the_others_sign(screen, three)


def test_three_sign_at_three_devices_and_their_pages_follow(
    open_context: Opened, three: Three
) -> None:
    address = f"/handoffs/{three.offered()}/together"
    desk = signed_in(open_context(), three.giver)
    phone = signed_in(open_context("phone"), three.receiver)
    other = signed_in(open_context("phone", scheme="dark"), three.witness)
    for page in (desk, phone, other):
        page.goto(address)
        expect(page.get_by_text("1 of 3 signatures are given")).to_be_visible()
    desk.fill("[name=next_step]", "half a sen")
    other.fill("[name=password]", PASSWORD)
    expect(other.locator(".changes")).to_contain_text("Until then nothing changes")
    take(phone)
    phone.fill("[name=password]", PASSWORD)
    with phone.expect_navigation():
        phone.get_by_role("button", name="Sign and take").click()
    for page in (desk, other):
        news = page.get_by_text("2 of 3 signatures are given; missing: Oleg Chernov")
        expect(news).to_be_visible(timeout=TWO_SECONDS)
    expect(desk.get_by_text("This signature was given on another device")).to_be_visible()
    assert desk.input_value("[name=next_step]") == "half a sen"  # nothing was loaded anew
    assert other.input_value("[name=password]") == PASSWORD
    expect(other.locator(".changes")).to_contain_text("With your signature the ticket goes")
    with other.expect_navigation():
        other.get_by_role("button", name="Sign as witness").click()
    for page in (desk, phone):
        expect(page.get_by_text("All have signed. Ticket")).to_be_visible(timeout=TWO_SECONDS)
    assert three.holder() == three.receiver_id
    assert len(three.signatures()) == 3


def test_what_lapses_at_midnight_says_so_on_the_page_that_is_open(
    open_context: Opened, three: Three
) -> None:
    handoff = three.offered()
    phone = signed_in(open_context("phone"), three.receiver)
    phone.goto(f"/handoffs/{handoff}/accept")
    take(phone)
    phone.fill("[name=password]", PASSWORD)
    with phone.expect_navigation():
        phone.get_by_role("button", name="Sign and take").click()
    expect(phone.get_by_text("by midnight")).to_be_visible()
    with three.server.app.app_context():
        giver = db.session.get_one(Handoff, handoff).giver_id
        lapse_all_due(now=utc_now() + timedelta(days=1))
    expect(phone.get_by_text("This handoff has lapsed")).to_be_visible(timeout=TWO_SECONDS)
    assert three.holder() == giver


def test_without_scripts_each_signs_by_password_and_looks_again(
    open_context: Opened, three: Three
) -> None:
    address = f"/handoffs/{three.offered()}/together"
    desk = signed_in(open_context(java_script_enabled=False), three.giver)
    desk.goto(address)
    take(desk)
    desk.get_by_label("Login of Pavel Orlov").fill(three.receiver)
    desk.get_by_label("Password of Pavel Orlov").fill(PASSWORD)
    desk.get_by_role("button", name="Sign and take").click()
    other = signed_in(open_context(java_script_enabled=False), three.witness)
    other.goto(address)
    other.fill("[name=password]", PASSWORD)
    other.get_by_role("button", name="Sign as witness").click()
    desk.get_by_role("link", name="Look again whether the others have signed").click()
    expect(desk.get_by_text("All have signed. Ticket")).to_be_visible()
    with three.server.app.app_context():
        ticket = db.session.scalars(select(Ticket).where(Ticket.number == three.number)).one()
        assert open_handoff(ticket) is None
