"""Every page, every refused form and every error page, on a phone and on a desk, by day and by
lamplight, in both languages: clean under axe, no wider than the screen, one heading, a title, and
no word of the other language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from registry.clients.import_columns import HEADERS
from registry.people.demo import DEMO_LOGINS
from registry.people.models import Role
from tests.ground.screens import served, watched
from tests.lived.pages import FILES, MAILS, PAGES, PARTS, UNFINISHED, looks
from tests.lived.registry import Lived

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

# Both schemes are looked at each time; axe judges what is written once for each device.
ROUND = [("phone", "ru", True), ("phone", "en", False), ("desk", "ru", False), ("desk", "en", True)]
CONTRAST = "axe.run(document, {runOnly: ['color-contrast'], preload: false})"

FRAME = """[document.querySelectorAll('h1').length, document.title,
    document.documentElement.scrollWidth - innerWidth]"""

# Everything that is written on a page, but for what is marked as being in another language, code,
# and what stands in fields: that is people's own.
WRITTEN = """() => {
    const out = [], skip = 'script, style, code, pre, .raw, textarea, option, [lang]:not(html)';
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());)
        if (!node.parentElement.closest(skip)) out.push(node.data);
    for (const name of ['placeholder', 'aria-label', 'title', 'alt'])
        for (const each of document.querySelectorAll(`[${name}]`))
            out.push(each.getAttribute(name));
    return out;
}"""
# Sends the page's own form as it stands, past the browser's own checks.
SEND = """() => {
    const form = [...document.querySelectorAll('main form[method=post]')].find(
        (each) => each.querySelector('input:not([type=hidden]), textarea, select'));
    if (!form) throw new Error(`no form on ${location}`);
    form.noValidate = true;
    form.requestSubmit();
}"""
FOREIGN = {"ru": re.compile(r"[A-Za-z]{4,}"), "en": re.compile(r"[А-Яа-яЁё]{2,}")}
NOT_WORDS = re.compile(
    r"\S+@\S+|https?://\S+|\b[0-9a-f]{8,}\b|Europe/Moscow|checkpoint\.txt|COUNTERSIGN_\w+"
    r"|countersign \w+(?: --\w+(?: \w+)?)?|550 no such user|OSError: disk full"
    r"|incidents-0\.csv|incident_log|opened_at")
OWN_NAMES = {"Countersign", "TOML", "HTML", "Chrome", "Linux", "docx", "xlsx", "XLSX",
             "JSON", "JavaScript", "Python", "WebAuthn",
             "newcomer", "orlov"}


@pytest.fixture
def eyes(
    browser: Browser, stack: ExitStack, lived: Callable[[str], Lived],
    violations: Callable[[Page], list[str]],
) -> Callable[[str, str], Eyes]:
    """Somebody who looks at a served registry on a device in a language."""
    def open_eyes(device: str, language: str) -> Eyes:
        registry = lived(language)
        server = stack.enter_context(served(registry.make))
        opened = stack.enter_context(watched(browser))
        return Eyes(lambda: opened(server, device, "light", language), registry, violations)

    return open_eyes


class Eyes:
    """Looks at pages as the persons of the demo, and keeps what is wrong with them."""

    def __init__(self, open_context: Callable[[], BrowserContext], lived: Lived,
                 violations: Callable[[Page], list[str]]) -> None:
        self.open_context, self.lived, self.violations = open_context, lived, violations
        self.page = open_context().new_page()
        self.role: Role | None = None
        self.faults: list[str] = []

    def open(self, role: Role | None, address: str) -> int:
        """Open the address as the role; gives the status."""
        if role is not self.role:
            self._come_as(role)
        answer = self.page.goto(address.format(**self.lived.places))
        assert answer is not None
        return answer.status

    def _come_as(self, role: Role | None) -> None:
        """Begin anew at a browser that knows nobody, and sign in by one tap."""
        self.page.context.close()
        self.page, self.role = self.open_context().new_page(), role
        if role is not None:
            self.page.goto("/sign-in")
            with self.page.expect_navigation():
                self.page.click(f"button[name=login][value={DEMO_LOGINS[role]}]")

    def send(self) -> int:
        """Send the page's form as it stands; gives the status of the answer."""
        with self.page.expect_navigation() as answer:
            self.page.evaluate(SEND)
        return answer.value.status

    def judge(self, what: str, status: int, wanted: int, *, with_axe: bool = True) -> None:
        """Note everything that is wrong with the page that is open."""
        found = [*self._frame(status, wanted), *self._foreign()]
        if with_axe:
            found += [*self.violations(self.page), *self._dark()]
        self.faults += [f"{what} ({self.role}): {each}" for each in found]

    def _dark(self) -> Iterator[str]:
        self.page.emulate_media(color_scheme="dark")
        for each in self.page.evaluate(CONTRAST)["violations"]:
            for node in each["nodes"]:
                yield f"in the dark: {node['html'][:160]}"
        self.page.emulate_media(color_scheme="light")

    def tell(self) -> None:
        """Fail with everything that was noted."""
        if self.faults:
            pytest.fail("\n".join(self.faults), pytrace=False)

    def _frame(self, status: int, wanted: int) -> Iterator[str]:
        headings, title, over = self.page.evaluate(FRAME)
        if status != wanted:
            yield f"answers {status}, not {wanted}"
        if headings != 1:
            yield f"{headings} headings"
        if len(title.removesuffix(" · Countersign").strip()) < 3:
            yield f"the title is {title!r}"
        if over > 0:
            yield f"{over} px wider than the screen"

    def _foreign(self) -> Iterator[str]:
        pattern = FOREIGN[self.lived.language]
        own = OWN_NAMES | set(DEMO_LOGINS.values()) | {
            word for headers in HEADERS.values() for header in headers.values()
            for word in pattern.findall(header)}
        for text in self.page.evaluate(WRITTEN):
            words = set(pattern.findall(NOT_WORDS.sub(" ", text))) - own
            if words:
                yield f"words of another language: {text.strip()[:100]!r}"


