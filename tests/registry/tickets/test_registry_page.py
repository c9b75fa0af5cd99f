"""The page of the registry as people use it."""

from __future__ import annotations

import csv
import html
import re
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
import python_calamine

from registry.tickets import exports, timelines
from registry.tickets.saved_views import views_of
from tests.factories import a_client, a_site, a_ticket, offer


@pytest.fixture
def reader(house, sign_in):
    return sign_in(house.lead)


def shown(page):
    """The numbers in the list of a page."""
    return [int(each) for each in re.findall(r'<tr id="t(\d+)"', page.text)]


def link(page, text):
    """The address of the link whose text has ``text``."""
    for href, inner in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page.text, re.DOTALL):
        if text in inner:
            return html.unescape(href)
    raise AssertionError(f"no link {text!r}")


def test_each_number_of_the_head_opens_exactly_what_it_counts(house, reader, now):
    for state in ("logged", "accepted", "in_fix", "returned", "logged"):
        a_ticket(house, state, now=now - timedelta(days=7))
    page = reader.get("/tickets")
    for word, count in (("Open", 5), ("late", 2), ("unaccepted", 2), ("with client", 1)):
        assert f"{word} <strong>{count}</strong>" in page.text
        assert len(shown(reader.get(link(page, f"{word} <strong>")))) == count


def test_a_row_says_what_whose_and_since_when(house, reader):
    ticket = a_ticket(house, "accepted")
    page = reader.get("/tickets").text
    assert f'href="/tickets/{ticket.number}"' in page
    for words in ("Slow line", "12&nbsp;/&nbsp;30", "KB/s", "Volga Bank", "Pavel Orlov",
                  "accepted", "promise"):
        assert words in page, words
    assert 'aria-label="Anna Kim: logged' in page


def test_an_empty_registry_says_what_will_stand_there(reader):
    page = reader.get("/tickets")
    assert "Every open ticket will stand here" in page.text


def test_filters_without_any_ticket_offer_a_way_out(house, reader):
    a_ticket(house)
    page = reader.get("/tickets?state=on_hold")
    assert "No ticket fits these filters." in page.text
    assert shown(reader.get("/tickets?late=1")) == []


def test_a_number_in_the_search_opens_the_ticket(house, reader):
    ticket = a_ticket(house)
    for words in (f"{ticket.number}", f"№ {ticket.number}", f"No. {ticket.number}"):
        answer = reader.get("/tickets", query_string={"q": words})
        assert (answer.status_code, answer.location) == (302, f"/tickets/{ticket.number}")
    assert reader.get("/tickets?q=777").status_code == 200


def test_a_typed_name_becomes_a_filter(house, reader):
    a_ticket(house)
    duma = a_client("Duma Trade")
    site = a_site(duma, name="Tower", address="Mira 1")
    answer = reader.get("/tickets?client_name=duma&late=1&q=")
    assert answer.location == f"/tickets?late=1&client={duma.id}"
    answer = reader.get("/tickets?client_name=Duma+Trade&site_name=mira")
    assert answer.location == f"/tickets?client={duma.id}&site={site.id}"


def test_a_name_of_several_is_asked_back_and_nothing_is_shown(house, reader):
    a_ticket(house)
    first, second = a_client("North Bank"), a_client("South Bank")
    page = reader.get("/tickets?client_name=bank")
    assert page.status_code == 422
    assert "More than one is called like “bank”. Choose one." in page.text
    assert f'href="/tickets?client={first.id}"' in page.text
    assert f'href="/tickets?client={second.id}"' in page.text
    assert 'value="bank"' in page.text
    assert shown(page) == []


def test_a_whole_name_wins_over_longer_ones(house, reader):
    a_client("Volga Bank North")
    answer = reader.get("/tickets?client_name=volga bank")
    assert answer.location == f"/tickets?client={house.client.id}"


def test_a_name_that_nobody_has_is_said(reader):
    page = reader.get("/tickets?client_name=nobody")
    assert page.status_code == 422
    assert "Nothing here is called like “nobody”." in page.text


def test_bad_values_are_sentences_and_nothing_is_shown(house, reader):
    a_ticket(house)
    for query in ("holder=abc", "age=soon", "after=nonsense", "q=---", "state=%3C", "late=2",
                  "client=99999999999999999999", "sort=x", "before=~", "show=%F0%9F%98%80"):
        page = reader.get(f"/tickets?{query}")
        assert page.status_code == 422, query
        assert 'role="alert"' in page.text
        assert shown(page) == []


def test_the_list_is_paged_by_key_and_leads_back(house, reader):
    tickets = [a_ticket(house) for _ in range(53)]
    first = reader.get("/tickets?originator=" + str(house.visitor.id))
    assert len(shown(first)) == 50
    assert "53 tickets in this list" in first.text
    second = reader.get(link(first, "Further"))
    assert shown(second) == [each.number for each in tickets[2::-1]]
    assert shown(reader.get(link(second, "Back"))) == shown(first)


def test_the_filters_that_are_on_are_said_and_can_be_taken_off(house, reader):
    a_ticket(house, "accepted")
    page = reader.get(f"/tickets?holder={house.engineer.id}&client={house.client.id}&age=1")
    assert "in the hands of: Pavel Orlov" in page.text
    assert "client: Volga Bank" in page.text
    assert link(page, "in the hands of: Pavel Orlov") == f"/tickets?client={house.client.id}&age=1"


