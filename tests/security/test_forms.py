"""What a form may not do: come from another's page, or bring along what it does not ask for. That
every form asks for its token: test_no_form_is_taken_without_its_token."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from wtforms import StringField

from registry.people import forms
from registry.people.models import Person, Role
from tests.factories import PASSWORD, House, a_person, a_ticket

SMUGGLED = {
    "login": "boss", "name": "Boss", "email": "boss@evil.example", "roles": "administrator",
    "role": "administrator", "role_rows": "administrator", "is_active": "", "id": "1",
    "must_change_password": "", "password_hash": "x", "department_id": "1", "person_id": "1"}
OWN = {"phone": "+7 900 000-00-00", "language": "en"}


def about(person: Person) -> dict[str, Any]:
    """Everything of the person but what they may change themselves, and where its history ends."""
    columns = set(Person.__table__.columns.keys()) - {"head_seq", "head_hash"} - set(OWN)
    return {name: getattr(person, name) for name in columns} | {"roles": set(person.roles)}


def token_on(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_form_of_anothers_page_is_refused(
    app: Flask, session: Session, sign_in: Callable[..., Any]
) -> None:
    person, stranger = a_person(), a_person()
    client, other = sign_in(person), sign_in(stranger)
    app.config["WTF_CSRF_ENABLED"] = True
    for forged in ({}, {"csrf_token": ""}, {"csrf_token": "x"},
                   {"csrf_token": token_on(other.get("/account").text)}):
        assert client.post("/account", data=OWN | forged).status_code == 400, forged
    assert person.phone == ""
    own = {"csrf_token": token_on(client.get("/account").text)}
    assert client.post("/account", data=OWN | own).status_code == 303
    assert person.phone == OWN["phone"]


def test_without_the_token_a_form_of_anothers_page_would_be_taken(
    app: Flask, session: Session, sign_in: Callable[..., Any]
) -> None:
    person = a_person()
    client = sign_in(person)
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/account", data=OWN).status_code == 303
    assert person.phone == OWN["phone"]


def test_nobody_makes_more_of_themselves_by_further_fields(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    person = a_person(Role.ENGINEER)
    client, before = sign_in(person), about(person)
    assert client.post("/account", data=SMUGGLED | OWN).status_code == 303
    assert client.post("/account/mail", data=SMUGGLED | {"rhythm": "quarter"}).status_code in (
        303, 422)
    session.refresh(person)
    assert about(person) == before
    assert person.phone == OWN["phone"]


def test_a_field_that_is_sent_twice_or_in_the_address_counts_as_the_form_has_it(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    person = a_person()
    sent = {"phone": [str(OWN["phone"]), "+7 666"], "language": "en"}
    assert sign_in(person).post("/account?phone=%2B7+666&language=ru", data=sent).status_code == 303
    session.refresh(person)
    assert (person.phone, person.language) == (OWN["phone"], "en")


def test_a_form_that_filled_in_whatever_came_would_make_a_boss(
    app: Flask, session: Session
) -> None:
    """What the forms of other products do: their fields are poured into the row."""
    person = a_person(Role.ENGINEER)

    class Pouring(forms.OwnForm):
        name = StringField()

    with app.test_request_context("/account", method="POST", data=SMUGGLED | OWN):
        Pouring().populate_obj(person)
    assert person.name == "Boss"


def test_a_new_problem_is_its_loggers_whatever_the_form_says(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    house = House()
    known = a_ticket(house)
    sign_in(house.visitor).post(f"/tickets/new?client={house.client.id}", data={
        "client": house.client.id, "summary": "Slow line", "opinion": "not_asked",
        "number": "999", "state": "closed", "holder": house.engineer.id,
        "holder_id": house.engineer.id, "originator_id": house.lead.id, "is_open": ""})
    made = session.query(type(known)).filter(type(known).id != known.id).one()
    assert (made.number, made.state, made.is_open) == (known.number + 1, "logged", True)
    assert (made.holder_id, made.originator_id) == (house.visitor.id, house.visitor.id)


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_a_password_is_never_sent_back(
    session: Session, sign_in: Callable[..., Any], password: str
) -> None:
    answer = sign_in(a_person()).post("/account/password", data={
        "old": password, "new": "short", "again": "different"})
    assert answer.status_code == 422
    for secret in (password, "short", "different"):
        assert f'value="{secret}"' not in answer.text
