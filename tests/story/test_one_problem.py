"""The domain's story, points 3, 4, 5 and 8, played by five persons in a real browser.

A visitor logs a problem on a phone; it passes to an engineer before the chief engineer, on to a
colleague, back to the visitor; the client says "not gone", it goes back and is mended again; the
client says "gone" and it is closed. Next morning the director reads about it in the mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
import time_machine

from registry.core.db import atomic, db
from registry.people.models import Person
from registry.worker import run_due
from tests.factories import NOW, PASSWORD, House
from tests.ground.mail import MailServer
from tests.ground.screens import Server

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

# The ticket; or, while a signature is owed, the page that three sign at in turn.
AFTER_SIGNING = re.compile(r"/(tickets/[^/]+|handoffs/\d+/together)$")
MORNING = datetime(2026, 11, 25, 5, 31, tzinfo=UTC)  # Wednesday, 08:31 in Moscow
SAYS = {
    "en": {"holder": "In the hands of", "closed": "the client checked", "lang": "en"},
    "ru": {"holder": "На руках", "closed": "клиент проверил", "lang": "ru"},
}

NUMBERS = {
    "en": {"subject": (r"24 Nov", r"\b1 new", r"\b1 returned"),
           "text": (r"New 1 \(day before 0\)", r"accepted 1\b", r"returned 1\b",
                    r"confirmed by clients 1\b", r"not gone 1\b", r"No ticket is open")},
    "ru": {"subject": (r"24 ноя", r"\b1 нов", r"\b1 возвра"),
           "text": (r"[Нн]овы\w+ 1\b", r"принят\w* 1\b", r"возвращ\w+ \D*1\b")},
}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The whole process lives on a working Tuesday; the browser's own clock does not matter."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


class Somebody:
    """One person at a browser of their own."""

    def __init__(self, page: Page, login: str) -> None:
        self.page = page
        page.goto("/sign-in")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("main form button.primary")
        page.wait_for_url("**/")

    def open(self, path: str) -> Page:
        """Go to a page."""
        self.page.goto(path)
        return self.page

    def sign(self, **fields: str) -> None:
        """Fill in what the form asks, give the password, sign."""
        for name, value in fields.items():
            self.page.fill(f"#{name}", value)
        self.page.fill("#password", PASSWORD)
        self.page.locator("form:has(#password) button.primary").click()
        self.page.wait_for_url(AFTER_SIGNING)

    def choose(self, receiver: str = "", witness: str = "") -> None:
        """Choose the parties by name before the statement is shown."""
        for part, name in (("receiver", receiver), ("witness", witness)):
            if name:
                lines = self.page.locator(f'label:has(input[name="{part}"])')
                lines.filter(has_text=name).locator("input").check()
        self.page.locator("main form button.primary").click()

    def act(self, number: str, move: str) -> None:
        """Begin a move from the ticket's page."""
        self.open(f"/tickets/{number}")
        link = self.page.locator(f'a[href$="/moves/{move}"]').first
        if not link.is_visible():
            self.page.locator(".more-acts > summary").click()
        link.click()

    def take(self, words: str, by_when: str = "2026-11-26T18:00") -> None:
        """Take the first ticket that is handed to me, from the desk."""
        self.open("/").locator('a.button[href*="/handoffs/"][href$="/accept"]').first.click()
        self.sign(next_step=words, next_step_by=by_when)

    def witness(self) -> None:
        """Witness the first handing over that waits for me."""
        self.open("/").locator('a.button[href*="/handoffs/"][href$="/witness"]').first.click()
        self.sign()

    def holder(self, number: str) -> str:
        """Who has it, as the ticket's page says."""
        return self.open(f"/tickets/{number}").locator(".whose .hand-name").first.inner_text()


@pytest.fixture
def server(serve: Callable[..., Server], clock: object, smtp_server: MailServer) -> Server:
    """The product, its mails going to a real SMTP server."""
    return serve(smtp_url=smtp_server.url)


def people_of(server: Server, language: str) -> dict[str, str]:
    """The house's people in the language; their logins by part."""
    with server.app.app_context(), atomic():
        house = House()
        for person in db.session.query(Person):
            person.language = language
        parts = ("visitor", "engineer", "other_engineer", "registrar", "director")
        return {part: getattr(house, part).login for part in parts}


