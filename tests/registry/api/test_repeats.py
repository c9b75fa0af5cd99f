"""Every act of the API sent twice under one key is done once and answered twice alike. That a
repeat comes before all else stands in tests/contracts/test_api_posts.py."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.api.models import KeptAnswer
from registry.clients.models import Client, Site
from registry.core.db import db
from registry.core.times import utc_now
from registry.people.models import SignInAttempt
from tests.factories import House
from tests.lived.registry import a_passkey
from tests.registry.api.acts import ACTS, SIGNED, Scene
from tests.registry.api.test_same_acts import everything, filled

NEW = {"/clients": {"name": "Duma Hotel"}, "/sites": {"name": "Tower"}}


def traces() -> tuple[Any, ...]:
    """All that an act could leave once more."""
    return (everything(), *(db.session.scalar(select(func.count()).select_from(model))
                            for model in (Client, Site, SignInAttempt)))


def sent_twice(caller: Any, path: str, body: dict[str, Any]) -> None:
    before = traces()
    first = caller.post(path, body, Idempotency_Key="once")
    assert first.status_code in (200, 201), first.json
    after = traces()
    assert after != before
    again = caller.post(path, body, Idempotency_Key="once")
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert again.headers.get("ETag") == first.headers.get("ETag")
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert traces() == after


@pytest.mark.parametrize("name", ACTS)
def test_an_act_sent_twice_is_done_once_and_answered_alike(name: str, house: House, calls: Any):
    act = ACTS[name]
    scene = Scene(house, act)
    sent_twice(calls(getattr(house, act.by)), act.api.format(**scene.names),
               filled(act.good[0], scene))


@pytest.mark.parametrize("path", NEW)
def test_what_is_entered_twice_stands_there_once(path: str, house: House, calls: Any):
    sent_twice(calls(house.lead), path, NEW[path])


def test_every_post_that_acts_is_among_them(app: Flask):
    ways = app.url_map.bind("localhost")
    known = {ways.match(f"/api/v1{path.format(number=1, handoff='1-1')}", method="POST")[0]
             for path in (*NEW, *(act.api for act in ACTS.values()))}
    assert known == {rule.endpoint for rule in app.url_map.iter_rules()
                     if rule.endpoint.startswith("api.") and "POST" in (rule.methods or ())
                     and not rule.rule.endswith("/statements")}


def test_what_is_only_shown_is_shown_anew_and_its_key_is_left_for_the_act(
    house: House, calls: Any, at_a_name: Flask
):
    """Nothing is done, so nothing can be done twice."""
    act = ACTS["move without a field"]
    scene = Scene(house, act)
    engineer, path = calls(house.engineer), act.api.format(**scene.names)
    body = act.good[0] | SIGNED
    shows, asks = f"{path}/statements", body | {"signature": {"method": "passkey"}}
    a_passkey(house.engineer, utc_now())
    shown = [engineer.post(shows, asks, Idempotency_Key="once") for _ in range(2)]
    assert [each.status_code for each in shown] == [200, 200], shown[0].text
    assert all("Idempotency-Replayed" not in each.headers for each in shown)
    assert db.session.query(KeptAnswer).count() == 0
    assert engineer.post(path, body, Idempotency_Key="once").status_code == 200
    again = engineer.post(path, body, Idempotency_Key="once")
    assert again.headers["Idempotency-Replayed"] == "true"
    late = engineer.post(shows, asks, Idempotency_Key="once")
    assert "key_reused" not in {each["code"] for each in late.json["errors"]}
