"""The pages of signing in and out and of passwords, as a browser uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.people.credentials import issue_password
from registry.people.demo import (
    DEMO_LOGINS,
    DEMO_PASSWORD,
    demo_accounts,
    demo_person,
    give_demo_password,
)
from registry.people.models import Role, SignInAttempt, SignInSession
from registry.people.passwords import is_password_of
from registry.people.proof import FAILURES_OF_ACCOUNT
from tests.factories import NOW, PASSWORD, a_person


def enter(client: Any, login: str, password: str, **more: str) -> Any:
    return client.post("/sign-in", data={"login": login, "password": password, **more})


def test_the_right_password_begins_a_session_in_the_persons_language(
    client: Any, session: Session
) -> None:
    person = a_person(language="ru")
    answer = enter(client, f" {person.login.upper()} ", PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    assert 'lang="ru"' in client.get("/account").text
    (standing,) = session.scalars(select(SignInSession))
    assert (standing.person_id, standing.address) == (person.id, "127.0.0.1")


def test_the_cookie_is_for_our_pages_only(client: Any, session: Session) -> None:
    answer = enter(client, a_person().login, PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_session_of_before_is_not_taken_over(client: Any, session: Session) -> None:
    """Whoever planted a cookie before the sign-in knows nothing of the session after it."""
    with client.session_transaction() as cookie:
        cookie["sign_in"], cookie["planted"] = "planted", "planted"
    enter(client, a_person().login, PASSWORD)
    with client.session_transaction() as cookie:
        assert cookie["sign_in"] != "planted"
        assert "planted" not in cookie


def page_without_what_was_typed(text: str) -> str:
    return re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", text)


def test_unknown_wrong_and_left_get_the_same_page(client: Any, session: Session) -> None:
    known, left = a_person(), a_person(is_active=False)
    client.get("/sign-in")  # the first page of a browser comes without the face
    answers = [enter(client, login, password) for login, password in (
        (known.login, "wrong"), ("nobody", "wrong"), (left.login, PASSWORD), ("", ""))]
    assert {answer.status_code for answer in answers} == {422}
    assert len({page_without_what_was_typed(answer.text) for answer in answers}) == 1
    assert "Name or password is wrong." in answers[0].text
    assert f'value="{known.login}"' in answers[0].text


def test_the_cursor_stands_where_something_has_to_be_typed(client: Any, session: Session) -> None:
    def focused(page: str) -> list[str]:
        fields = re.findall(r"<input [^>]*>", page)
        return [name for each in fields if " autofocus" in each
                for name in re.findall(r' name="(\w+)"', each)]

    assert focused(client.get("/sign-in").text) == ["login"]
    assert focused(enter(client, a_person().login, "wrong").text) == ["password"]


def test_a_login_that_is_tried_too_often_has_to_wait(client: Any, session: Session) -> None:
    person = a_person()
    for _ in range(FAILURES_OF_ACCOUNT):
        enter(client, person.login, "wrong")
    answer = enter(client, person.login, PASSWORD)
    assert answer.status_code == 422
    assert "Too many wrong attempts" in answer.text
    assert len(session.scalars(select(SignInAttempt)).all()) == FAILURES_OF_ACCOUNT


def test_who_is_signed_in_goes_on(session: Session, sign_in: Callable[..., Any]) -> None:
    client = sign_in(a_person())
    assert client.get("/sign-in?next=/people").location == "/people"


def test_signing_out_ends_the_session_and_keeps_the_language(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    client = sign_in(a_person(language="ru"))
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    (standing,) = session.scalars(select(SignInSession))
    assert standing.ended_at is not None
    assert 'lang="ru"' in client.get("/sign-in").text
    assert client.get("/account").status_code == 303


def test_a_one_time_password_is_changed_before_anything_else(
    client: Any, session: Session
) -> None:
    person = a_person(Role.ENGINEER)
    secret = issue_password(person, by=None, now=NOW)
    enter(client, person.login, secret, next="/people")
    assert client.get("/people").location == "/account/password?next=/people"
    form = {"old": secret, "new": "an own secret", "again": "an own secret", "next": "/people"}
    refused = client.post("/account/password", data=form | {"old": "wrong", "new": "short"})
    assert refused.status_code == 422
    for sentence in ("not your present password", "at least 12 characters", "differ"):
        assert sentence in refused.text
    assert 'value="short"' not in refused.text
    answer = client.post("/account/password", data=form)
    assert (answer.status_code, answer.location) == (303, "/people")
    assert client.get("/people").status_code == 200
    assert is_password_of(person, "an own secret")


def test_a_new_password_signs_out_everywhere_else(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    person = a_person()
    here, there = sign_in(person), sign_in(person)
    here.post("/account/password", data={
        "old": PASSWORD, "new": "an own secret", "again": "an own secret"})
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_forms_without_their_token_are_refused(guarded_client: Any, session: Session) -> None:
    answer = enter(guarded_client, a_person().login, PASSWORD)
    assert answer.status_code == 400
    assert "opened too long ago" in answer.text


@pytest.mark.parametrize("field", ["login", "password", "next"])
def test_a_zero_character_is_no_fault_of_ours(
    client: Any, session: Session, field: str
) -> None:
    form = {"login": "nobody", "password": "wrong", "next": "/"}
    answer = client.post("/sign-in", data=form | {field: "a\x00b"})
    assert answer.status_code == 400
    assert client.get("/sign-in?next=/%00").status_code == 400


@pytest.fixture
def demo(app: Flask, session: Session) -> list[str]:
    people = [a_person(role, login=login, name=f"Demo {role.value}")
              for role, login in DEMO_LOGINS.items()]
    give_demo_password(people)
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], demo=True)
    return [person.login for person in people]


def test_the_demo_offers_each_account_by_one_tap(client: Any, demo: list[str]) -> None:
    page = client.get("/sign-in").text
    assert all(f'value="{login}"' in page for login in demo)
    assert DEMO_PASSWORD in page
    answer = client.post("/sign-in/demo", data={"login": "engineer", "next": "/account"})
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Demo engineer" in client.get("/account").text


def test_the_demo_lets_in_by_its_accounts_only(client: Any, demo: list[str]) -> None:
    other = a_person(login="somebody")
    for login in (other.login, "", "nobody"):
        assert client.post("/sign-in/demo", data={"login": login}).status_code == 404
    assert demo_person("somebody") is None


def test_the_demos_people_share_a_password_to_sign_with(client: Any, demo: list[str]) -> None:
    assert [account.login for account in demo_accounts()] == demo
    assert demo_accounts()[0].initials == "DV"
    assert enter(client, "engineer", DEMO_PASSWORD).status_code == 303


def test_outside_the_demo_there_is_no_door_without_a_password(
    client: Any, session: Session
) -> None:
    a_person(login="engineer")
    assert client.post("/sign-in/demo", data={"login": "engineer"}).status_code == 404
    assert "demo" not in client.get("/sign-in").text