def test_suggestions_are_given_while_typing(house, reader):
    a_site(house.client, name="Tower")
    names = reader.get("/tickets/names?client_name=volg").text
    assert '<option value="Volga Bank">' in names
    assert "Tower" in reader.get("/tickets/names?site_name=tow").text
    assert "Volga" not in reader.get("/tickets/names?client_name=duma").text


def test_a_view_is_kept_under_a_name_and_seen_by_nobody_else(house, reader, sign_in):
    page = reader.post("/tickets/views", data={"name": "Old ones", "query": "age=7&late=1"})
    assert (page.status_code, page.location) == (303, "/tickets?age=7&late=1")
    assert link(reader.get("/tickets"), "Old ones") == "/tickets?age=7&late=1"
    assert "Old ones" not in sign_in(house.visitor).get("/tickets").text
    view = views_of(house.lead)[0]
    assert sign_in(house.visitor).post(f"/tickets/views/{view.id}/forget").status_code == 404
    assert reader.post(f"/tickets/views/{view.id}/forget").status_code == 303
    assert views_of(house.lead) == ()


def test_a_refused_name_of_a_view_is_said_and_kept(house, reader):
    reader.post("/tickets/views", data={"name": "Late", "query": "late=1"})
    page = reader.post("/tickets/views", data={"name": "late", "query": "age=7"})
    assert page.status_code == 422
    assert "You have a view of this name already." in page.text
    assert 'value="late"' in page.text
    assert reader.post("/tickets/views", data={"name": " ", "query": ""}).status_code == 422
    assert reader.post("/tickets/views", data={"name": "x" * 81}).status_code == 422
    assert reader.post("/tickets/views", data={"name": "x", "query": "age=x"}).status_code == 422
    assert len(views_of(house.lead)) == 1


def exported(client, kind, query=""):
    """The table, read to its end while the request is still going on."""
    return client.get(f"/tickets/export.{kind}?{query}", buffered=True)


def rows_of_csv(answer):
    return list(csv.reader(StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))


def test_the_export_has_the_tickets_of_the_list_in_its_order(house, reader):
    tickets = [a_ticket(house, state) for state in ("logged", "accepted", "returned")]
    a_ticket(house, by=house.other_visitor)
    query = f"originator={house.visitor.id}"
    answer = exported(reader, "csv", query)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=registry-")
    table = rows_of_csv(answer)
    assert table[0][:3] == ["No.", "What is wrong", "Client"]
    assert [int(row[0]) for row in table[1:]] == [each.number for each in tickets[::-1]]
    assert table[2][5:8] == ["12", "30", "KB/s"]
    assert "Pavel Orlov" in table[2]
    assert "2026-11-24 10:41" in table[2]
    workbook = python_calamine.CalamineWorkbook.from_filelike(
        BytesIO(exported(reader, "xlsx", query).data))
    lines = workbook.get_sheet_by_index(0).to_python()
    assert [row[0] for row in lines[1:]] == [each.number for each in tickets[::-1]]


def test_the_export_is_read_in_pieces_and_says_where_it_was_cut(house, reader, monkeypatch):
    for _ in range(7):
        a_ticket(house)
    monkeypatch.setattr(exports, "PIECE", 3)
    assert len(rows_of_csv(exported(reader, "csv"))) == 8
    monkeypatch.setitem(exports.MOST_ROWS, "csv", 5)
    table = rows_of_csv(exported(reader, "csv"))
    assert len(table) == 7
    assert "there are more" in table[-1][0]


def test_no_text_of_the_export_acts_as_a_formula(house, reader):
    a_ticket(house, summary='=HYPERLINK("x")')
    assert "'=HYPERLINK" in exported(reader, "csv").text
    workbook = python_calamine.CalamineWorkbook.from_filelike(
        BytesIO(exported(reader, "xlsx").data))
    assert workbook.get_sheet_by_index(0).to_python()[1][1] == '=HYPERLINK("x")'


def test_how_many_queries_the_page_takes_does_not_depend_on_its_rows(
    house, reader, session, count_queries, monkeypatch
):
    monkeypatch.setattr(timelines, "MOST_KEPT", 0)  # a line that is known asks for nothing

    def asked(query=""):
        session.flush()
        with count_queries() as queries:
            assert reader.get(f"/tickets{query}").status_code == 200
        return queries

    offer(a_ticket(house, "accepted"), "pass_on", house.other_engineer)
    asked()
    few = asked()
    for state in ("logged", "accepted", "in_fix", "on_hold", "returned") * 4:
        a_ticket(house, state)
    many = asked()
    assert len(many) == len(few) == 12, many
    by_promise = asked("?sort=promise&q=slow&late=1")
    assert len(by_promise) <= 14, by_promise


def test_the_registry_is_open_to_all_who_work_here_and_to_nobody_else(house, client, sign_in):
    for person in (house.engineer, house.director, house.administrator):
        assert sign_in(person).get("/tickets").status_code == 200
    assert client.get("/tickets").status_code in (302, 303)
    assert client.get("/tickets/export.csv").status_code in (302, 303)
