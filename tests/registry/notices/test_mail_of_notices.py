"""The mail itself: both parts line for line, in the reader's language, sent by a real server; on a
phone it stands in its width, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.notices.listening import note_entry
from registry.tickets import chain
from registry.tickets.handoffs import decline_handoff
from registry.tickets.promises import change_promise
from registry.worker import run_due
from tests.factories import NOW, House, a_ticket, accept, offer
from tests.ground.mail import MailServer
from tests.registry.notices.conftest import QUARTER, Told
from tests.registry.notices.test_stories import DAY, HOUR, in_fix, offered, settle

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def full_mail(house: House, told: Told) -> Callable[[str], Any]:
    """A mail with something in several parts, in a language."""

    def full_mail(language: str) -> Any:
        house.engineer.language = language
        ticket = in_fix(house)
        settle(told)
        change_promise(ticket, NOW + 2 * HOUR, reason="Parts come", by=house.engineer, now=NOW)
        offered(house, note="Старый кабель & <b>вода</b>", now=NOW + HOUR)
        offer(a_ticket(house), "take", house.engineer, witness=house.registrar, now=NOW + HOUR)
        return told(house.engineer, NOW + HOUR + QUARTER)[-1]

    return full_mail


@pytest.mark.parametrize(("language", "subject"), [
    ("en", "2 handoffs wait for your signature, 1 promise near"),
    ("ru", "Вашей подписи ждут 2 передачи, скоро срок: 1 обещание"),
])
def test_the_subject_tells_all_in_the_readers_language(
    full_mail: Callable[[str], Any], language: str, subject: str
) -> None:
    mail = full_mail(language)
    assert mail.subject == subject
    assert mail.language == language


@pytest.mark.parametrize("language", ["en", "ru"])
def test_text_and_html_say_the_same_line_for_line(
    full_mail: Callable[[str], Any], language: str
) -> None:
    mail = full_mail(language)
    lines = [" ".join(unescape(re.sub(r"<[^>]+>", "", each)).split())
             for each in re.findall(r"<p[^>]*>(.*?)</p>", mail.html, re.DOTALL)]
    assert lines == [" ".join(each.split()) for each in mail.text.splitlines() if each.strip()]


def test_nothing_in_the_mail_acts_or_comes_from_outside(full_mail: Callable[[str], Any]) -> None:
    mail = full_mail("en")
    for tag in ("<form", "<button", "<img", "<script", "<link", "<b>", "password"):
        assert tag not in mail.html
    links = set(re.findall(r'href="([^"]+)"', mail.html))
    assert links == set(re.findall(r"http://\S+", mail.text)) | {
        each for each in links if re.fullmatch(r"http://127\.0\.0\.1:8000/tickets/\d+", each)}
    assert "http://127.0.0.1:8000/account/mail" in links


def test_a_mail_server_takes_it(
    app: Flask, house: House, session: Session, smtp_server: MailServer
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], smtp_url=smtp_server.url)
    handoff = offered(house)
    session.commit()
    run_due(NOW + QUARTER)
    [mail] = smtp_server.to(house.engineer.email)
    assert f"No. {handoff.ticket.number}" in mail["Subject"]
    assert {part.get_content_type() for part in mail.walk()} == {
        "multipart/alternative", "text/plain", "text/html"}


def test_many_lines_of_one_sheet_are_one_line(house: House, told: Told, session: Session) -> None:
    from registry.tickets.handoff_models import HandoverSheet

    sheet = HandoverSheet(giver_id=house.visitor.id, receiver_id=house.engineer.id,
                          purpose="daily", created_at=NOW)
    session.add(sheet)
    session.flush()
    for _count in range(3):
        offered(house).sheet_id = sheet.id
    [mail] = told(house.engineer)
    assert mail.subject == "3 handoffs wait for your signature"
    assert f"Handover sheet {sheet.id} · 3 tickets · Volga Bank · from Anna Kim" in mail.text
    assert f"/sheets/{sheet.id}" in mail.html


@pytest.mark.parametrize("act", ["offer", "accept", "decline"])
def test_an_act_pays_one_query_for_all_its_notices(
    house: House, session: Session, monkeypatch: pytest.MonkeyPatch, act: str,
    count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    acts = {
        "offer": lambda ticket: offered(house, ticket),
        "accept": lambda handoff: accept(handoff, now=NOW + HOUR),
        "decline": lambda handoff: decline_handoff(handoff, reason="No", by=house.engineer,
                                                   now=NOW + HOUR),
    }

    def cost() -> list[str]:
        subject = a_ticket(house) if act == "offer" else offered(house)
        session.flush()
        with count_queries() as queries:
            acts[act](subject)
            session.flush()
        return queries

    cost()  # what is read once is read
    telling = cost()
    monkeypatch.setattr(chain, "LISTENERS",
                        [each for each in chain.LISTENERS if each is not note_entry])
    silent = cost()
    assert len([each for each in telling if "INSERT INTO notice" in each]) == 1
    assert len(telling) == len(silent) + 1, telling


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_on_a_phone_the_mail_stands_in_its_width(
    full_mail: Callable[[str], Any], browser: Browser, language: str, scheme: Any
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    try:
        page.set_content(full_mail(language).html)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        ink = page.evaluate("getComputedStyle(document.querySelector('.danger')).color")
        assert ink == {"light": "rgb(138, 82, 0)", "dark": "rgb(240, 184, 96)"}[scheme]
    finally:
        page.close()


def test_a_mail_of_a_hundred_things_ends_with_how_many_more(house: House, told: Told) -> None:
    for _count in range(33):
        offered(house)
    [mail] = told(house.engineer, NOW + DAY)
    assert mail.text.count("from Anna Kim") == 30
    assert "and 3 more" in mail.text
