"""Every page of clients in a real browser: clean under axe, no wider than the screen; a list is
brought in by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from registry.clients.criteria import ensure_criteria
from registry.clients.models import Tier
from registry.core.db import atomic
from registry.core.tables import write_csv
from registry.people.models import Role
from tests.factories import PASSWORD, a_client, a_contact, a_person, a_site
from tests.ground.screens import Server

PAGES = ("/clients", "/clients?q=nothing", "/clients/1", "/clients/1/edit", "/clients/1/persons",
         "/clients/1/contacts/new", "/clients/1/sites/new", "/clients/contacts/1", "/clients/new",
         "/clients/sites", "/clients/sites/1", "/clients/sites/3/edit", "/clients/criteria",
         "/clients/criteria/1", "/clients/import")
LIST = [["Client", "Tier", "Contact", "Fed by", "Site"],
        ["Volga Bank", "ordinary", "Ivan", "Building 1", "Store"],
        ["Duma", "key", "Galina", "", ""]]


@pytest.fixture
def login(live_server: Server) -> str:
    """The login of a person who may do everything with clients, of whom there are two."""
    with live_server.app.app_context(), atomic():
        ensure_criteria()
        lead = a_person(Role.LEAD, login="gromov", name="Lev Gromov")
        client = a_client("Volga Bank", tier=Tier.KEY, note="By the yard.\nRing twice.")
        client.persons = [lead]
        a_contact(client, name="Galina Serova", position="chief accountant",
                  phone="+7 495 123-45-67", email="serova@example.org", is_key=True)
        a_contact(client, name="Ivan Long-Winded of the Very Long Name", is_active=False)
        core = a_site(name="Core", address="Butlerova 7")
        building = a_site(name="Building 1", fed_by_id=core.id)
        a_site(client, name="Head office", fed_by_id=building.id)
        a_site(a_client("Insurance Company of the North-Western Metallurgical Works"))
        return lead.login


def signed_in(context: BrowserContext, login: str) -> Page:
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


@pytest.mark.parametrize(("device", "scheme", "language"), [
    ("phone", "dark", "ru"), ("desk", "light", "en")])
def test_every_page_is_clean_and_fits(
    open_context: Callable[..., BrowserContext], violations: Callable[[Page], list[str]],
    login: str, device: str, scheme: str, language: str
) -> None:
    page = signed_in(open_context(device, scheme, language, bypass_csp=True), login)
    for address in PAGES:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


def test_a_list_is_brought_in_by_hand(
    open_context: Callable[..., BrowserContext], violations: Callable[[Page], list[str]],
    login: str, tmp_path: Path
) -> None:
    page = signed_in(open_context("phone", bypass_csp=True), login)
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_bytes(write_csv([*LIST, ["Duma", "vip", "", "", ""]]))
    good.write_bytes(write_csv(LIST))
    page.goto("/clients/import")
    page.set_input_files("#file", bad)
    page.get_by_role("button", name="Look what it would do").click()
    assert page.get_by_text("1 place in the list has to be mended").is_visible()
    assert violations(page) == []
    page.set_input_files("#file", good)
    page.get_by_role("button", name="Look what it would do").click()
    page.wait_for_url("**/clients/import/*")
    assert page.get_by_text("Tier: ordinary, before: key").is_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Enter all of this").click()
    page.wait_for_url("**/clients")
    assert page.get_by_text("The list is in: 1 new client.").is_visible()
    assert page.get_by_role("link", name="Duma").is_visible()
