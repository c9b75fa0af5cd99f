"""What pages are told of those who sign elsewhere: only what is new, for few queries; and where
else it is said who has not signed."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.people.models import Person
from registry.tickets.attachments import Upload, attach_file
from registry.tickets.handoff_models import Handoff
from tests.factories import House
from tests.ground.authenticator import ORIGIN
from tests.registry.tickets.sheet_steps import answered, returned_by_sheet, witnessed
from tests.registry.tickets.signing_screen import Screen
from tests.registry.tickets.test_half_signed import see, take

SignIn = Callable[[Person], FlaskClient]


pytestmark = pytest.mark.usefixtures("at_a_name")


def test_a_page_is_told_only_what_is_new(
    house: House, screen: Screen, handoff: Handoff, session: Session
) -> None:
    first = screen.followed(part="receiver")
    mark = first.get_etag()[0]
    assert screen.followed(mark, part="receiver").status_code == 304
    session.commit()
    take(handoff, utc_now())
    session.commit()
    news = screen.followed(mark, part="receiver")
    assert news.status_code == 200
    assert "2 of 3 signatures" in news.text
    assert "data-moot" in news.text
    assert f'data-head="{handoff.ticket.head_hash}"' in news.text


def test_a_form_may_sign_what_the_page_now_shows_and_nothing_else(
    house: House, screen: Screen, handoff: Handoff, session: Session, tmp_path: Any
) -> None:
    head = handoff.ticket.head_hash
    take(handoff, utc_now())
    session.commit()
    news = screen.followed(part="witness", head=head)
    assert f'data-head="{handoff.ticket.head_hash}"' in news.text
    assert "data-moot" not in news.text
    assert 'data-changes="With your signature the ticket goes into the hands of Pavel' in news.text
    attach_file(handoff.ticket, Upload("note.txt", BytesIO(b"seen on the spot")), folder=tmp_path,
                limit=1000, by=house.visitor, now=utc_now())
    session.commit()
    news = screen.followed(part="witness", head=head)
    assert 'data-head=""' in news.text
    assert "Something else has happened" in news.text


@pytest.mark.parametrize("signer", ["9" * 30, "-1", "somebody"])
def test_a_signer_that_nobody_is_changes_nothing(screen: Screen, signer: str) -> None:
    told = screen.followed(part="receiver", signer=signer)
    assert told.status_code == 200
    assert told.text == screen.followed(part="receiver").text


@pytest.mark.parametrize("when", ["open", "half", "done"])
def test_following_costs_a_few_queries_however_it_stands(
    house: House, screen: Screen, handoff: Handoff, session: Session, count_queries: Any, when: str
) -> None:
    """The session, the handoff; where it is half-signed the calendar, for the day's end."""
    if when != "open":
        take(handoff, utc_now())
    if when == "done":
        see(handoff, utc_now())
    session.commit()
    mark = screen.followed().get_etag()[0]
    with count_queries() as queries:
        assert screen.followed(mark).status_code == 304
    assert len(queries) == {"open": 2, "half": 3, "done": 2}[when], queries


def test_the_desk_of_each_of_the_three_says_who_is_missing(
    house: House, handoff: Handoff, session: Session, sign_in: SignIn
) -> None:
    take(handoff, utc_now())
    session.commit()
    for person in (house.visitor, house.engineer, house.registrar):
        page = sign_in(person).get("/").text
        assert "2 of 3 signatures are given; missing: Oleg Chernov." in page, person.name
    for person in (house.visitor, house.engineer):
        client = sign_in(person)
        assert f"/handoffs/{handoff.id}/together" in client.get("/").text
        ticket = client.get(f"/tickets/{handoff.ticket.number}").text
        assert "missing: Oleg Chernov" in ticket
        assert f"/handoffs/{handoff.id}/together" in ticket


def test_the_page_has_its_own_address_as_a_code_for_another_phone(screen: Screen) -> None:
    page = screen.page()
    assert "<svg" in page
    assert f'aria-label="{ORIGIN}{screen.address}"' in page


def test_a_page_of_a_sheet_is_told_only_what_is_new(
    house: House, engineer: FlaskClient, session: Session, sign_in: SignIn, count_queries: Any
) -> None:
    sheet = returned_by_sheet(house, engineer)
    address = f"/sheets/{sheet.id}/signed"
    page = engineer.get(f"/sheets/{sheet.id}").text
    assert f'data-follow="{address}"' in page
    [mark] = re.findall(r'data-mark="(\w+)"', page)
    known = {"If-None-Match": f'"{mark}"'}
    session.commit()
    with count_queries() as queries:
        assert engineer.get(address, headers=known).status_code == 304
    assert len(queries) == 2, queries
    assert answered(sign_in(house.visitor), sheet, ["take", "take"]).status_code == 303
    news = engineer.get(address, headers=known)
    assert (news.status_code, news.get_etag()[0] != mark) == (200, True)
    assert "2 wait for the witness, Oleg Chernov." in news.text
    assert 'data-gone="answers"' in news.text
    assert news.text.count("the receiver has signed; the witness has not") == 2
    assert "data-over" not in news.text
    assert witnessed(sign_in(house.registrar), sheet).status_code == 303
    news = engineer.get(address, headers={"If-None-Match": news.headers["ETag"]})
    assert "All are taken." in news.text
    assert news.text.count("taken by Anna Kim") == 2
    assert "data-over" in news.text
    assert "follow.js" not in engineer.get(f"/sheets/{sheet.id}").text
    assert engineer.get("/sheets/999999/signed").status_code == 404
