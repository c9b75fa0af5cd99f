"""The questionnaire: an empty form with the norms in force, and a filled one that says no more of a
visit than is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from flask_babel import force_locale

from registry.clients.criteria import ensure_criteria
from registry.clients.models import Criterion, Sense
from registry.core.db import db
from registry.documents.models import Document, Kind
from registry.documents.press import press
from registry.documents.questionnaire import blank_questionnaire, filled_questionnaire
from registry.ledger.entries import content_of, entries_of, erase
from registry.ledger.verify import verify
from registry.tickets.models import Ticket
from registry.tickets.visits import Visit, tickets_of, visit_of
from tests.factories import NOW, House, a_client, a_criterion, a_site, a_ticket, move
from tests.registry.documents.test_making import take
from tests.registry.documents.test_what_they_say import flat

SignIn = Callable[..., Any]
DAY = date(2026, 11, 24)


class TestTheEmptyOne:
    def test_it_asks_by_the_norms_in_force(self, house: House) -> None:
        ensure_criteria()
        db.session.query(Criterion).filter_by(code="exchange").one().is_active = False
        a_criterion(name_en="Politeness", name_ru="Вежливость", norm=None)
        data = blank_questionnaire(None, DAY).data
        said = {group["title"]: [f"{row['name']}, {row['norm']}" for row in group["rows"]]
                for group in data["groups"]}
        assert "Speed from our own server, at least 30 KB/s" in said["What is measured"]
        assert "Interruptions in the last month, at most 0 interruptions" in said[
            "What is measured"]
        assert "Politeness, no norm: judged in words" in said["What is judged in words"]
        assert "Moscow exchange" not in flat(data)
        assert "Norms in force on 24 November 2026" in flat(data)

    def test_for_a_client_it_is_headed_with_what_is_known(self, house: House) -> None:
        fields = {each["label"]: each["text"]
                  for each in blank_questionnaire(house.client, DAY).data["fields"]}
        assert fields == {
            "Client": "Volga Bank", "Tier": fields["Tier"], "Site": "Head office, Lenina 5",
            "Contact person": fields["Contact person"], "Visitor": "", "Date": ""}
        assert fields["Tier"]
        assert house.contact.name in fields["Contact person"]

    def test_many_sites_are_left_to_be_written(self, house: House) -> None:
        for number in range(5):
            a_site(house.client, name=f"Branch {number}")
        db.session.expire(house.client)
        fields = {each["label"]: each["text"]
                  for each in blank_questionnaire(house.client, DAY).data["fields"]}
        assert fields["Site"] == ""

    def test_a_client_of_whom_nothing_is_known_gets_room(self, house: House) -> None:
        sheetful = blank_questionnaire(a_client(name="Duma Hotel"), DAY)
        assert press(sheetful).startswith(b"%PDF")

    def test_a_day_gives_the_same_bytes_and_speaks_the_language(self, house: House) -> None:
        ensure_criteria()
        with force_locale("ru"):
            first, second = (blank_questionnaire(house.client, DAY) for _ in range(2))
        assert press(first) == press(second)
        assert "Нормативы, действующие на 24 ноября 2026" in flat(first.data)
        assert "Скорость с нашего сервера" in flat(first.data)

    def test_it_comes_as_a_file_and_the_ledger_does_not_know_it(
        self, house: House, sign_in: SignIn
    ) -> None:
        client = sign_in(house.visitor)
        for address in ("/questionnaire.pdf", f"/questionnaire.pdf?client={house.client.id}"):
            answer = client.get(address)
            assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
            assert answer.headers["Content-Disposition"] == (
                "attachment; filename=questionnaire-en.pdf")
        assert db.session.query(Document).count() == 0
        assert client.get("/questionnaire.pdf?client=999999").status_code == 404
        assert client.get("/questionnaire.pdf?client=x").status_code == 404


class TestTheFilledOne:
    @pytest.fixture
    def visit(self, house: House) -> list[Ticket]:
        """Three tickets of one visit; others of another day, client and visitor."""
        other = a_criterion(name_en="Interruptions", name_ru="Перерывы", unit_en="times",
                            norm=Decimal(0), sense=Sense.AT_MOST)
        tickets = [
            a_ticket(house, "logged", summary="Slow in the morning"),
            a_ticket(house, "accepted", summary="Breaks off", criterion=other,
                     measured=Decimal(3)),
            a_ticket(house, "logged", summary="Nobody calls back", criterion=None, measured=None)]
        a_ticket(house, "logged", summary="Yesterday's", now=NOW - timedelta(days=1))
        a_ticket(house, "logged", summary="Elsewhere", client=a_client(), site=None, contact=None)
        a_ticket(house, "logged", summary="Another's", by=house.other_visitor)
        return tickets

    def test_it_holds_the_tickets_of_that_visit_by_criterion(
        self, house: House, visit: list[Ticket]
    ) -> None:
        found = tickets_of(visit_of(visit[1]))
        assert [each.number for each in found] == [each.number for each in visit]
        data = filled_questionnaire(found).data
        assert [(group["title"], [row["what"] for row in group["rows"]])
                for group in data["groups"]] == [
            ("Speed from our server", ["Slow in the morning"]),
            ("Interruptions", ["Breaks off"]),
            ("Besides the criteria", ["Nobody calls back"])]
        assert data["standing"] == "3 tickets were logged at this visit."

    def test_each_says_what_was_measured_thought_and_became_of_it(
        self, house: House, visit: list[Ticket]
    ) -> None:
        rows = [group["rows"][0] for group in filled_questionnaire(
            tickets_of(visit_of(visit[0]))).data["groups"]]
        assert rows[0]["measured"] == ["12\u00a0KB/s", "norm ≥ 30\u00a0KB/s"]
        assert [row["state"] for row in rows] == ["logged", "accepted", "logged"]
        assert rows[1]["holder"] == "in the hands of Pavel Orlov"
        assert rows[2]["measured"] == ["—"]
        said = flat(filled_questionnaire(tickets_of(visit_of(visit[0]))).data)
        for words in ("It is fine by us", "Volga Bank", "Anna Kim", "24 November 2026",
                      "Head office, Lenina 5", "whether it was checked is not kept"):
            assert words in said

    def test_it_is_the_same_until_a_ticket_of_it_changes(
        self, house: House, visit: list[Ticket]
    ) -> None:
        def mark() -> str:
            return filled_questionnaire(tickets_of(visit_of(visit[0]))).mark

        before = mark()
        a_ticket(house, "logged", by=house.other_visitor)
        assert mark() == before
        move(visit[1], "start", now=NOW + timedelta(hours=1))
        assert mark() != before

    def test_more_tickets_cost_no_more_queries(self, house: House, count_queries: Any) -> None:
        def asked() -> int:
            db.session.flush()
            with count_queries() as queries:
                filled_questionnaire(tickets_of(Visit(house.client.id, house.visitor.id, DAY)))
            return len(queries)

        a_ticket(house, "logged")
        asked()
        few = asked()
        for _ in range(6):
            a_ticket(house, "logged")
        assert asked() <= few

    def test_its_hash_stands_in_the_ledger_whichever_ticket_it_was_asked_for(
        self, house: House, visit: list[Ticket], sign_in: SignIn
    ) -> None:
        client = sign_in(house.lead)
        first, *others = (take(client, f"/tickets/{each.number}/questionnaire.pdf")
                          for each in visit)
        assert others == [first, first]
        document = db.session.query(Document).one()
        entry, = entries_of(document.chain)
        assert content_of(entry)["digest"] == sha256(first).hexdigest()
        assert (document.kind, document.about) == (
            Kind.QUESTIONNAIRE, f"visit_of:{visit[0].number}")
        assert verify(verifier=None).is_sound
        page = client.get(f"/documents/{document.mark[:16]}").text
        assert f"The visit at which ticket No. {visit[0].number} was logged" in page
        assert f'href="/tickets/{visit[0].number}"' in page
        assert client.post("/tickets/999999/questionnaire.pdf").status_code == 404


    def test_its_page_says_when_the_law_took_words_out_of_a_ticket_of_that_visit(
        self, house: House, visit: list[Ticket], sign_in: SignIn
    ) -> None:
        client = sign_in(house.lead)
        take(client, f"/tickets/{visit[0].number}/questionnaire.pdf")
        document = db.session.query(Document).one()
        address, said = f"/documents/{document.mark[:16]}", "Words were erased by law"
        assert said not in client.get(address).text
        seal = content_of(entries_of(visit[2].chain)[0])["summary"]
        erase(visit[2], [seal], by="system", at=document.made_at + timedelta(hours=1),
              reason="law")
        assert said in client.get(address).text


class TestWhereItIsOffered:
    def test_on_the_client_s_card_with_the_latest_visits(
        self, house: House, sign_in: SignIn
    ) -> None:
        tickets = [a_ticket(house, "logged", now=NOW - timedelta(days=days)) for days in range(7)]
        page = sign_in(house.visitor).get(f"/clients/{house.client.id}").text
        assert f'href="/questionnaire.pdf?client={house.client.id}"' in page
        offered = [each for each in tickets
                   if f'action="/tickets/{each.number}/questionnaire.pdf"' in page]
        assert len(offered) == 5

    @pytest.mark.parametrize("address", ["/clients/criteria", "/tickets/new"])
    def test_where_visits_begin(self, house: House, sign_in: SignIn, address: str) -> None:
        assert 'href="/questionnaire.pdf"' in sign_in(house.visitor).get(address).text

    def test_on_a_ticket(self, house: House, sign_in: SignIn) -> None:
        ticket = a_ticket(house, "logged")
        page = sign_in(house.visitor).get(f"/tickets/{ticket.number}").text
        assert f'action="/tickets/{ticket.number}/questionnaire.pdf"' in page
