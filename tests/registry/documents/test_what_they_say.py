"""What each paper says: gathered from the history, in the reader's language, by no clock."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from registry.core.db import db
from registry.documents import service
from registry.documents.extract import extract_of
from registry.documents.models import Kind
from registry.documents.press import Sheetful, press
from registry.documents.questionnaire import filled_questionnaire
from registry.documents.service import enter_document, set_document
from registry.documents.sheet_paper import sheet_paper_of
from registry.documents.week import week_of
from registry.ledger.entries import entries_of
from registry.people.models import Role
from registry.people.service import set_roles
from registry.tickets.handoff_models import HandoffState
from registry.tickets.handoffs import withdraw_handoff, witness_handoff
from registry.tickets.sheet_queries import handoffs_on
from registry.tickets.sheets import Answer, Line, answer_sheet, offer_sheet
from registry.tickets.signed_entries import PARTIES, signatures_on
from registry.tickets.visits import tickets_of, visit_of
from tests.factories import NOW, House, a_signing, a_ticket, move
from tests.registry.documents.papers import ADDRESS, codes_of, opened, text_of

LATER = NOW + timedelta(days=3)


def flat(value: object) -> str:
    """Every text of the data, one a line."""
    if isinstance(value, dict):
        return "\n".join(map(flat, value.values()))
    return "\n".join(map(flat, value)) if isinstance(value, list) else str(value)


class TestAnExtract:
    def test_it_tells_every_entry_with_every_signature(self, house: House) -> None:
        ticket = a_ticket(house, "returned")
        data = extract_of(ticket).data
        entries = entries_of(ticket.chain)
        told = data["history"]["entries"]
        assert [each["no"] for each in told] == [str(each.seq) for each in entries]
        assert [each["seal"] for each in told] == [each.hash[:8] for each in entries]
        signed = [each for entry in told for each in entry["signatures"]]
        assert [each["name"] for each in signed] == [
            "Anna Kim", "Pavel Orlov", "Oleg Chernov", "Pavel Orlov", "Pavel Orlov", "Anna Kim",
            "Oleg Chernov"]
        assert signed[0]["role"] == "visitor"
        assert signed[0]["meaning"] == "“I hand this ticket over”"
        assert signed[0]["rest"].startswith("24 November 2026, 10:41 · by password · statement ")

    def test_it_tells_how_the_ticket_stands_and_what_was_found(self, house: House) -> None:
        said = flat(extract_of(a_ticket(house, "in_fix")).data)
        for words in ("In the hands of Pavel Orlov since 24 November 2026, 10:41.",
                      "Speed from our server: 12\u00a0KB/s, norm ≥ 30\u00a0KB/s",
                      "It is fine by us", "Volga Bank, Head office, Lenina 5",
                      "http://127.0.0.1:8000/tickets/"):
            assert words in said

    def test_it_carries_the_whole_seal_of_the_last_entry(self, house: House) -> None:
        ticket = a_ticket(house, "accepted")
        assert ticket.head_hash in flat(extract_of(ticket).data["closing"])

    def test_another_entry_is_another_paper(self, house: House) -> None:
        ticket = a_ticket(house, "accepted")
        before = extract_of(ticket)
        move(ticket, "start", now=NOW + timedelta(hours=1))
        assert extract_of(ticket).mark != before.mark

    def test_it_speaks_the_language_in_force(self, house: House) -> None:
        ticket = a_ticket(house, "returned")
        with force_locale("ru"):
            sheetful = extract_of(ticket)
        assert sheetful.language == "ru"
        said = flat(sheetful.data)
        assert "История: каждая запись с подписями" in said
        assert "специалист по визитам" in said

    def test_erased_words_are_gone_from_the_paper(self, house: House) -> None:
        from registry.ledger.entries import content_of, erase

        ticket = a_ticket(house, summary="Ivan complained")
        seal = content_of(entries_of(ticket.chain)[0])["summary"]
        erase(ticket, [seal], by="system", at=NOW, reason="law")
        ticket.summary = ""
        db.session.flush()
        said = flat(extract_of(ticket).data)
        assert "Ivan complained" not in said
        assert "erased by law" in said

    def test_a_longer_chain_costs_no_more_queries(self, house: House, count_queries: Any) -> None:
        short, long = a_ticket(house, "logged"), a_ticket(house, "returned")
        extract_of(short)
        counts = []
        for ticket in (short, long):
            with count_queries() as queries:
                extract_of(ticket)
            counts.append(len(queries))
        assert counts[1] <= counts[0] + 1


class TestASheet:
    @pytest.fixture
    def sheet(self, house: House) -> Any:
        """Three lines: one taken, one left out, one that waits."""
        tickets = [a_ticket(house, summary=f"Line {number}") for number in range(3)]
        sheet = offer_sheet([Line(each, "take", note="Look at the panel") for each in tickets],
                            receiver=house.engineer, witness=house.registrar, purpose="visit",
                            by=house.visitor, signing=a_signing(house.visitor), now=NOW)
        taken, left, _ = handoffs_on(sheet)
        answer_sheet([Answer(taken, True, "I change the cord", LATER.isoformat()),
                      Answer(left, False, reason="Not my site")], by=house.engineer,
                     signing=a_signing(house.engineer), now=NOW + timedelta(minutes=5))
        return sheet

    def test_each_line_shows_who_has_signed_and_who_has_not(self, sheet: Any) -> None:
        lines = sheet_paper_of(sheet).data["lines"]
        shown = [[cell["name"] or cell["none"] for cell in line["signatures"]] for line in lines]
        assert shown == [["Anna Kim", "Pavel Orlov", "not signed yet"], ["Anna Kim", "—", "—"],
                         ["Anna Kim", "not signed yet", "not signed yet"]]
        assert lines[0]["signatures"][1]["lines"][:3] == [
            "engineer", "“I take this ticket into my hands”", "24 Nov 2026 10:45"]
        assert lines[1]["outcome"] == "left out: Not my site"

    def test_it_says_what_stands_in_the_signed_words(self, sheet: Any) -> None:
        said = flat(sheet_paper_of(sheet).data)
        for words in ("Look at the panel", "I change the cord, by 27 November 2026, 10:40",
                      "after visits", "Oleg Chernov"):
            assert words in said

    def test_its_code_leads_to_its_page_until_all_have_signed(self, sheet: Any) -> None:
        """Then there is nothing to sign, and it leads to whether the paper is genuine."""
        waits = sheet_paper_of(sheet)
        assert waits.data["address"].endswith(f"/sheets/{sheet.id}")
        assert codes_of(opened(waits)) == [f"http://127.0.0.1:8000/sheets/{sheet.id}"]
        for each in handoffs_on(sheet):
            if each.state is HandoffState.OFFERED:
                withdraw_handoff(each, by=each.giver, now=NOW + timedelta(minutes=6))
        done = sheet_paper_of(sheet)
        assert codes_of(opened(done)) == [ADDRESS]
        assert "to verify this paper" in flat(done.data)
        assert "to sign" not in flat(done.data)

    def test_it_is_the_same_whatever_roles_people_have_later(
            self, sheet: Any, house: House) -> None:
        before = sheet_paper_of(sheet)
        for person in (house.visitor, house.engineer, house.registrar):
            set_roles(person, {Role.LEAD}, by=house.administrator, now=LATER)
        db.session.expire_all()
        after = sheet_paper_of(sheet)
        assert after.mark == before.mark
        assert press(after, ADDRESS) == press(before, ADDRESS)

    def test_more_lines_cost_no_more_queries(self, house: House, count_queries: Any) -> None:
        def of(count: int) -> int:
            sheet = offer_sheet([Line(a_ticket(house), "take") for _ in range(count)],
                                receiver=house.engineer, witness=house.registrar, by=house.visitor,
                                purpose="work", signing=a_signing(house.visitor), now=NOW)
            db.session.flush()
            with count_queries() as queries:
                sheet_paper_of(sheet)
            return len(queries)

        of(1)
        assert of(12) <= of(2)


class TestAWeek:
    def test_its_lines_are_comings_changes_of_hands_and_ends(self, house: House) -> None:
        a_ticket(house, "returned")
        data = week_of(date(2026, 11, 26)).data
        assert [line["hands"] for line in data["lines"]] == [
            "Logged by Anna Kim", "Anna Kim → Pavel Orlov", "Pavel Orlov → Anna Kim"]
        assert [line["state"] for line in data["lines"]] == [
            "logged", "accepted", "returned"]
        assert [each["name"] for each in data["lines"][1]["signatures"]] == [
            "Anna Kim", "Pavel Orlov", "Oleg Chernov"]
        assert data["standing"] == "1 ticket came · 2 changed hands · 0 ended"

    def test_it_begins_and_ends_at_midnight_of_the_companys_clock(self, house: House) -> None:
        monday = datetime(2026, 11, 29, 21, 0, tzinfo=UTC)  # Monday 30 November 0:00 in Moscow
        for number, at in enumerate((monday - timedelta(seconds=1), monday)):
            a_ticket(house, summary=f"Ticket {number}", now=at)
        found = [[line["what"] for line in week_of(day).data["lines"]]
                 for day in (date(2026, 11, 23), date(2026, 11, 29), date(2026, 11, 30))]
        assert found == [["Ticket 0"], ["Ticket 0"], ["Ticket 1"]]

    def test_a_week_without_a_line_is_a_paper_too(self, house: House) -> None:
        sheetful = week_of(date(2026, 1, 7))
        assert sheetful.data["lines"] == []
        assert set_document(Kind.WEEK, "week:2026-01-05", sheetful).pdf.startswith(b"%PDF")

    def test_what_one_paper_cannot_hold_is_said(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("registry.documents.week.MOST_LINES", 2)
        for _ in range(3):
            a_ticket(house)
        data = week_of(NOW.date()).data
        assert len(data["lines"]) == 2
        assert "these are its first 2" in flat(data["closing"])

    def test_moves_that_are_not_told_take_no_room_of_those_that_are(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However many there are, every line is there, or the paper says that it is not whole."""
        monkeypatch.setattr("registry.documents.week.MOST_LINES", 3)
        ticket = a_ticket(house, "on_hold")
        move(ticket, "resume", now=NOW + timedelta(hours=1))
        move(ticket, "hold", now=NOW + timedelta(hours=2), reason="A part is missing",
             fields={"until": LATER.isoformat()})
        move(ticket, "resume", now=NOW + timedelta(hours=3))
        a_ticket(house, summary="After all that", now=NOW + timedelta(hours=8))
        data = week_of(NOW.date()).data
        assert [line["what"] for line in data["lines"]] == [
            ticket.summary, ticket.summary, "After all that"]
        assert "these are its first" not in flat(data["closing"])


