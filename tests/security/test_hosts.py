"""Under which names the registry answers: its own, the node's and the machine's. A page elsewhere
whose name was led to our address (DNS rebinding) gets no page of ours and no API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

OURS = "https://registry.example.org"


@pytest.fixture
def serve(app: Flask, session: Session, client: Any) -> Iterator[Callable[..., Any]]:
    """Ask for a path under a host, of an installation with the settings given."""
    def ask(called: str, path: str = "/sign-in", **changes: Any) -> Any:
        app.config["SETTINGS"] = replace(app.config["SETTINGS"],
                                         **({"base_url": OURS} | changes))
        return client.get(path, headers={"Host": called})

    return ask


@pytest.mark.parametrize("host", [
    "registry.example.org", "registry.example.org:443", "REGISTRY.example.org.", "localhost",
    "127.0.0.1:8000", "[::1]:8000", "10.1.2.3:8000"])
def test_under_its_own_names_the_registry_answers(serve: Callable[..., Any], host: str) -> None:
    assert serve(host, host="10.1.2.3").status_code == 200


def test_a_name_in_letters_of_its_own_is_known_as_browsers_send_it(
    serve: Callable[..., Any]
) -> None:
    own = {"base_url": "https://реестр.рф:8443"}
    assert serve("xn--e1aa5aceg.xn--p1ai:8443", **own).status_code == 200
    assert serve("xn--e1aa5aceg.xn--p1ai.evil.example:8443", **own).status_code == 400


STRANGE = ["evil.example.org", "registry.example.org.evil.example", "evil.example:8000",
           "10.9.9.9:8000", "localhost.evil.example", "127.0.0.1.evil.example",
           "registry.example.org@evil.example", "registry.example.org:443@evil.example",
           "registry.example.org, evil.example", "evil.example/registry.example.org", "[::1].evil",
           "."]


@pytest.mark.parametrize("host", STRANGE)
def test_under_any_other_name_there_is_no_page(serve: Callable[..., Any], host: str) -> None:
    answer = serve(host)
    assert answer.status_code == 400
    assert "name=\"login\"" not in answer.text
    assert OURS not in answer.text, "whoever led the name here learns no other"


@pytest.mark.parametrize("path", ["/api/v1/desk", "/api/v1/openapi.json", "/api/v1/nothing"])
def test_under_any_other_name_there_is_no_api(serve: Callable[..., Any], path: str) -> None:
    answer = serve("evil.example.org", path)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["status"] == 400
    assert answer.json["detail"]


def test_where_nothing_is_there_a_strange_name_is_not_told_so(serve: Callable[..., Any]) -> None:
    assert serve("registry.example.org", "/nothing").status_code == 404
    assert serve("evil.example.org", "/nothing").status_code == 400


def test_a_node_that_listens_everywhere_is_called_by_any_address_but_by_no_name(
    serve: Callable[..., Any]
) -> None:
    for everywhere in ("0.0.0.0", "::"):
        assert serve("192.168.1.5:8000", host=everywhere).status_code == 200
        assert serve("[fd00::5]:8000", host=everywhere).status_code == 200
        assert serve("evil.example.org", host=everywhere).status_code == 400


@pytest.mark.parametrize("host", ["10.1.2.3:8000", "evil.example.org", ""])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_machines_that_watch_ask_under_any_name(
    serve: Callable[..., Any], path: str, host: str
) -> None:
    assert serve(host, path).status_code in (200, 503)


def test_numbers_ask_for_their_token_under_any_name(serve: Callable[..., Any]) -> None:
    home = {"base_url": "http://127.0.0.1:8000"}
    assert serve("127.0.0.1", "/metrics", **home).status_code == 200
    assert serve("evil.example.org", "/metrics", **home).status_code == 403


@pytest.mark.parametrize(("proxies", "status"), [(0, 200), (1, 400)])
def test_behind_a_proxy_the_name_that_it_was_asked_by_counts(
    make_app: Callable[..., Flask], proxies: int, status: int
) -> None:
    app = make_app(base_url=OURS, proxies=proxies)
    headers = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": "evil.example.org"}
    assert app.test_client().get("/sign-in", headers=headers).status_code == status
    own = headers | {"X-Forwarded-Host": "registry.example.org"}
    assert app.test_client().get("/sign-in", headers=own).status_code == 200