def log_on_a_phone(visitor: Somebody) -> str:
    """The visitor writes the problem down at the client's; gives the ticket's number."""
    page = visitor.open("/tickets/new")
    page.fill("#client_name", "Volga")
    page.get_by_role("link", name="Volga Bank").click()
    page.fill("#summary", "Slow line")
    page.select_option("#site", index=1)
    page.select_option("#criterion", index=1)
    page.fill("#measured", "12")
    page.locator('input[name="opinion"][value="content"]').check()
    page.fill("#opinion_words", "It is fine by us")
    page.locator('form[enctype="multipart/form-data"] button.primary').click()
    page.wait_for_url("**/tickets/*")
    return page.url.rsplit("/", 1)[1]


def give_back(engineer: Somebody, number: str, registrar: Somebody, visitor: Somebody) -> None:
    """Mended: back to the originator, before the chief engineer."""
    engineer.act(number, "return")
    engineer.choose(witness="Oleg Chernov")
    engineer.sign(what_was_wrong="A worn patch cord", what_was_done="Replaced it, 64 KB/s")
    visitor.take("I call the client today", "2026-11-24T17:00")
    registrar.witness()


def record_call(visitor: Somebody, number: str, result: str, note: str) -> None:
    """The control call, written down by hand."""
    page = visitor.open(f"/tickets/{number}/check")
    page.locator(f'input[name="result"][value="{result}"]').check()
    visitor.sign(contact_name="Galina Serova", note=note)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_from_logging_to_closing_and_the_morning_mail(
    server: Server, open_context: Callable[..., BrowserContext], clock: time_machine.Traveller,
    smtp_server: MailServer, language: str,
) -> None:
    logins = people_of(server, language)

    def somebody(part: str, device: str = "desk") -> Somebody:
        context = open_context(device=device, language=language, server=server)
        return Somebody(context.new_page(), logins[part])

    visitor = somebody("visitor", "phone")
    engineer, colleague = somebody("engineer", "phone"), somebody("other_engineer")
    registrar, director = somebody("registrar"), somebody("director", "phone")
    assert visitor.page.locator("html").get_attribute("lang") == SAYS[language]["lang"]

    number = log_on_a_phone(visitor)
    visitor.act(number, "take")
    visitor.choose("Pavel Orlov", "Oleg Chernov")
    assert "12" in visitor.page.locator(".statement").inner_text()
    visitor.sign()
    assert visitor.holder(number) == "Anna Kim"

    engineer.take("I measure the line tomorrow")
    assert engineer.holder(number) == "Anna Kim"  # the witness has not signed
    registrar.witness()
    assert engineer.holder(number) == "Pavel Orlov"
    assert SAYS[language]["holder"] in engineer.page.locator(".whose").inner_text()

    engineer.act(number, "pass_on")
    engineer.choose("Ivan Sokolov")
    engineer.sign()
    colleague.take("The port is mine, I change it")
    colleague.act(number, "start")
    colleague.sign()
    give_back(colleague, number, registrar, visitor)
    assert visitor.holder(number) == "Anna Kim"

    record_call(visitor, number, "not_gone", "Slow as before")
    colleague.take("I change the port again")
    assert colleague.holder(number) == "Ivan Sokolov"
    give_back(colleague, number, registrar, visitor)
    record_call(visitor, number, "gone", "The file came in seconds")
    assert SAYS[language]["closed"] in visitor.page.locator(".whose").inner_text()

    clock.move_to(MORNING)
    with server.app.app_context():
        run_due(MORNING)
        address = db.session.query(Person).filter_by(login=logins["director"]).one().email
    [mail] = smtp_server.to(address)
    assert_mail_tells_the_day(mail, language)
    page = director.open("/reports/daily/2026-11-24")
    assert number in page.content()


def assert_mail_tells_the_day(mail: EmailMessage, language: str) -> None:
    """One ticket new, returned, once not gone, in the end confirmed; the checkpoint with it."""
    for pattern in NUMBERS[language]["subject"]:
        assert re.search(pattern, mail["Subject"]), mail["Subject"]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for pattern in NUMBERS[language]["text"]:
        assert re.search(pattern, text), text
    assert "checkpoint.txt" in [part.get_filename() for part in mail.iter_attachments()]
