"""No POST of the API can forget what all of them owe: a repeat under an idempotency key is answered
as before and acts no second time, and an act on a ticket that has changed is not done.

The addresses are those that the application has; one that is new here must be given a body below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.api import keys
from registry.api.document import document
from registry.api.keys import Done
from registry.api.rules import Scope
from registry.api.service import make_token
from registry.core.times import utc_now
from registry.ledger.models import LedgerEntry
from registry.people.models import SignInAttempt
from tests.factories import PASSWORD, House, a_ticket, offer

SIGNED = {"signature": {"method": "password", "secret": PASSWORD}}
BODIES: dict[str, dict[str, Any]] = {
    "api.post_client": {"name": "Duma Hotel"}, "api.post_site": {"name": "Roof"},
    "api.post_ticket": {"client": 1, "summary": "Slow line"},
    "api.post_move": {"move": "cancel", "reason": "Twice", **SIGNED},
    "api.post_handoff": {"receiver": 1, **SIGNED},
    "api.post_check": {"result": "gone", "contact_name": "G", "note": "It is fast", **SIGNED},
    "api.agree": SIGNED, "api.withdraw_proposal": {},
    "api.accept": {"next_step": "I measure", **SIGNED, "witness_signature": SIGNED["signature"]},
    "api.witness": SIGNED, "api.decline": {"reason": "Not mine"}, "api.withdraw": {},
}
# Beside each act that is signed stands what it would sign; nothing is done there, no key taken.
SHOWN = {f"api.show_{name}": BODIES[f"api.{view}"] for name, view in {
    "move": "post_move", "offer": "post_handoff", "check": "post_check", "agree": "agree",
    "accept": "accept", "witness": "witness"}.items()}


@pytest.fixture
def addresses(house: House, app: Flask) -> dict[str, str]:
    """Every address of the API that takes a POST, with a ticket that is offered in its place."""
    ticket = a_ticket(house)
    waiting = offer(ticket, "take", house.engineer, witness=house.registrar)
    places = {"number": ticket.number, "handoff": f"{ticket.number}-{waiting.seq}"}
    adapter = app.url_map.bind("localhost")
    return {rule.endpoint: adapter.build(rule.endpoint, {
                name: places[name] for name in rule.arguments}, method="POST")
            for rule in app.url_map.iter_rules()
            if rule.endpoint.startswith("api.") and "POST" in (rule.methods or ())}


@pytest.fixture
def post(house: House, new_client: Callable[[], Any]) -> Callable[..., TestResponse]:
    """Send a POST with the visitor's token."""
    _token, secret = make_token(house.visitor, name="T", scopes=tuple(Scope), days=1, by=None,
                                proved=None, now=utc_now())
    client = new_client()

    def send(path: str, body: Any, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post(path, json=body,
                           headers={"Authorization": f"Bearer {secret}"} | named)

    return send


def traces(session: Session) -> tuple[int, int]:
    """How many entries the ledger has, and how many passwords were tried."""
    return (session.scalar(select(func.count()).select_from(LedgerEntry)) or 0,
            session.scalar(select(func.count()).select_from(SignInAttempt)) or 0)


def changed(body: dict[str, Any]) -> dict[str, Any]:
    """Another request of the same shape; a changed password alone would make none."""
    if "signature" in body:
        return body | {"signature": body["signature"] | {"nonce": "n" * 22}}
    return {name: f"{value} too" if isinstance(value, str) else value
            for name, value in body.items()} or {"reason": "Changed"}


def test_every_post_is_known(addresses: dict[str, str]):
    assert set(addresses) == set(BODIES | SHOWN)


@pytest.mark.parametrize("endpoint", sorted(BODIES))
def test_a_repeat_is_answered_before_anything_is_proved_or_done(
        endpoint: str, house: House, addresses: dict[str, str],
        post: Callable[..., TestResponse], session: Session):
    path, body = addresses[endpoint], BODIES[endpoint]
    keys.keep_answer(house.visitor.id, "k", keys.digest_of("POST", path, body),
                     Done({"kept": 1}, 207, (("ETag", '"e"'),)), now=utc_now())
    before = traces(session)
    again = post(path, body, Idempotency_Key="k", If_Match='"of old"')
    assert (again.status_code, again.json) == (207, {"kept": 1})
    assert (again.headers["Idempotency-Replayed"], again.headers["ETag"]) == ("true", '"e"')
    other = post(path, changed(body), Idempotency_Key="k")
    assert [each["code"] for each in other.json["errors"]] == ["key_reused"]
    unusable = post(path, body, Idempotency_Key="a b")
    assert [each["code"] for each in unusable.json["errors"]] == ["key_unusable"]
    assert traces(session) == before


@pytest.mark.parametrize("endpoint", sorted(set(BODIES | SHOWN) - {
    "api.post_client", "api.post_site", "api.post_ticket"}))
def test_every_act_on_a_ticket_is_held_against_the_head_that_was_seen(
        endpoint: str, addresses: dict[str, str], post: Callable[..., TestResponse],
        session: Session):
    entries = traces(session)[0]
    late = post(addresses[endpoint], (BODIES | SHOWN)[endpoint], If_Match=f'"{"0" * 64}"')
    assert late.status_code == 412, late.text
    assert [each["code"] for each in late.json["errors"]] == ["has_moved"]
    assert [each["kind"] for each in late.json["happened"]] == ["logged", "handoff_offered"]
    assert traces(session)[0] == entries


def test_the_document_tells_of_both(app: Flask):
    with app.test_request_context():
        paths = document()["paths"]
    posts = {path: item["post"] for path, item in paths.items() if "post" in item}
    assert len(posts) == len(BODIES | SHOWN)
    for path, operation in posts.items():
        names = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
        key = set() if path.endswith("/statements") else {"Idempotency-Key"}
        assert names == key | ({"If-Match"} if "{" in path else set()), path
