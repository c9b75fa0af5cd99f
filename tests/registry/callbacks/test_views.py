"""The page of the control call: nothing typed is lost, and a doubt is asked about."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.people.models import Person, Role, Signature
from registry.tickets.models import Ticket
from tests.factories import PASSWORD, House, a_person, a_ticket

SignIn = Callable[[Person], FlaskClient]


def test_a_doubtful_gone_asks_whether_it_is_sure_and_keeps_what_was_typed(
    house: House, sign_in: SignIn, session: Session
) -> None:
    number = a_ticket(house, "returned").number
    visitor = sign_in(house.visitor)
    said = {"result": "gone", "contact_name": "Galina", "note": "Still slow on Monday",
            "password": PASSWORD, "nonce": "n" * 32}
    answer = visitor.post(f"/tickets/{number}/check", data=said)
    assert answer.status_code == 422
    assert "Still slow on Monday" in answer.text
    assert 'name="sure"' in answer.text
    answer = visitor.post(f"/tickets/{number}/check", data={**said, "sure": "y"})
    assert answer.status_code == 303
    assert session.query(Ticket).filter_by(number=number).one().state == "closed"


def test_a_wrong_password_and_a_missing_note_are_told_at_once(
    house: House, sign_in: SignIn
) -> None:
    number = a_ticket(house, "returned").number
    answer = sign_in(house.visitor).post(f"/tickets/{number}/check", data={
        "result": "gone", "contact_name": "Galina", "note": "It works", "password": "wrong",
        "nonce": "n" * 22})
    assert answer.status_code == 422
    assert "Nothing was signed" in answer.text


def test_the_page_offers_another_where_who_mended_it_has_left(
    house: House, sign_in: SignIn, session: Session
) -> None:
    number = a_ticket(house, "returned").number
    house.engineer.is_active = False
    session.flush()
    visitor = sign_in(house.visitor)
    assert house.registrar.name in visitor.get(f"/tickets/{number}/check").text
    answer = visitor.post(f"/tickets/{number}/check", data={
        "result": "not_gone", "contact_name": "Galina", "note": "Slow", "password": PASSWORD,
        "nonce": "n" * 32, "receiver": str(house.registrar.id)})
    assert answer.status_code == 303


def test_what_is_signed_is_shown_for_each_who_could_take_it_back(
    house: House, sign_in: SignIn, session: Session
) -> None:
    """The statement names the receiver: none is signed that the page did not show."""
    second = a_person(Role.REGISTRAR, name="Zoya Orlova")
    number = a_ticket(house, "returned").number
    house.engineer.is_active = False
    session.flush()
    visitor = sign_in(house.visitor)
    page = unescape(visitor.get(f"/tickets/{number}/check").text)
    for each in (house.registrar, second):
        assert f"If it is not gone and goes to {each.name}:" in page
    answer = visitor.post(f"/tickets/{number}/check", data={
        "result": "not_gone", "contact_name": "Galina", "note": "Slow", "password": PASSWORD,
        "nonce": "n" * 32, "receiver": str(second.id)})
    assert answer.status_code == 303
    signed = session.scalars(select(Signature).where(Signature.meaning == "gives_again")).one()
    first_line = json.loads(signed.statement)["text"].partition("\n")[0]
    assert second.name in first_line
    assert first_line in page


def test_the_list_shows_whom_to_call_and_what_to_say(house: House, sign_in: SignIn) -> None:
    a_ticket(house, "returned")
    page = sign_in(house.visitor).get("/call-backs").text
    assert "Galina Serova" in page
    assert "Replaced it" in page
