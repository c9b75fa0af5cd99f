"""Pages of reports: as it was made, any day, the list behind each number, mails, jobs."""

import base64
import hashlib
import re
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy.orm import Session

from registry.core.models import Job, Message, MessageState
from registry.core.outbox import queue_job, queue_message
from registry.reports.models import DailyReport
from registry.reports.service import keep_report, send_report
from tests.factories import NOW, House, a_ticket, offer

TUESDAY = date(2026, 11, 24)
MORNING = datetime.fromisoformat("2026-11-25T08:30+03:00")
HREF = re.compile(r'href="(/reports/daily/[0-9-]+/[a-z0-9_-]+)">([0-9]+)</a>')


@pytest.fixture(autouse=True)
def _wednesday(monkeypatch: pytest.MonkeyPatch):
    """Pages look at the clock: it is the morning after."""
    for module in ("views", "mail_views"):
        monkeypatch.setattr(f"registry.reports.{module}.utc_now", lambda: MORNING)


@pytest.fixture
def made(house: House, session: Session) -> DailyReport:
    """A report with something under every heading, mailed to its readers."""
    for days in (8, 9):
        a_ticket(house, "in_fix", now=NOW - timedelta(days=days))
    a_ticket(house, "in_fix", now=NOW - timedelta(days=1))
    a_ticket(house, "returned", now=NOW)
    offer(a_ticket(house, now=NOW), "take", house.engineer, witness=house.registrar, now=NOW)
    report = keep_report(TUESDAY, now=MORNING)
    send_report(report, now=MORNING)
    session.commit()
    return report


def test_only_its_readers_see_reports_and_only_caretakers_see_mail(house, made, sign_in):
    visitor, lead = sign_in(house.visitor), sign_in(house.lead)
    for path in ("/reports", "/reports/daily/2026-11-24", "/reports/daily/2026-11-24/new"):
        assert visitor.get(path).status_code == 403
        assert lead.get(path).status_code == 200
    for path in ("/reports/mail", "/reports/jobs", "/reports/mail/1", "/reports/mail/1.eml"):
        assert lead.get(path).status_code == 403


def test_the_page_says_what_the_mail_said(house, made, sign_in, session):
    page = sign_in(house.lead).get("/reports/daily/2026-11-24").text
    mail = session.query(Message).filter_by(recipient=house.lead.email).one()
    seen = _words(page)
    for line in mail.text.splitlines():
        if line.strip() and not line.startswith(("Each number", "You are sent")):
            assert _words(line) in seen


def test_the_page_is_shown_for_the_reader_chosen(house, made, sign_in):
    client = sign_in(house.administrator)
    for role, words in (("lead", "was offered to"), ("head_of_sales", "working days late"),
                        ("nonsense", "working days late")):
        page = client.get(f"/reports/daily/2026-11-24?for={role}").text
        assert words in _words(page).split("New ")[0]


def test_each_number_of_the_page_opens_a_list_of_just_as_many(house, made, sign_in):
    client = sign_in(house.lead)
    links = HREF.findall(client.get("/reports/daily/2026-11-24").text)
    assert len(links) >= 10
    for path, count in links:
        page = client.get(path).text
        assert page.count("<tr>") == (int(count) + 1 if int(count) else 0), path
        assert "The report said" not in page


def test_a_list_that_history_has_outgrown_says_so(house, made, sign_in, session):
    a_ticket(house, now=NOW)
    session.commit()
    page = _words(sign_in(house.lead).get("/reports/daily/2026-11-24/new").text)
    assert "New: 3" in page
    assert "The report said 2." in page


def test_a_list_is_paged_by_key(house, session, sign_in, monkeypatch):
    monkeypatch.setattr("registry.reports.views.PAGE", 2)
    numbers = [a_ticket(house, now=NOW + timedelta(minutes=each)).number for each in range(5)]
    session.commit()
    client, path, seen = sign_in(house.lead), "/reports/daily/2026-11-24/new", []
    while path:
        page = client.get(path).text
        seen += [int(each) for each in re.findall(r'<a href="/tickets/([0-9]+)">', page)]
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further.group(1).replace("&amp;", "&") if further else ""
    assert seen == numbers


def test_a_day_without_a_report_is_counted_now(house, made, sign_in):
    page = _words(sign_in(house.lead).get("/reports/daily/2026-11-23").text)
    assert "No report was made on this day." in page
    assert "accepted 1 (0)" in page


@pytest.mark.parametrize("path", [
    "/reports/daily/2026-11-25", "/reports/daily/2030-01-01", "/reports/daily/0001-01-01",
    "/reports/daily/today", "/reports/daily/2026-02-30", "/reports/daily/2026-11-24/nothing",
    "/reports/daily/2026-11-24/hands-999999",
    "/reports/daily/2026-11-24/hands-99999999999999999999",
    "/reports/mail/999", "/reports/mail/999/html", "/reports/mail/999.eml"])
def test_what_there_is_not_is_not_found(house, session, sign_in, path: str):
    session.commit()
    assert sign_in(house.administrator).get(path).status_code == 404


def test_any_day_is_found_by_its_date(house, made, sign_in):
    client = sign_in(house.lead)
    answer = client.get("/reports?day=2026-11-20")
    assert (answer.status_code, answer.location) == (303, "/reports/daily/2026-11-20")
    assert client.get("/reports?day=nonsense").status_code == 200


