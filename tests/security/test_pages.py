"""Every page as it goes out: the headers that guard it, nothing inline, and no word of anybody's
taken for a part of the page. Of the templates the same: tests/contracts/test_look.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Table, func, update
from sqlalchemy.orm import Session

from registry.api.models import ApiToken
from registry.clients.models import Client, Contact, Site
from registry.core import security
from registry.core.db import db
from registry.core.models import DayException, Job, Message
from registry.core.security import HEADERS
from registry.core.times import utc_now
from registry.imports.models import ImportRun
from registry.ledger.models import SealedText
from registry.ledger.triggers import drop_triggers
from registry.people.models import (
    Absence,
    Department,
    Person,
    Role,
    SignInAttempt,
    SignInSession,
)
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Attachment, PromiseChange, SavedView, Ticket
from registry.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.lived.house import lived_house
from tests.lived.pages import FILES, MAILS, Look, looks

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.ground.screens import Server

SignIn = Callable[[Person], Any]
Pages = Callable[[], Iterator[tuple[Look, Any]]]
HOSTILE = "\"'><img src=x onerror=alert(1)>"
# Wherever people, or programs of others, leave words that a page shows again.
WORDS: dict[Any, tuple[str, ...]] = {
    Client: ("name", "note"), Contact: ("name", "position", "phone", "email"),
    Site: ("name", "address"), Department: ("name",), Person: ("name", "email", "phone"),
    Ticket: ("summary", "description", "opinion_words", "next_step", "what_was_wrong",
             "what_was_done"),
    Handoff: ("note", "next_step", "reason"), JointAct: ("reason",), Absence: ("reason",),
    PromiseChange: ("reason",), Attachment: ("name",), SavedView: ("name",), ApiToken: ("name",),
    DayException: ("reason",), ImportRun: ("source", "file_name"), Job: ("about", "error"),
    Message: ("recipient", "subject", "text", "answer"), SignInAttempt: ("login", "address"),
    SignInSession: ("address", "device"), WebhookEndpoint: ("disabled_why",),
    WebhookDelivery: ("answer",), SealedText: ("words",)}


class Inline(HTMLParser):
    """What of a page a browser would run or draw by itself, against the policy."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("style", "iframe", "object", "embed", "base") or (
                tag == "script" and not named.get("src")):
            self.found.append(f"<{tag}>")
        for name, value in named.items():
            address = (value or "").strip().lower()
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"<{tag} {name}>")
            if name in ("src", "href", "action", "formaction") and address.startswith(
                    ("javascript:", "data:", "vbscript:", "//")):
                self.found.append(f"<{tag} {name}={value}>")


@pytest.fixture
def pages(session: Session, settings: Any, client: Any, sign_in: SignIn) -> Pages:
    """Walk all pages of the lived house, each as the person who looks at it."""
    company, places = lived_house(Path(settings.data_dir), utc_now())
    persons = company.managers | {Role.VISITOR: company.visitors[0],
                                  Role.ENGINEER: company.engineers[0]}
    at: dict[Role | None, Any] = {None: client} | {
        role: sign_in(person) for role, person in persons.items()}

    def walk() -> Iterator[tuple[Look, Any]]:
        for look in looks():
            answer = at[look.role].get(look.address.format(**places))
            assert answer.status_code == look.status, f"{look.address}: {answer.status}"
            yield look, answer

    return walk


def lacking(answer: Any) -> set[str]:
    """The headers that the answer goes out without, or otherwise than said."""
    return {name for name, value in HEADERS.items() if answer.headers.get(name) != value}


def test_every_page_goes_out_under_the_policy_and_into_no_cache(pages: Pages) -> None:
    for look, answer in pages():
        assert lacking(answer) == set(), look.address
        assert answer.headers["Cache-Control"] == "no-store", look.address
        assert answer.content_type == "text/html; charset=utf-8", look.address


