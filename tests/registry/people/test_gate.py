"""The gate: nobody gets in who is not signed in, and a one-time password opens one page only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, IntegerConverter

from registry.core.times import utc_now
from registry.people.access import permitted
from registry.people.models import Role, SignInSession
from registry.people.permissions import PERMISSIONS
from registry.people.service import deactivate_person
from registry.people.sessions import REFRESHED_AFTER
from tests.factories import PASSWORD, a_person
from tests.registry.test_who_may_see import OPEN

Pages = list[tuple[str, str, str]]


def pages(app: Flask) -> Pages:
    """Every endpoint with an address that fits it and a method that it takes."""
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: _fitting(converter) for name, converter in rule._converters.items()}
        address = app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found.append((rule.endpoint, method, address))
    return found


def takes_token(app: Flask, endpoint: str) -> bool:
    """Whether the address is one for programs."""
    return getattr(app.view_functions[endpoint], "takes_token", False)


def _fitting(converter: Any) -> Any:
    if isinstance(converter, IntegerConverter):
        return 1
    return sorted(converter.items)[0] if isinstance(converter, AnyConverter) else "x"


def test_every_page_but_the_open_ones_asks_for_signing_in(app: Flask, client: Any) -> None:
    """Protected by default: a page that an area adds tomorrow is in this list by itself."""
    asked = 0
    for endpoint, method, address in pages(app):
        if endpoint in OPEN:
            continue
        answer = client.open(address, method=method)
        if takes_token(app, endpoint):
            assert answer.status_code == 401, f"{method} {address} is open to everybody"
            continue
        assert answer.status_code == 303, f"{method} {address} is open to everybody"
        assert answer.location.startswith("/sign-in"), address
        asked += 1
    assert asked > 20


def test_with_a_one_time_password_every_page_leads_to_choosing_an_own_one(
    app: Flask, session: Session, sign_in: Callable[..., Any]
) -> None:
    client = sign_in(a_person(Role.ADMINISTRATOR, must_change_password=True))
    for endpoint, method, address in pages(app):
        if endpoint in OPEN | {"people.change_password", "people.sign_out"}:
            continue
        if takes_token(app, endpoint):
            continue  # programs do not sign in; their tokens are refused (tests/registry/api)
        answer = client.open(address, method=method)
        assert answer.status_code == 303, f"{method} {address}"
        assert answer.location.startswith("/account/password"), address
    assert client.get("/account/password").status_code == 200


def test_the_page_asked_for_comes_back_after_signing_in(client: Any, session: Session) -> None:
    person = a_person()
    first = client.get("/people?role=engineer")
    assert first.location == "/sign-in?next=/people?role%3Dengineer"
    page = client.get(first.location)
    assert 'value="/people?role=engineer"' in page.text
    answer = client.post("/sign-in", data={"login": person.login, "password": PASSWORD,
                                           "next": "/people?role=engineer"})
    assert (answer.status_code, answer.location) == (303, "/people?role=engineer")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example",
                                    "javascript:alert(1)", "/a\nb", ""])
def test_signing_in_leads_nowhere_else(client: Any, session: Session, target: str) -> None:
    person = a_person()
    answer = client.post("/sign-in", data={"login": person.login, "password": PASSWORD,
                                           "next": target})
    assert (answer.status_code, answer.location) == (303, "/")


def test_an_act_asked_for_while_signed_out_is_not_gone_back_to(client: Any) -> None:
    assert client.post("/departments").location == "/sign-in"


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(client: Any) -> None:
    answer = client.get("/people", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/sign-in"


def test_an_address_that_is_not_there_is_told_so(client: Any) -> None:
    assert client.get("/there-is-no-such-page").status_code == 404


def test_an_ended_session_is_over_at_the_next_request(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    client = sign_in(a_person())
    assert client.get("/account").status_code == 200
    (standing,) = session.scalars(select(SignInSession))
    standing.ended_at = utc_now()
    session.flush()
    assert client.get("/account").status_code == 303


def test_an_expired_session_is_over(session: Session, sign_in: Callable[..., Any]) -> None:
    client = sign_in(a_person())
    (standing,) = session.scalars(select(SignInSession))
    standing.expires_at = utc_now() - timedelta(seconds=1)
    session.flush()
    assert client.get("/account").status_code == 303


def test_who_has_left_is_out_at_the_next_request(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    person = a_person()
    client = sign_in(person)
    deactivate_person(person, by=None, now=utc_now())
    assert client.get("/account").status_code == 303


def test_a_forged_cookie_is_nobody(client: Any) -> None:
    client.set_cookie("session", "eyJzaWduX2luIjoiMSJ9.forged.forged")
    assert client.get("/account").location.startswith("/sign-in")


def test_a_session_of_nobodys_is_nobody(client: Any, session: Session) -> None:
    with client.session_transaction() as cookie:
        cookie["sign_in"] = "no such session"
    assert client.get("/account").location.startswith("/sign-in")


def test_use_is_written_down_after_a_while_even_by_reading(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    client = sign_in(a_person())
    (standing,) = session.scalars(select(SignInSession))
    long_ago = utc_now() - REFRESHED_AFTER - timedelta(minutes=1)
    standing.seen_at, expires = long_ago, standing.expires_at
    session.flush()
    assert client.get("/account").status_code == 200
    assert standing.seen_at > long_ago
    assert standing.expires_at > expires


def test_knowing_who_comes_costs_one_query(
    session: Session, sign_in: Callable[..., Any],
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = sign_in(a_person())
    with count_queries() as queries:
        assert client.get("/settings").status_code == 200
    assert len(queries) == 1, queries  # the session, the person and their roles together


def test_a_permission_that_is_not_in_the_table_is_noticed_when_the_view_is_written() -> None:
    with pytest.raises(KeyError):
        permitted("fly")
    assert permitted("see_people")
    assert "see_people" in PERMISSIONS
