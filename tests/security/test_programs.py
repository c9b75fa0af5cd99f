"""What a program may not do: bring along what nobody asks for, or reach what is another person's.

Types that are guessed: test_types_are_not_guessed_and_nothing_unasked_is_taken. Whose token opens
what: the table of doors.py. The API has no addresses of tokens, views and files; those of the
screen take no token (test_a_token_opens_no_screen).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from registry.api import shapes
from registry.api.rules import Scope
from registry.clients.models import Client
from registry.tickets.models import Ticket
from tests.factories import House, a_ticket
from tests.registry.api.conftest import Caller

MORE = {"number": 999, "state": "closed", "holder": 1, "holder_id": 1, "originator_id": 1,
        "is_open": False, "id": 1, "created_at": "2000-01-01", "person_id": 1, "__class__": "x"}


def sent_shapes() -> Iterator[type[shapes.In]]:
    """Everything that may be sent, however deep."""
    waiting = [shapes.In]
    while waiting:
        waiting += (found := waiting.pop().__subclasses__())
        yield from found


@pytest.mark.parametrize("shape", list(sent_shapes()), ids=lambda each: each.__name__)
def test_no_shape_takes_what_it_does_not_name(shape: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as refused:
        shape.model_validate(MORE)
    extra = {each["loc"][0] for each in refused.value.errors()
             if each["type"] == "extra_forbidden"}
    assert extra == set(MORE) - set(shape.model_fields)


def test_a_shape_that_took_everything_would_hand_it_on() -> None:
    class Open(shapes.TicketIn):
        model_config = ConfigDict(extra="allow")

    taken = Open.model_validate({"client": 1, "summary": "Slow", "holder_id": 7})
    assert taken.model_dump()["holder_id"] == 7


def test_a_new_ticket_is_refused_whole_where_more_is_sent(
    session: Session, new_client: Any
) -> None:
    house = House()
    caller = Caller(new_client(), house.visitor, tuple(Scope))
    body = {"client": house.client.id, "summary": "Slow"}
    refused = caller.post("/tickets", body | MORE)
    assert refused.status_code == 422
    assert {each["pointer"] for each in refused.json["errors"]} == {f"/{name}" for name in MORE}
    assert session.query(Ticket).count() == 0
    assert caller.post("/tickets", body).json["holder"]["id"] == house.visitor.id


def test_who_acts_is_whose_token_it_is_and_nobody_named(session: Session, new_client: Any) -> None:
    house = House()
    ticket = a_ticket(house)
    caller = Caller(new_client(), house.other_visitor, tuple(Scope))
    for name, value in (("X-Person", house.visitor.login), ("X-Forwarded-User", "root"),
                        ("Cookie", "sign_in=1")):
        answer = caller.client.get("/api/v1/desk", headers=caller.headers | {name: value})
        assert answer.json["counts"]["held"] == 0
    assert caller.get(f"/tickets/{ticket.number}").json["holder"]["id"] == house.visitor.id


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_no_method_that_nobody_wrote_changes_anything(
    app: Flask, session: Session, new_client: Any, method: str
) -> None:
    house = House()
    caller = Caller(new_client(), house.administrator, tuple(Scope))
    for address in ("/clients", "/sites", "/tickets", "/tickets/1", "/desk"):
        answer = caller.client.open(f"/api/v1{address}", method=method, headers=caller.headers,
                                    json={"name": "x"})
        assert answer.status_code == 405, address
    override = caller.client.get("/api/v1/clients", headers=caller.headers | {
        "X-HTTP-Method-Override": "POST"})
    assert override.status_code == 200
    assert session.query(Client).count() == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost"])
def test_no_page_elsewhere_is_let_read_an_answer(
    session: Session, new_client: Any, origin: str
) -> None:
    house = House()
    caller = Caller(new_client(), house.visitor, tuple(Scope))
    for method in ("GET", "OPTIONS", "POST"):
        answer = caller.client.open("/api/v1/tickets", method=method, headers=caller.headers | {
            "Origin": origin, "Access-Control-Request-Method": "POST"})
        assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]