def test_the_list_of_reports_is_paged_by_day(house, session, sign_in, monkeypatch):
    monkeypatch.setattr("registry.reports.views.PAGE", 2)
    monkeypatch.setattr("registry.reports.queries.PAGE", 2)
    for day in (18, 19, 20, 23, 24):
        keep_report(date(2026, 11, day), now=MORNING)
    session.commit()
    client, path, seen = sign_in(house.lead), "/reports", []
    while path:
        page = client.get(path).text
        seen += re.findall(r'<a href="/reports/daily/2026-11-(\d\d)">\w+day', page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further.group(1) if further else ""
    assert seen == ["24", "23", "20", "19", "18"]


@pytest.mark.parametrize(("path", "count"), [
    ("/reports", 4), ("/reports/daily/2026-11-24", 4), ("/reports/daily/2026-11-24/broken", 13),
    ("/reports/mail", 3), ("/reports/mail/1", 2), ("/reports/jobs", 4)])
def test_the_number_of_queries_is_pinned(
        house, made, sign_in, session, count_queries, path: str, count: int):
    message = session.query(Message).first()
    client = sign_in(house.administrator)
    path = path.replace("/1", f"/{message.id}") if path == "/reports/mail/1" else path
    client.get(path)
    with count_queries() as queries:
        assert client.get(path).status_code == 200
    assert len(queries) == count, queries


def test_without_a_mail_server_the_mails_that_would_go_out_are_shown(house, made, sign_in):
    page = _words(sign_in(house.administrator).get("/reports/mail").text)
    assert "these are the mails that would go out" in page
    assert "No worker has ever run here." in page
    assert "Mails that wait 3" in page


def test_a_mail_is_shown_as_text_as_html_and_as_a_file(house, made, sign_in, session):
    message = session.query(Message).filter_by(recipient=house.director.email).one()
    message_id, text, html = message.id, message.text, message.html
    client = sign_in(house.administrator)
    assert _words(text) in _words(client.get(f"/reports/mail/{message_id}").text)
    answer = client.get(f"/reports/mail/{message_id}/html")
    assert _words(answer.text) == _words(html)
    file = client.get(f"/reports/mail/{message_id}.eml")
    assert file.headers["Content-Disposition"].startswith("attachment")
    mail = message_from_bytes(file.data, policy=policy.default)
    assert mail["To"] == house.director.email
    assert [each.get_filename() for each in mail.iter_attachments()] == ["checkpoint.txt"]


def test_the_html_of_a_mail_may_run_and_load_nothing(house, made, sign_in, session):
    message = session.query(Message).first()
    answer = sign_in(house.administrator).get(f"/reports/mail/{message.id}/html")
    allowed = answer.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert allowed.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert allowed.endswith("sandbox")
    assert "unsafe" not in allowed
    assert " style=" not in answer.text


def test_a_refused_mail_is_shown_with_its_answer_and_sent_again_by_hand(
        house, session, sign_in):
    refused = queue_message("timer", "refused", to="gone@example.org", subject="Gone", text="T",
                            now=NOW)
    refused.state, refused.tries, refused.answer = MessageState.REFUSED, 8, "550 no such mailbox"
    session.commit()
    message_id, client = refused.id, sign_in(house.administrator)
    assert "550 no such mailbox" in client.get("/reports/mail?state=refused").text
    assert client.post(f"/reports/mail/{message_id}/again").status_code == 303
    again = session.get_one(Message, message_id)
    assert (again.state, again.tries, again.due_at) == (MessageState.WAITING, 0, MORNING)


def test_a_sent_mail_is_not_sent_again(house, session, sign_in):
    sent = queue_message("timer", "sent", to="anna@example.org", subject="S", text="T", now=NOW)
    sent.state, sent.sent_at = MessageState.SENT, NOW
    session.commit()
    message_id, client = sent.id, sign_in(house.administrator)
    assert client.post(f"/reports/mail/{message_id}/again").status_code == 422
    assert "Send this mail now" not in client.get(f"/reports/mail/{message_id}").text


def test_a_job_that_was_given_up_is_shown_and_done_again_by_hand(house, session, sign_in):
    queue_job("ticket_timer", "broken", due_at=NOW, now=NOW)
    job = session.query(Job).one()
    job.given_up_at, job.tries, job.error = NOW, 8, "RuntimeError: it is broken"
    queue_job("ticket_timer", "later", due_at=MORNING + timedelta(days=1), now=NOW)
    session.commit()
    job_id, client = job.id, sign_in(house.administrator)
    page = client.get("/reports/jobs").text
    assert "RuntimeError: it is broken" in page
    assert "1 job was given up and needs a look" in page
    assert client.post(f"/reports/jobs/{job_id}/again").status_code == 303
    again = session.get_one(Job, job_id)
    assert (again.given_up_at, again.tries, again.due_at) == (None, 0, MORNING)


def test_acts_on_mail_and_jobs_are_for_caretakers_only(house, session, sign_in):
    message = queue_message("timer", "m", to="a@example.org", subject="S", text="T", now=NOW)
    queue_job("ticket_timer", "j", due_at=NOW, now=NOW)
    job = session.query(Job).one()
    session.commit()
    paths = (f"/reports/mail/{message.id}/again", f"/reports/jobs/{job.id}/again")
    client = sign_in(house.lead)
    assert [client.post(path).status_code for path in paths] == [403, 403]


def test_mails_that_are_held_are_not_counted_as_waiting(house, made, sign_in, session):
    held = session.query(Message).first()
    held.held_at = MORNING
    session.commit()
    waiting = session.query(Message).count() - 1
    page = _words(sign_in(house.administrator).get("/reports/mail").text)
    assert f"Mails that wait {waiting} · refused mails 0 · held mails 1" in page


def _words(page: str) -> str:
    """The words of a page without its marks."""
    from html import unescape

    bare = re.sub(r"<(style|title)>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", bare)).split())
