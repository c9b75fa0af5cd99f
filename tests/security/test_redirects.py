"""No address of ours sends anybody elsewhere, whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.core import web
from registry.people import sign_in_views
from tests.factories import PASSWORD, a_person

ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example",
    "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example",
    "https:evil.example", "javascript:alert(1)", " //evil.example", "/\x1f/evil.example",
    "/people\r\nLocation: https://evil.example/", "http://localhost.evil.example/"]


def goes_to(answer: Any) -> str:
    """The host to which a browser would go: it drops tabs and line ends, and takes \\ for /."""
    target = (answer.location or "").replace("\\", "/")
    target = "".join(each for each in target if ord(each) >= 32).strip()
    reached = urlsplit(urljoin("http://localhost/page", target))
    return reached.netloc if reached.scheme in ("http", "https") else f"{reached.scheme}:"


def answers(client: Any, wanted: str) -> list[Any]:
    """Of each address that takes where to go next."""
    person = a_person()
    return [
        client.post("/language", data={"language": "ru", "next": wanted}),
        client.post("/sign-in", data={"login": person.login, "password": PASSWORD,
                                      "next": wanted}),
        client.get("/sign-in", query_string={"next": wanted}),
        client.post("/account/password", data={
            "old": PASSWORD, "new": "an own secret", "again": "an own secret", "next": wanted})]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_sent_elsewhere(client: Any, session: Session, wanted: str) -> None:
    for answer in answers(client, wanted):
        assert answer.status_code == 303, answer.text
        assert goes_to(answer) == "localhost"


def test_a_page_of_ours_is_gone_to(client: Any, session: Session) -> None:
    assert {each.location for each in answers(client, "/people?role=lead")} == {
        "/people?role=lead"}


def test_without_the_check_one_would_be_sent_elsewhere(
    client: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (web, sign_in_views):
        monkeypatch.setattr(module, "local_path", lambda target, default: target or default)
    assert {goes_to(each) for each in answers(client, "//evil.example/")} == {"evil.example"}


def test_no_doubled_slash_makes_an_address_elsewhere(
    app: Flask, session: Session, sign_in: Callable[..., Any]
) -> None:
    """The server itself redirects //x/y to a single slash: to this host, not to x."""
    client = sign_in(a_person())
    for path in ("//evil.example/people", "//evil.example//tickets", "/people//"):
        answer = client.get(path)
        assert goes_to(answer) == "localhost", answer.location
