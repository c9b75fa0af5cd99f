"""The morning mail: subject, the reader's first line, both parts alike, small, two languages."""

import re
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from sqlalchemy.orm import Session

from registry.clients.models import Tier
from registry.core.calendar import company_calendar
from registry.core.mail_lines import Rendered
from registry.core.models import Message
from registry.people.models import Role
from registry.reports.daily import report_data
from registry.reports.figures import listed
from registry.reports.ledger_state import ledger_as_known
from registry.reports.rendering import rendered
from registry.reports.service import keep_report, send_report
from tests.factories import NOW, House, a_client, a_ticket, offer

TUESDAY = date(2026, 11, 24)
MORNING = datetime.fromisoformat("2026-11-25T08:30+03:00")


class Blocks(HTMLParser):
    """The words of each paragraph, and each link with its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self._href = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "p":
            self.lines.append("")
        self._href = dict(attrs).get("href") or "" if tag == "a" else self._href

    def handle_endtag(self, tag):
        if tag == "a":
            self._href = ""

    def handle_data(self, data):
        if self.lines and data.strip():
            self.lines[-1] += data
            if self._href:
                self.links.append((self._href, data))


def said(line: str) -> str:
    return " ".join(line.replace("\u00a0", " ").split())


def a_days_report(now: datetime = MORNING, day: date = TUESDAY, **more) -> dict:
    return keep_report(day, now=now, **more).data


def read(data: dict, role: Role = Role.COMMERCIAL_DIRECTOR, language: str = "en") -> Rendered:
    return rendered(data, role, language)


@pytest.fixture
def busy(house: House) -> House:
    """A day with something under every heading."""
    week = NOW - timedelta(days=6)
    for number in range(9):
        a_ticket(house, "in_fix", now=week + timedelta(minutes=9 * number),
                 summary="Very slow line in the whole building, since the last storm " * 2)
    a_ticket(house, "in_fix", now=NOW - timedelta(days=1))
    a_ticket(house, "returned", now=NOW - timedelta(days=9))
    a_ticket(house, "returned", now=NOW)
    waiting = a_ticket(house, now=NOW)
    offer(waiting, "take", house.engineer, witness=house.registrar, now=NOW)
    for number in range(9):
        long = a_client(f"{'The Association of Very Long Names & Sons ' * 3}<b>{number}</b>")
        a_ticket(house, now=NOW + timedelta(minutes=number), client=long, site=None, contact=None)
    return house


def test_the_subject_carries_date_and_verdict(busy: House):
    data = a_days_report()
    assert read(data).subject == "24 Nov: 11 new, 1 returned, 9 promises broken"
    assert read(data, language="ru").subject == (
        "24 нояб.: 11 новых, 1 возвращена, 9 обещаний нарушено")


@pytest.mark.parametrize(("count", "words"), [
    (1, "1 новая"), (2, "2 новые"), (5, "5 новых"), (21, "21 новая"), (11, "11 новых")])
def test_russian_counts_as_russians_do(house: House, count: int, words: str):
    data = a_days_report()
    data["flows"]["new"][0] = count
    assert words in read(data, language="ru").subject


def test_a_quiet_day_is_reported_too(house: House):
    for language, subject, line in (
            ("en", "24 Nov: a quiet day, no promise broken",
             "A quiet day: nothing was logged, accepted, returned, closed or reopened."),
            ("ru", "24 нояб.: тихий день, обещания не нарушены",
             "Тихий день: ничего не зарегистрировано, не принято, не возвращено и не закрыто.")):
        mail = read(a_days_report(), language=language)
        assert mail.subject == subject
        assert line in mail.text.splitlines()
    assert "No ticket is open." in read(a_days_report()).text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_text_and_html_say_the_same_line_for_line(busy: House, language: str):
    for role in (Role.COMMERCIAL_DIRECTOR, Role.HEAD_OF_SALES, Role.LEAD):
        mail = read(a_days_report(), role, language)
        text = [said(line) for line in mail.text.splitlines() if line.strip()]
        assert text == [said(line) for line in Blocks(mail.html).lines]
        assert len(text) > 20


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_html_is_small_and_needs_nothing_from_outside(busy: House, language: str):
    mail = read(a_days_report(), language=language)
    assert len(mail.html.encode()) < 15_000
    blocks = Blocks(mail.html)
    assert not blocks.tags & {"img", "script", "link", "iframe", "form", "button", "input"}
    assert "url(" not in mail.html
    assert "background" not in mail.html
    assert 'name="color-scheme" content="light dark"' in mail.html


def test_names_of_clients_are_words_and_no_markup(busy: House):
    html = read(a_days_report(), Role.LEAD).html
    assert "&amp; Sons" in html
    assert "<b>" not in html


def test_the_mails_lines_are_those_of_the_plan(busy: House):
    text = said(read(a_days_report()).text)
    assert re.search(
        r"New 11 \(day before 1\) · accepted 1 \(1\) · returned 1 \(0\) · "
        r"confirmed by clients 0 \(0\) · not gone 0 \(0\) "
        r"Promises broken 9: 1 Volga Bank · Pavel Orlov · promised 20 Nov 10:41 · "
        r"3 working days late · I measure the line tomorrow", text), text
    assert "and 3 more" in text
    assert "In danger, due within one working day 1: 10 Volga Bank · Pavel Orlov · promised" in text
    assert "Nobody has taken 10: 13 Volga Bank · offered to Pavel Orlov · 7 h 14 The" in text
    assert "Open 22, in the hands of: Anna Kim 12, Pavel Orlov 10." in text


def test_a_number_that_was_broken_on_the_day_is_told_apart(house: House):
    a_ticket(house, "in_fix", now=NOW - timedelta(days=9))
    a_ticket(house, "in_fix", now=NOW - timedelta(days=2))
    assert "Promises broken 2 (1 of them since the day before):" in said(
        read(a_days_report()).text)


def test_the_director_hears_of_the_worst_promise_to_a_key_client(house: House):
    assert first_line(house, Role.COMMERCIAL_DIRECTOR) == "For you: nothing needs you today."
    ordinary = a_client("Neva", tier=Tier.ORDINARY)
    a_ticket(house, "in_fix", now=NOW - timedelta(days=60), client=ordinary, site=None,
             contact=None)
    assert " of Neva is " in first_line(house, Role.COMMERCIAL_DIRECTOR)
    ticket = a_ticket(house, "in_fix", now=NOW - timedelta(days=8))
    assert first_line(house, Role.COMMERCIAL_DIRECTOR) == (
        f"For you: ticket No. {ticket.number} of Volga Bank is 5 working days late, in the hands "
        "of Pavel Orlov. No warning to the client is on record.")


def test_the_head_of_sales_hears_of_any_broken_promise_then_of_clients_not_called(house: House):
    returned = a_ticket(house, "returned", now=NOW - timedelta(days=8))
    assert first_line(house, Role.HEAD_OF_SALES) == (
        f"For you: ticket No. {returned.number} of Volga Bank was mended 7 working days ago, and "
        "the client's check is not on record. It is with Anna Kim.")
    ordinary = a_client("Neva", tier=Tier.ORDINARY)
    late = a_ticket(house, "in_fix", now=NOW - timedelta(days=8), client=ordinary, site=None,
                    contact=None)
    assert f"ticket No. {late.number} of Neva is" in first_line(house, Role.HEAD_OF_SALES)


def test_the_lead_hears_of_what_nobody_has_taken(house: House):
    first = a_ticket(house, now=NOW - timedelta(days=1))
    a_ticket(house, now=NOW)
    assert first_line(house, Role.LEAD) == (
        f"For you: ticket No. {first.number} of Volga Bank has waited 2 working days for an "
        "engineer to take it. It is with Anna Kim.")


def test_the_lead_hears_to_whom_it_was_offered(house: House):
    ticket = a_ticket(house, "in_fix", now=NOW - timedelta(days=3))
    offer(ticket, "pass_on", house.other_engineer, now=NOW)
    assert first_line(house, Role.LEAD) == (
        f"For you: ticket No. {ticket.number} of Volga Bank was offered to Ivan Sokolov and has "
        "waited 7 h for an answer.")


def first_line(house: House, role: Role) -> str:
    """The first line of a report that is made afresh."""
    data = report_data(TUESDAY, ledger_as_known(), now=MORNING)
    return said(read(data, role).text.splitlines()[0])


def test_each_number_of_the_mail_opens_exactly_the_list_that_it_counts(busy: House):
    links = Blocks(read(a_days_report()).html).links
    counted = 0
    for href, words in links:
        path = urlsplit(href).path
        if "/reports/daily/" in path and words.strip().isdigit():
            day, what = path.split("/")[-2:]
            assert len(listed(date.fromisoformat(day), what)) == int(words), path
            counted += 1
    assert counted == 5 + 3 + 1 + 2


def test_each_reader_is_mailed_once_in_their_own_language(house: House, session: Session):
    house.lead.language = "ru"
    report = keep_report(TUESDAY, now=MORNING)
    first, second = send_report(report, now=MORNING), send_report(report, now=MORNING)
    assert set(first.queued) == {"Denis Volkov", "Nina Frolova", "Lev Gromov"}
    assert second.queued == ()
    mails = {mail.recipient: mail for mail in session.query(Message)}
    assert len(mails) == 3
    assert mails[house.lead.email].subject.startswith("24 нояб.")
    assert mails[house.director.email].subject.startswith("24 Nov")


def test_who_left_or_has_no_address_is_not_mailed(house: House):
    house.lead.is_active = False
    house.director.email = ""
    sending = send_report(keep_report(TUESDAY, now=MORNING), now=MORNING)
    assert sending.queued == ("Nina Frolova",)
    assert sending.unreachable == ("Denis Volkov",)


def test_the_checkpoint_of_the_ledger_is_attached_and_named(house: House, session: Session):
    a_ticket(house, now=NOW)
    report = keep_report(TUESDAY, now=MORNING)
    send_report(report, now=MORNING)
    mail = session.query(Message).first()
    assert mail.attachments == [
        {"name": "checkpoint.txt", "media_type": "text/plain", "text": report.note}]
    assert report.note.splitlines()[1] == str(report.data["ledger"]["size"])
    assert f"The attached checkpoint covers {report.data['ledger']['size']}." in mail.text


def test_a_report_stays_as_it_was_made(house: House):
    made = keep_report(TUESDAY, now=MORNING)
    a_ticket(house, now=NOW)
    assert keep_report(TUESDAY, now=MORNING + timedelta(days=1)) is made
    assert made.data["flows"]["new"] == [0, 0]


def test_a_report_of_another_year_says_the_year(house: House):
    data = a_days_report(day=date(2025, 12, 30))
    assert read(data).subject.startswith("30 Dec 2025: ")
    assert data["before"] == "2025-12-29"


def test_the_free_days_of_the_new_year_are_told(house: House):
    day = date(2026, 12, 30)
    a_ticket(house, now=company_calendar().at(date(2027, 1, 2), 12 * 60))
    data = a_days_report(datetime.fromisoformat("2027-01-11T08:30+03:00"), day)
    assert "Free day Sat 2 Jan: new 1" in said(read(data).text)


def test_what_is_late_says_so_and_why(house: House):
    late = {"code": "worker_down", "due_at": "2026-11-25T05:30:00+00:00",
            "found_at": "2026-11-25T08:00:00+00:00", "seen_at": "2026-11-24T20:00:00+00:00"}
    made = datetime.fromisoformat("2026-11-25T11:00+03:00")
    mail = read(a_days_report(made, late=late))
    assert mail.subject.startswith("24 Nov (late): ")
    assert said(mail.text.splitlines()[0]) == (
        "This report is late: it was due on 25 Nov 08:30 and made on 25 Nov 11:00. "
        "No worker ran from 24 Nov 23:00 to 25 Nov 11:00.")
