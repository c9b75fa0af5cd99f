"""Typing a client's name in a real browser: suggestions come while one types."""

from __future__ import annotations

from registry.core.db import atomic
from tests.factories import PASSWORD, House, a_client


def signed_in(context, login):
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/")
    return page


def test_names_are_suggested_in_the_registry_and_when_logging(live_server, open_context):
    with live_server.app.app_context(), atomic():
        house = House()
        a_client("Duma Trade")
        login, client_id = house.visitor.login, house.client.id
    page = signed_in(open_context(), login)
    page.goto("/tickets")
    page.get_by_text("More filters and order").click()
    page.locator("#f-client_name").press_sequentially("volg")
    page.wait_for_selector("#f-client_name-list option[value='Volga Bank']", state="attached")
    page.goto("/tickets/new")
    page.locator("#client_name").press_sequentially("duma")
    page.get_by_role("link", name="Duma Trade").wait_for()
    page.locator("#client_name").fill("")
    page.locator("#client_name").press_sequentially("volga")
    page.get_by_role("link", name="Volga Bank").click()
    page.wait_for_url(f"**/tickets/new?client={client_id}")
