"""The frame of every page in a real browser: theme, language, menus, skip link, room on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from registry.core.db import atomic
from registry.people.models import Role
from tests.factories import PASSWORD, a_person
from tests.ground.screens import Server

Opened = Callable[..., BrowserContext]
ROUND = [("phone", "light", "ru"), ("phone", "dark", "en"), ("desk", "light", "en"),
         ("desk", "dark", "ru")]


@pytest.fixture
def administrator(live_server: Server) -> str:
    """The login of a person who sees every way through the product."""
    with live_server.app.app_context(), atomic():
        return a_person(Role.ADMINISTRATOR, Role.LEAD, login="zimina", name="Rita Zimina").login


def signed_in(context: BrowserContext, login: str) -> Page:
    """A page of the person, on the desk."""
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


def ground(page: Page) -> str:
    """The colour on which the page is written."""
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def test_a_chosen_theme_is_drawn_by_the_server_from_then_on(
    open_context: Opened, administrator: str
) -> None:
    page = signed_in(open_context(scheme="light"), administrator)
    by_day = ground(page)
    page.click(".head-menu > summary")
    page.click("[data-theme-choice=dark]")
    by_lamplight = ground(page)
    assert by_lamplight != by_day
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"
    assert ground(page) == by_lamplight
    page.click(".head-menu > summary")
    page.click("[data-theme-choice='']")
    page.reload()
    assert page.get_attribute("html", "data-theme") is None
    assert ground(page) == by_day


def test_the_language_is_chosen_before_signing_in_and_keeps_the_page(
    open_context: Opened, live_server: Server
) -> None:
    page = open_context(language="en").new_page()
    page.goto("/sign-in")
    assert page.get_attribute("html", "lang") == "en"
    with page.expect_navigation():
        page.click("button[name=language][value=ru]")
    assert page.get_attribute("html", "lang") == "ru"
    assert page.url == f"{live_server.url}/sign-in"
    assert page.get_attribute("button[name=language][value=ru]", "aria-pressed") == "true"


def test_a_menu_opens_by_the_keyboard_and_closes_by_escape(
    open_context: Opened, administrator: str
) -> None:
    page = signed_in(open_context(), administrator)
    page.focus(".head-menu > summary")
    page.keyboard.press("Enter")
    assert page.is_visible(".menu-sheet")
    page.keyboard.press("Escape")
    assert not page.is_visible(".menu-sheet")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_first_tab_leads_past_the_head(open_context: Opened, administrator: str) -> None:
    page = signed_in(open_context(), administrator)
    page.goto("/nowhere")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_without_javascript_one_may_go_everywhere_and_out(
    open_context: Opened, administrator: str
) -> None:
    page = signed_in(open_context(device="phone", java_script_enabled=False), administrator)
    page.click(".head-menu > summary")
    assert not page.is_visible("[data-themes]")
    with page.expect_navigation():
        page.click(".head-menu form:last-child button")
    assert page.url.endswith("/sign-in")


@pytest.mark.parametrize(("device", "scheme", "language"), ROUND)
def test_the_frame_with_its_menu_open_is_clean_and_fits(
    open_context: Opened, administrator: str, violations: Callable[[Page], list[str]],
    device: str, scheme: str, language: str,
) -> None:
    page = signed_in(open_context(device, scheme, language), administrator)
    page.goto("/nowhere")
    page.click(".head-menu > summary")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_letters_are_ours(open_context: Opened, live_server: Server) -> None:
    page = open_context().new_page()
    page.goto("/sign-in")  # the face comes with the second page
    page.goto("/sign-in")
    loaded = page.evaluate("""async () => {
        const faces = await document.fonts.load('16px "PT Sans"', 'Заявка ticket 1042');
        return faces.map((face) => face.status);
    }""")
    assert loaded == ["loaded", "loaded"]
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith('"PT Sans"')