@pytest.mark.parametrize("state", ["logged", "accepted", "on_hold", "returned"])
def test_no_word_of_any_paper_follows_the_clock(
        house: House, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = a_ticket(house, state)
    sheet = offer_sheet([Line(a_ticket(house), "take")], receiver=house.engineer,
                        witness=house.registrar, purpose="visit", by=house.visitor,
                        signing=a_signing(house.visitor), now=NOW)

    def papers() -> list[Sheetful]:
        return [extract_of(ticket), sheet_paper_of(sheet), week_of(NOW.date()),
                filled_questionnaire(tickets_of(visit_of(ticket)))]

    before = papers()
    later = datetime(2031, 5, 5, tzinfo=UTC)
    for module in [each for name, each in sys.modules.items() if name.startswith("registry.")]:
        if hasattr(module, "utc_now"):
            monkeypatch.setattr(module, "utc_now", lambda: later)
    assert papers() == before


@pytest.mark.parametrize("paper", ["extract", "sheet", "week"])
def test_a_signature_is_shown_with_its_six_parts(house: House, paper: str) -> None:
    """Name, role, meaning, time, method, and the beginning of the statement's hash."""
    ticket = a_ticket(house)
    sheet = offer_sheet([Line(ticket, "take")], receiver=house.engineer, witness=house.registrar,
                        purpose="visit", by=house.visitor, signing=a_signing(house.visitor),
                        now=NOW)
    (handoff,) = handoffs_on(sheet)
    answer_sheet([Answer(handoff, True, "I change the cord", LATER.isoformat())],
                 by=house.engineer, signing=a_signing(house.engineer), now=NOW)
    witness_handoff(handoff, by=house.registrar, signing=a_signing(house.registrar), now=NOW)
    sheetful = {"extract": lambda: extract_of(ticket), "sheet": lambda: sheet_paper_of(sheet),
                "week": lambda: week_of(NOW.date())}[paper]()
    shown = [flat(each) for each in signatures_in(sheetful.data)]
    set_text = text_of(opened(sheetful))
    lines = signatures_on(handoff)
    assert len(shown) == len(lines) == 3
    for line, said in zip((lines[part] for part in PARTIES), shown, strict=True):
        for part in (line.name, line.role, line.meaning, "10:40", line.method, line.short):
            assert part
            assert part in said
            assert part.replace(" ", "") in set_text


def signatures_in(data: Any) -> Iterator[Any]:
    """Every signature in the data of a paper."""
    if isinstance(data, dict):
        yield from data.get("signatures", ())
        data = [value for name, value in data.items() if name != "signatures"]
    if isinstance(data, list):
        for each in data:
            yield from signatures_in(each)


def test_every_paper_of_every_state_can_be_set_in_both_languages(house: House, app: Flask) -> None:
    for state in ("logged", "accepted", "in_fix", "on_hold", "returned"):
        ticket = a_ticket(house, state)
        for tongue in ("en", "ru"):
            with force_locale(tongue):
                made = set_document(Kind.EXTRACT, ticket.chain, extract_of(ticket))
            assert made.pdf.startswith(b"%PDF-1.7")


def test_who_makes_the_same_at_the_same_moment_gets_the_one_entry(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = a_ticket(house, "accepted")
    made = set_document(Kind.EXTRACT, ticket.chain, extract_of(ticket), ticket.head_seq)
    first = enter_document(made, by=house.visitor, now=NOW)
    seen = iter([None, first])  # neither saw the other's when both began
    monkeypatch.setattr(service, "document_by_digest", lambda digest: next(seen))
    assert enter_document(made, by=house.engineer, now=LATER) is first
    assert first.made_by_id == house.visitor.id