@pytest.mark.parametrize(("device", "language", "with_axe"), ROUND)
def test_every_page_is_clean(
    eyes: Callable[[str, str], Eyes], device: str, language: str, with_axe: bool
) -> None:
    seen = eyes(device, language)
    for look in looks():
        status = seen.open(look.role, look.address)
        seen.judge(look.address, status, look.status, with_axe=with_axe)
    seen.tell()


@pytest.mark.parametrize(("device", "language"), [("phone", "ru"), ("desk", "en")])
def test_every_refused_form_says_why_and_is_clean(
    eyes: Callable[[str, str], Eyes], device: str, language: str
) -> None:
    seen = eyes(device, language)
    for role, address in UNFINISHED:
        seen.open(role, address)
        seen.judge(f"{address}, refused", seen.send(), 422)
        if not seen.page.locator("[role=alert] li, .reasons li").count():
            seen.faults.append(f"{address}: no reason is given")
    seen.tell()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_mail_stands_alone(
    browser: Browser, stack: ExitStack, lived: Callable[[str], Lived],
    violations: Callable[[Page], list[str]], language: str,
) -> None:
    registry = lived(language)
    server = stack.enter_context(served(registry.make))
    opened = stack.enter_context(watched(browser))
    # Its own policy forbids scripts, axe's too; what the policy says is tested with the reports.
    seen = Eyes(lambda: opened(server, "phone", "light", language, bypass_csp=True), registry,
                violations)
    seen.open(Role.ADMINISTRATOR, "/reports/mail/{mail}/html")
    page = seen.page
    assert page.title()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # axe takes the browser's own ground for white; in the dark it is not.
    page.evaluate("document.documentElement.style.background = 'Canvas'")
    # A mail stands in a mail program, which has the landmarks and the heading.
    of_pages = (": region: ", ": landmark-one-main: ", ": page-has-heading-one: ")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = [each for each in violations(page) if not any(rule in each for rule in of_pages)]
        assert not found, f"{scheme}: {found}"


def test_no_page_is_forgotten(app: Flask) -> None:
    known = PAGES.keys() | FILES | PARTS | MAILS
    # What programs ask for with a token is no page: its doors are in tests/registry/api.
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
             and not getattr(app.view_functions[rule.endpoint], "takes_token", False)}
    assert there - known == set(), "put these into tests/lived/pages.py"
    assert known - there == set(), "these are no pages any more"


def test_each_address_leads_to_its_page(app: Flask) -> None:
    ways = app.url_map.bind("localhost")
    named = {address: endpoint for endpoint, groups in PAGES.items() for _role, *addresses in groups
             for address in addresses}
    assert {address: ways.match(re.sub(r"{(day|earlier)}", "2026-11-24", re.sub(
        r"{(?!day|earlier)\w+}", "1", address)).partition("?")[0])[0]
        for address in named} == named