def test_a_page_that_forgot_its_headers_would_be_found(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = dict(HEADERS)
    monkeypatch.setattr(security, "HEADERS", {})
    monkeypatch.setitem(HEADERS, "X-Never-Sent", "1")
    _look, answer = next(pages())
    assert lacking(answer) == {*kept, "X-Never-Sent"}


def test_the_policy_lets_nothing_run_but_our_own_files() -> None:
    said = dict(part.split(" ", 1) for part in security.POLICY.split("; "))
    assert said["default-src"] == "'none'"
    assert said["script-src"] == said["style-src"] == said["form-action"] == "'self'"
    assert said["frame-ancestors"] == said["base-uri"] == "'none'"
    assert not {"unsafe", "*", "http", "nonce"} & set(security.POLICY.replace("-", " ").split())


def test_no_page_holds_anything_inline(pages: Pages) -> None:
    assert {look.address: found for look, answer in pages()
            if (found := Inline(answer.text).found)} == {}


def make_words_hostile() -> None:
    """Behind the product's back, so that no check of what is typed stands before the pages."""
    connection: Any = db.engines[None]
    assert isinstance(connection, Connection), "take the fixture app"
    drop_triggers(connection)
    for model, columns in WORDS.items():
        table: Table = model.__table__
        for name in columns:
            column = table.c[name]
            room = getattr(column.type, "length", None) or 10_000
            db.session.execute(update(table).where(column != "").values(
                {name: func.substr(column, 1, room - len(HOSTILE)) + HOSTILE}))
    db.session.expire_all()


def test_no_word_of_anybodys_becomes_a_part_of_a_page(pages: Pages) -> None:
    make_words_hostile()
    shown = 0
    for look, answer in pages():
        assert Inline(answer.text).found == [], look.address
        shown += "onerror=alert" in answer.text
    assert shown > 60, "the words were not on the pages"


def test_without_escaping_words_would_become_parts_of_pages(
    app: Flask, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_words_hostile()
    app.jinja_env.cache.clear()
    monkeypatch.setattr(app.jinja_env, "autoescape", False)
    try:
        assert any("<img onerror>" in Inline(answer.text).found for _look, answer in pages())
    finally:
        app.jinja_env.cache.clear()


def test_files_and_answers_to_programs_are_guarded_too(
    app: Flask, session: Session, settings: Any, sign_in: SignIn
) -> None:
    company, places = lived_house(Path(settings.data_dir), utc_now())
    client = sign_in(company.managers[Role.ADMINISTRATOR])
    for address in ("/attachments/{attachment}", "/tickets/export.csv", "/tickets/export.xlsx",
                    "/clients/import/template-en.csv", "/reports/mail/{mail}.eml",
                    "/api/v1/openapi.json", "/api/v1/desk", "/api/v1/nothing", "/tickets/names",
                    "/healthz", "/readyz", "/metrics", "/evidence/verify.py",
                    "/questionnaire.pdf", "/static/favicon.svg"):
        answer = client.get(address.format(**places), buffered=True)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'"), address
        assert answer.headers["Content-Type"], address
        if not address.startswith("/static"):
            assert "no-store" in answer.headers["Cache-Control"], address
        if answer.mimetype.endswith("json"):
            assert answer.headers["Content-Disposition"] == 'attachment; filename="answer.json"'


def test_every_answer_that_is_no_page_is_looked_at_somewhere() -> None:
    """The walk above knows the pages; here what it does not know is named."""
    assert {"tickets.attachment", "tickets.export", "clients.import_template", "api.openapi",
            "reports.message_file", "admin.healthz", "admin.readyz", "admin.metrics", "static",
            "assets.asset", "evidence.program", "documents.blank"} == FILES
    assert {"reports.message_html"} == MAILS  # its policy: tests/registry/reports/test_pages.py


@pytest.mark.parametrize("policy", [security.POLICY, ""])
def test_a_browser_runs_what_was_put_into_a_page_only_without_the_policy(
    live_server: Server, browser: Browser, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    monkeypatch.setitem(HEADERS, "Content-Security-Policy", policy)
    put_in = "<script>document.title = 'taken over'</script></body>"

    @live_server.app.after_request
    def put_it_in(answer: Any) -> Any:
        if answer.mimetype == "text/html":
            answer.set_data(answer.get_data(as_text=True).replace("</body>", put_in))
        return answer

    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        page.goto("/sign-in")
        assert (page.title() == "taken over") is (not policy)
