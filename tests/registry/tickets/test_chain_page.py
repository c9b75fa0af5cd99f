"""The page of a ticket's chain, read by somebody who is no programmer."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from registry.ledger.triggers import drop_triggers
from tests.factories import a_ticket


def test_the_page_says_that_the_history_verifies_and_what_that_means(house, sign_in):
    ticket = a_ticket(house, "returned")
    a_ticket(house, "in_fix", summary="Noise")
    page = sign_in(house.director).get(f"/tickets/{ticket.number}/ledger")
    assert page.status_code == 200
    assert "This history verifies." in page.text
    assert f"{ticket.head_seq} entries" in page.text
    assert "None of the entries lies under a signed checkpoint yet" in page.text
    assert "Noise" not in page.text


def test_each_entry_is_a_sentence_with_signatures_words_and_its_text_as_hashed(house, sign_in):
    ticket = a_ticket(house, "accepted")
    page = sign_in(house.lead).get(f"/tickets/{ticket.number}/ledger").text
    assert "Logged by Anna Kim" in page
    assert "I take this ticket into my hands" in page
    assert "I measure the line tomorrow" in page
    assert "You take ticket No. 1 into your hands" in page
    assert page.count('id="entry-') == ticket.head_seq
    assert "&#34;kind&#34;:&#34;handoff_offered&#34;" in page
    assert ticket.head_hash in page


def test_a_changed_entry_is_said_first_of_all(house, sign_in, session):
    ticket = a_ticket(house, "accepted")
    session.flush()
    drop_triggers(session.connection())
    session.execute(text("UPDATE ledger_entry SET actor = 'person:999' WHERE chain = :chain "
                         "AND seq = 2"), {"chain": ticket.chain})
    page = sign_in(house.lead).get(f"/tickets/{ticket.number}/ledger")
    assert page.status_code == 200
    assert "This history does NOT verify." in page.text
    assert f"Ticket {ticket.number}, entry 2" in page.text
    assert "This history verifies." not in page.text


def test_a_row_that_says_something_else_than_the_chain_is_said(house, sign_in, session):
    ticket = a_ticket(house, "accepted")
    session.flush()
    session.execute(text("UPDATE ticket SET summary = 'Fast line'"))
    page = sign_in(house.lead).get(f"/tickets/{ticket.number}/ledger").text
    assert "This history does NOT verify." in page
    assert "summary" in page


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"v":1}'])
def test_an_entry_that_cannot_be_read_does_not_hide_the_others(house, sign_in, session, body):
    ticket = a_ticket(house, "accepted")
    session.flush()
    drop_triggers(session.connection())
    session.execute(text("UPDATE ledger_entry SET body = :body WHERE chain = :chain AND seq = 2"),
                    {"chain": ticket.chain, "body": body})
    page = sign_in(house.lead).get(f"/tickets/{ticket.number}/ledger")
    assert page.status_code == 200
    assert "does NOT verify" in page.text
    assert page.text.count('id="entry-') == ticket.head_seq


def test_how_many_queries_the_page_takes_does_not_depend_on_the_entries(
    house, sign_in, count_queries
):
    client = sign_in(house.lead)
    few, many = a_ticket(house, "logged"), a_ticket(house, "returned")
    client.get(f"/tickets/{few.number}/ledger")

    def asked(ticket):
        with count_queries() as queries:
            assert client.get(f"/tickets/{ticket.number}/ledger").status_code == 200
        return len(queries)

    assert asked(many) - asked(few) <= 3  # signatures are looked for only where there are some


def test_a_ticket_that_is_not_there_has_no_page(house, sign_in):
    assert sign_in(house.lead).get("/tickets/99/ledger").status_code == 404
