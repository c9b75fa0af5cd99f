"""Taking papers: the file comes, the ledger knows it once, and whoever signs is not disturbed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from registry.core.db import db
from registry.documents.models import Document, Kind
from registry.ledger.entries import content_of, entries_of
from registry.ledger.verify import verify, verify_chain
from registry.tickets.models import Ticket
from registry.tickets.sheets import Line, offer_sheet
from tests.factories import NOW, House, a_signing, a_ticket

SignIn = Callable[..., Any]


@pytest.fixture
def ticket(house: House) -> Ticket:
    """A ticket that went through three hands."""
    return a_ticket(house, "returned")


def take(client: Any, address: str, **data: str) -> bytes:
    answer = client.post(address, data=data)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    return bytes(answer.data)


def test_an_extract_comes_as_a_file_and_its_hash_stands_in_the_ledger(
    house: House, ticket: Ticket, sign_in: SignIn
) -> None:
    pdf = take(sign_in(house.engineer), f"/tickets/{ticket.number}/extract.pdf")
    document = db.session.query(Document).one()
    entry, = entries_of(document.chain)
    assert content_of(entry) == {
        "digest": sha256(pdf).hexdigest(), "mark": document.mark, "kind": "extract",
        "about": ticket.chain, "upto": ticket.head_seq, "language": "en"}
    assert entry.actor == house.engineer.ref
    assert verify_chain(document.chain, verifier=None).is_sound


def test_the_same_paper_taken_again_is_the_same_bytes_and_no_second_entry(
    house: House, ticket: Ticket, sign_in: SignIn
) -> None:
    first = take(sign_in(house.engineer), f"/tickets/{ticket.number}/extract.pdf")
    assert take(sign_in(house.visitor), f"/tickets/{ticket.number}/extract.pdf") == first
    assert db.session.query(Document).one().made_by_id == house.engineer.id


def test_taking_a_paper_leaves_the_head_of_the_ticket_where_a_signer_saw_it(
    house: House, ticket: Ticket, sign_in: SignIn
) -> None:
    before = (ticket.head_seq, ticket.head_hash)
    take(sign_in(house.engineer), f"/tickets/{ticket.number}/extract.pdf")
    assert (ticket.head_seq, ticket.head_hash) == before


def test_each_language_has_a_paper_of_its_own(
    house: House, ticket: Ticket, sign_in: SignIn
) -> None:
    client = sign_in(house.engineer)
    english = take(client, f"/tickets/{ticket.number}/extract.pdf")
    client.post("/language", data={"language": "ru"})
    assert take(client, f"/tickets/{ticket.number}/extract.pdf") != english
    assert {each.language for each in db.session.query(Document)} == {"en", "ru"}


def test_a_sheet_and_a_week_are_taken_the_same_way(
    house: House, ticket: Ticket, sign_in: SignIn
) -> None:
    sheet = offer_sheet([Line(a_ticket(house), "take")], receiver=house.engineer, purpose="visit",
                        witness=house.registrar, by=house.visitor,
                        signing=a_signing(house.visitor), now=NOW)
    client = sign_in(house.engineer)
    take(client, f"/sheets/{sheet.id}/sheet.pdf")
    take(client, "/tickets/week.pdf", day="2026-11-26")
    assert {(each.kind, each.about) for each in db.session.query(Document)} == {
        (Kind.SHEET, f"sheet:{sheet.id}"), (Kind.WEEK, "week:2026-11-23")}
    assert verify(verifier=None).is_sound


@pytest.mark.parametrize("day", ["", "x", "2999-01-01", "0001-01-01", "2026-13-01"])
def test_a_week_that_there_is_not_is_refused_beside_the_field(
    house: House, sign_in: SignIn, day: str
) -> None:
    answer = sign_in(house.engineer).post("/tickets/week.pdf", data={"day": day})
    assert answer.status_code == 422
    assert "Give a day of a week that has begun." in answer.text


def test_a_ticket_or_sheet_that_there_is_not_is_not_found(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.engineer)
    assert client.post("/tickets/999999/extract.pdf").status_code == 404
    assert client.post("/sheets/999999/sheet.pdf").status_code == 404


def test_a_row_that_was_changed_behind_the_ledger_is_found(
    house: House, ticket: Ticket, sign_in: SignIn
) -> None:
    take(sign_in(house.engineer), f"/tickets/{ticket.number}/extract.pdf")
    document = db.session.query(Document).one()
    document.digest = "0" * 64
    db.session.flush()
    assert {each.code for each in verify(verifier=None).findings} == {"document_differs"}


class TestThePage:
    """Which document is it whose hash somebody types, or whose file somebody has?"""

    @pytest.fixture
    def pdf(self, house: House, ticket: Ticket, sign_in: SignIn) -> bytes:
        return take(sign_in(house.engineer), f"/tickets/{ticket.number}/extract.pdf")

    @pytest.fixture
    def client(self, house: House, sign_in: SignIn) -> Any:
        return sign_in(house.director)

    @pytest.mark.parametrize("typed", [
        lambda mark: mark[:8], lambda mark: mark, lambda mark: mark[:16].upper(),
        lambda mark: f"{mark[:4]} {mark[4:8]}-{mark[8:12]}"], ids=["8", "64", "upper", "blanks"])
    def test_a_hash_as_it_is_typed_leads_to_the_document(
        self, pdf: bytes, client: Any, typed: Callable[[str], str], ticket: Ticket
    ) -> None:
        mark = db.session.query(Document).one().mark
        page = client.get("/documents", query_string={"hash": typed(mark)}, follow_redirects=True)
        assert "The registry made this document." in page.text
        assert f"/tickets/{ticket.number}" in page.text
        assert "its entry verifies" in page.text

    def test_the_digest_of_the_file_leads_there_too(self, pdf: bytes, client: Any) -> None:
        page = client.get(f"/documents/{sha256(pdf).hexdigest()}")
        assert "The registry made this document." in page.text

    @pytest.mark.parametrize("typed", ["7f3a", "not a hash", "zzzzzzzz", "%27", "a" * 65])
    def test_what_is_no_hash_is_said_beside_the_field(
        self, pdf: bytes, client: Any, typed: str
    ) -> None:
        page = client.get("/documents", query_string={"hash": typed})
        assert page.status_code == 422
        assert "Type at least eight" in page.text

    def test_a_hash_that_nobody_knows(self, pdf: bytes, client: Any) -> None:
        page = client.get("/documents/0000000000000000")
        assert page.status_code == 404
        assert "The registry made no document with this hash." in page.text

    def test_the_very_file(self, pdf: bytes, client: Any) -> None:
        page = self.compared(client, pdf)
        assert "The registry made this very file: not one byte differs." in page.text

    def test_a_file_in_which_one_byte_differs(self, pdf: bytes, client: Any) -> None:
        page = self.compared(client, pdf[:-1] + bytes([pdf[-1] ^ 1]))
        assert "The registry did not make this file." in page.text

    def test_no_file(self, client: Any) -> None:
        assert client.post("/documents", data={}).status_code == 422

    def test_it_says_how_far_the_ticket_has_gone_since(
        self, pdf: bytes, client: Any, ticket: Ticket, house: House
    ) -> None:
        document = db.session.query(Document).one()
        ticket.head_seq += 2
        db.session.flush()
        assert "2 entries have come since" in client.get(f"/documents/{document.mark}").text

    def compared(self, client: Any, content: bytes) -> Any:
        return client.post("/documents", data={"file": (io.BytesIO(content), "paper.pdf")},
                           content_type="multipart/form-data", follow_redirects=True)


@pytest.mark.parametrize("address", ["/tickets/{number}", "/tickets"])
def test_the_pages_offer_it(house: House, ticket: Ticket, sign_in: SignIn, address: str) -> None:
    page = sign_in(house.engineer).get(address.format(number=ticket.number)).text
    assert re.search(r"\(PDF\)", page)


def test_somebody_who_is_not_signed_in_gets_nothing(client: Any, ticket: Ticket) -> None:
    assert client.get("/documents/00000000").location.startswith("/sign-in")

