"""A handover sheet in a real browser: the giver opens ten tickets with one thumb, the receiver on
another phone, the witness from the keyboard; and all of it without scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.ledger.verify import verify
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from tests.browser.test_frame import signed_in
from tests.factories import PASSWORD, House, a_ticket
from tests.ground.screens import Server

Opened = Callable[..., BrowserContext]
TICKETS = 10
TWO_SECONDS = 2_000


@dataclass
class Places:
    """Who signs, where the sheet is made, and of what."""

    giver: str
    receiver: str
    witness: str
    new: str
    numbers: list[int]


@pytest.fixture
def places(live_server: Server) -> Places:
    """Ten tickets in the visitor's hands, for the engineer, before the chief engineer."""
    with live_server.app.app_context(), atomic():
        house = House()
        early = utc_now() - timedelta(hours=1)
        numbers = [a_ticket(house, "logged", summary=f"Slow line {each}", now=early).number
                   for each in range(TICKETS)]
        return Places(house.visitor.login, house.engineer.login, house.registrar.login,
                      f"/sheets/new?receiver={house.engineer.id}&witness={house.registrar.id}",
                      numbers)


def opening(page: Page, part: str) -> int:
    """Tap the bar's button until nothing is left to open; how many taps it took. The line that is
    opened stands in sight and has the focus."""
    taps = 0
    while page.locator(f"#{part}-next").count():
        number = page.locator(f"#{part}-next").get_attribute("value")
        place = f"#{'seen' if part == 'witness' else 'line'}-{number} .sheet-leaf > summary"
        page.locator(f"#{part}-next").click()
        expect(page.locator(place)).to_be_focused()
        expect(page.locator(place)).to_be_in_viewport()
        taps += 1
    return taps


def sign(page: Page, part: str, field: str) -> None:
    """Give the password and press the bar's one button that is left."""
    page.fill(f"#{field}", PASSWORD)
    with page.expect_navigation():
        page.locator(f"#{part}-bar button").click()


def states(server: Server) -> list[HandoffState]:
    with server.app.app_context():
        return list(db.session.scalars(select(Handoff.state)))


def test_three_people_open_each_ticket_and_sign_the_sheet(
    open_context: Opened, places: Places, live_server: Server
) -> None:
    giver = signed_in(open_context("phone"), places.giver)
    giver.goto(places.new)
    assert opening(giver, "giver") == TICKETS
    sign(giver, "giver", "password")
    code = giver.get_by_role("img", name="/sheets/")
    expect(code.locator("svg")).to_be_visible()
    address = code.get_attribute("aria-label") or ""

    receiver = signed_in(open_context("phone", scheme="dark"), places.receiver)
    receiver.goto("/sheets/" + address.rpartition("/")[2])
    assert opening(receiver, "receiver") == TICKETS
    for number in places.numbers:
        receiver.check(f"#take-{number}")
        receiver.fill(f"#next_step-{number}", "I measure it tomorrow")
        receiver.fill(f"#next_step_by-{number}", "2099-01-01T10:00")
    sign(receiver, "receiver", "receiver_password")
    follows = giver.get_by_role("heading", level=1)
    expect(follows).to_contain_text("10 wait for the witness", timeout=TWO_SECONDS)
    expect(giver.locator("#answers")).to_be_hidden()

    witness = signed_in(open_context("desk"), places.witness)
    witness.goto(receiver.url)
    for _ in places.numbers:
        witness.locator("#witness-next").focus()
        witness.keyboard.press("Enter")
        expect(witness.locator(".sheet-leaf > summary:focus")).to_be_visible()
    witness.locator("#witness_password").focus()
    witness.keyboard.type(PASSWORD)
    with witness.expect_navigation():
        witness.keyboard.press("Enter")
    expect(witness.get_by_role("heading", level=1)).to_contain_text("All are taken.")
    assert witness.get_by_text("Sign on another phone").count() == 0
    expect(follows).to_contain_text("All are taken.", timeout=TWO_SECONDS)
    expect(giver.locator("#all-states")).to_contain_text("taken by Pavel Orlov")
    expect(giver.get_by_text("Sign on another phone")).to_be_hidden()
    assert states(live_server) == [HandoffState.ACCEPTED] * TICKETS
    with live_server.app.app_context():
        holders = set(db.session.scalars(select(Ticket.holder_id)))
        assert len(holders) == 1
        assert verify(verifier=None).is_sound


def test_what_was_typed_stays_while_lines_are_opened(
    open_context: Opened, places: Places
) -> None:
    page = signed_in(open_context("phone"), places.giver)
    page.goto(places.new)
    page.fill("#password", PASSWORD)
    page.uncheck(f"#put-{places.numbers[3]}")
    assert opening(page, "giver") == TICKETS - 1
    expect(page.locator("#password")).to_have_value(PASSWORD)
    expect(page.locator(f"#put-{places.numbers[3]}")).not_to_be_checked()


def test_enter_in_a_field_signs_and_opens_nothing(
    open_context: Opened, places: Places, live_server: Server
) -> None:
    page = signed_in(open_context("desk"), places.giver)
    page.goto(places.new)
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    first = places.numbers[0]
    expect(page.locator(f"#line-{first}-reasons")).to_contain_text("nothing is signed unseen")
    expect(page.locator(".sheet-leaf")).to_have_count(0)
    assert states(live_server) == []


def test_without_scripts_it_goes_the_same_way(
    open_context: Opened, places: Places, live_server: Server
) -> None:
    page = signed_in(open_context("phone", java_script_enabled=False), places.giver)
    page.goto(places.new)
    for number in places.numbers[2:]:
        page.uncheck(f"#put-{number}")
    for left, number in ((2, places.numbers[0]), (1, places.numbers[1])):
        assert page.locator("#giver-next").count() == 1, left
        page.locator(f"#line-{number} button[name=open]").click()
        expect(page.locator(f"#line-{number} .sheet-leaf")).to_be_in_viewport()
        assert page.url.endswith(f"#line-{number}")
    expect(page.locator("#giver-next")).to_have_count(0)
    sign(page, "giver", "password")
    assert states(live_server) == [HandoffState.OFFERED] * 2
