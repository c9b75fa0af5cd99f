"""Tokens: who gets in, how far, and that nothing else opens the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.api import edge
from registry.api.commands import token as tokens
from registry.api.models import ApiToken
from registry.api.service import NOTED_AFTER, digest_of
from registry.core.db import db
from registry.core.times import utc_now
from tests.factories import PASSWORD, House
from tests.registry.core.test_noted import STANDBY, fails


def last_token() -> ApiToken:
    return db.session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).first()


def test_a_token_opens_what_its_person_may_see(house: House, calls: Any):
    answer = calls(house.visitor).get("/desk")
    assert answer.status_code == 200
    assert answer.json["counts"]["held"] == 0


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Bearer cs_wrong"}, {"Authorization": "Basic YTpi"},
    {"Authorization": "Bearer"}])
def test_without_a_token_the_problem_says_what_to_send(client: Any, house: House, headers: Any):
    answer = client.get("/api/v1/desk", headers=headers)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["errors"][0]["code"] == "unauthorised"


def test_a_cookie_opens_nothing(house: House, sign_in: Callable[..., Any]):
    browser = sign_in(house.visitor)
    assert browser.get("/account").status_code == 200
    assert browser.get("/api/v1/desk").status_code == 401
    assert browser.post("/api/v1/clients", json={"name": "X"}).status_code == 401


@pytest.mark.parametrize("change", ["expired", "revoked", "left", "one_time_password"])
def test_what_is_over_opens_nothing(house: House, calls: Any, change: str):
    caller, token = calls(house.visitor), last_token()
    assert caller.get("/desk").status_code == 200
    if change == "expired":
        last_token().expires_at = utc_now() - timedelta(seconds=1)
    elif change == "revoked":
        last_token().revoked_at = utc_now()
    elif change == "left":
        token.person.is_active = False
    else:
        token.person.must_change_password = True
    assert caller.get("/desk").status_code == 401


def test_a_scope_narrows_and_a_role_is_still_asked_for(house: House, calls: Any):
    reader = calls(house.visitor, "read")
    refused = reader.post("/clients", {"name": "Duma Hotel"})
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    engineer = calls(house.engineer)
    assert engineer.post("/clients", {"name": "Duma Hotel"}).status_code == 403
    assert engineer.get("/reports/daily/2020-01-01").status_code == 403
    assert calls(house.visitor).post("/clients", {"name": "Duma Hotel"}).status_code == 201


def test_the_use_is_noted_once_a_minute(house: House, calls: Any):
    caller = calls(house.visitor)
    caller.get("/desk")
    first = last_token().last_used_at
    assert first is not None
    caller.get("/desk")
    assert last_token().last_used_at == first
    last_token().last_used_at = first - NOTED_AFTER
    caller.get("/desk")
    assert last_token().last_used_at > first - NOTED_AFTER


def test_a_standby_still_answers(house: House, calls: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(edge, "note_use", fails(STANDBY))
    assert calls(house.visitor).get("/desk").status_code == 200


def test_a_token_is_made_under_the_password_and_shown_once(house: House, sign_in: Any):
    browser = sign_in(house.visitor)
    wanted = {"name": "Report robot", "scopes": ["read"], "days": "30"}
    refused = browser.post("/account/tokens", data=wanted | {"password": "wrong"})
    assert refused.status_code == 422
    assert "Report robot" in refused.text
    made = browser.post("/account/tokens", data=wanted | {"password": PASSWORD})
    assert made.status_code == 200
    secret = "cs_" + made.text.partition("cs_")[2][:43]
    assert last_token().digest == digest_of(secret)
    assert secret not in browser.get("/account/tokens").text
    assert "Report robot" in browser.get("/account/tokens").text


def test_a_token_is_revoked_by_its_person_or_an_administrator(
    house: House, calls: Any, sign_in: Any
):
    caller, token_id = calls(house.visitor), last_token().id
    other = sign_in(house.engineer)
    assert other.post(f"/tokens/{token_id}/revoke").status_code == 403
    assert other.get(f"/people/{house.visitor.id}/tokens").status_code == 403
    assert caller.get("/desk").status_code == 200
    administrator = sign_in(house.administrator)
    assert "Test" in administrator.get(f"/people/{house.visitor.id}/tokens").text
    assert administrator.post(f"/tokens/{token_id}/revoke").status_code == 303
    assert caller.get("/desk").status_code == 401


def test_the_operator_makes_lists_and_revokes(house: House, app: Any, session: Any):
    runner = app.test_cli_runner()
    made = runner.invoke(tokens, ["create", house.visitor.login, "--name", "Robot", "--scope",
                                    "read", "--days", "5"])
    assert made.exit_code == 0, made.output
    assert made.output.startswith("cs_")
    listed = runner.invoke(tokens, ["list", house.visitor.login])
    assert "Robot\tread" in listed.output
    assert runner.invoke(tokens, ["revoke", str(last_token().id)]).exit_code == 0
    assert last_token().revoked_at is not None


def test_the_secret_of_a_token_that_was_not_kept_is_not_shown(
    house: House, app: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("registry.core.db._commit", fails(STANDBY))
    made = app.test_cli_runner().invoke(tokens, ["create", house.visitor.login, "--name", "Robot",
                                                 "--scope", "read"])
    assert made.exit_code != 0
    assert "cs_" not in made.output


def test_the_operator_sees_every_token(house: House, app: Any, session: Session):
    now = utc_now()
    session.add_all(ApiToken(person_id=house.visitor.id, name=f"Robot {each}", digest=str(each),
                             scopes="read", created_at=now, expires_at=now)
                    for each in range(201))
    session.flush()
    listed = app.test_cli_runner().invoke(tokens, ["list"]).output.splitlines()
    assert len(listed) == 201
