"""What the server itself refuses or cannot do is told under the API as a problem, as every refusal
of an act is; and the daily report is told by day, as it was made or counted now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.api import other_views
from registry.core.calendar import company_calendar
from registry.core.times import utc_now
from registry.reports.models import DailyReport
from tests.factories import House, a_ticket

PROBLEM = "application/problem+json"


def is_problem(answer: TestResponse, status: int) -> bool:
    """Whether the answer is the problem of that status, with a sentence and the request's id."""
    return ((answer.status_code, answer.mimetype) == (status, PROBLEM)
            and answer.json["status"] == status and bool(answer.json["detail"])
            and answer.json["instance"].endswith(answer.headers["X-Request-Id"]))


def test_more_than_is_taken_is_a_problem(
        house: House, calls: Any, app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100)
    answer = calls(house.visitor).post("/clients", {"name": "x" * 200})
    assert is_problem(answer, 413), answer.text


@pytest.mark.parametrize("number", [10**15, 2**53 + 1, 222589125776266473999721910239232])
def test_a_number_beyond_all_tickets_is_no_address(house: House, calls: Any, number: int):
    answer = calls(house.visitor).post(f"/tickets/{number}/moves", {"move": "hold"})
    assert is_problem(answer, 404), answer.text


def test_what_is_no_json_is_a_problem(house: House, calls: Any):
    visitor = calls(house.visitor)
    answer = visitor.client.post("/api/v1/clients", data="name=x", headers=visitor.headers,
                                 content_type="application/x-www-form-urlencoded")
    assert is_problem(answer, 415), answer.text


def test_a_fault_of_ours_is_a_problem_that_tells_nothing_of_it(
        house: House, calls: Any, app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr(other_views, "desk_of", failing(RuntimeError("inner words")))
    answer = calls(house.visitor).get("/desk")
    assert is_problem(answer, 500), answer.text
    assert "inner words" not in answer.text


def test_a_database_that_is_away_is_a_problem_with_a_time_to_ask_again(
        house: House, calls: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(other_views, "desk_of", failing(
        OperationalError("x", None, Exception("database is locked"))))
    answer = calls(house.visitor).get("/desk")
    assert is_problem(answer, 503), answer.text
    assert answer.json["errors"][0]["code"] == "database_away"
    assert int(answer.headers["Retry-After"]) > 0


def failing(error: Exception) -> Callable[..., Any]:
    """Something that raises the error, whatever it is given."""
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    return fail


def test_the_report_on_a_day_is_counted_until_it_was_made(
        house: House, calls: Any, session: Session):
    director, now = calls(house.director), utc_now()
    day = company_calendar().local(now).date() - timedelta(days=1)
    counted = director.get(f"/reports/daily/{day}")
    assert (counted.status_code, counted.json["day"]) == (200, day.isoformat())
    assert counted.json["frozen"] is False
    session.add(DailyReport(day=day, made_at=now, due_at=now, note="", data=counted.json["data"]))
    session.flush()
    a_ticket(house)
    made = director.get(f"/reports/daily/{day}").json
    assert made["frozen"] is True
    assert made["data"] == counted.json["data"]


@pytest.mark.parametrize("which", ["today", "2999-01-01", "1500-01-01", "no-day"])
def test_there_is_no_report_on_a_day_that_is_not_over(house: House, calls: Any, which: str):
    day = company_calendar().local(utc_now()).date().isoformat() if which == "today" else which
    answer = calls(house.director).get(f"/reports/daily/{day}")
    assert answer.status_code in {404, 422}
    assert is_problem(answer, answer.status_code), answer.text


JSON = "application/json"


@pytest.mark.parametrize("body", [
    b"", b"{", b"client: 1", b'{"name": NaN}', b'{"name": "\xff"}', b"{} {}", b"'x'"])
def test_what_is_no_json_is_told_so(house: House, calls: Any, body: bytes):
    visitor = calls(house.visitor)
    answer = visitor.client.post("/api/v1/clients", data=body, headers=visitor.headers,
                                 content_type=JSON)
    assert is_problem(answer, 400), answer.text
    assert answer.json["errors"] == [{
        "code": "no_json", "pointer": "",
        "detail": "What was sent is no JSON. Send one JSON object in UTF-8."}]


@pytest.mark.parametrize(("body", "code", "pointer"), [
    (b'{"name": "a\\u0000b", "note": "x"}', "text_unusable", "/name"),
    (b'{"name": "a", "note": "\\ud800"}', "text_unusable", "/note"),
    (b'{"name": "a", "no\\u0000te": "b"}', "text_unusable", ""),
    (b'{"name": ' + b"9" * 5000 + b"}", "string_type", "/name"),
    (b'{"name": ' + b"[" * 9 + b"]" * 9 + b"}", "string_type", "/name"),
    (b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}", "too_deep", ""),
    (b'{"name": ' + b'{"a": ' * 51 + b"1" + b"}" * 52, "too_deep", ""),
    (b'{"name": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "too_deep", ""),
    (b"[]", "model_type", ""), (b"null", "model_type", ""), (b"7", "model_type", "")])
def test_json_that_does_not_fit_is_told_what_is_wrong_with_it(
        house: House, calls: Any, body: bytes, code: str, pointer: str):
    visitor = calls(house.visitor)
    answer = visitor.client.post("/api/v1/clients", data=body, headers=visitor.headers,
                                 content_type=JSON)
    assert is_problem(answer, 422), answer.text
    assert "no JSON" not in answer.text
    assert [(each["code"], each["pointer"]) for each in answer.json["errors"]] == [(code, pointer)]


@pytest.mark.parametrize("depth", [51, 700])
def test_what_lies_deep_where_anything_may_lie_is_refused(house: House, calls: Any, depth: int):
    ticket = a_ticket(house, "accepted")
    deep = b"[" * depth + b"]" * depth
    engineer = calls(house.engineer)
    for body in (b'{"move": "hold", "fields": {"a": ' + deep + b"}}",
                 b'{"move": "hold", "signature": {"method": "passkey", "assertion": '
                 b'{"clientExtensionResults": {"a": ' + deep + b"}}}}"):
        answer = engineer.client.post(f"/api/v1/tickets/{ticket.number}/moves", data=body,
                                      headers=engineer.headers | {"Idempotency-Key": "k"},
                                      content_type=JSON)
        assert is_problem(answer, 422), answer.text
        assert [each["code"] for each in answer.json["errors"]] == ["too_deep"]


@pytest.mark.parametrize(("path", "pointer"), [
    ("/tickets?size=0", "size"), ("/tickets?cursor=zz", "cursor"), ("/sites?cursor=zz", "cursor"),
    ("/tickets?size=1&size=2", "size"), ("/tickets?colour=red", "colour"),
    ("/tickets/99999999999", "number"), ("/reports/daily/today", "day")])
def test_a_parameter_is_called_by_its_name(house: House, calls: Any, path: str, pointer: str):
    answer = calls(house.director).get(path)
    assert is_problem(answer, 422), answer.text
    assert [each["pointer"] for each in answer.json["errors"]] == [pointer]


def test_a_parameter_of_an_act_is_called_by_its_name(house: House, calls: Any):
    answer = calls(house.visitor).post("/tickets/99999999999/moves", {"move": "hold"})
    assert [each["pointer"] for each in answer.json["errors"]] == ["number"]


def test_only_what_is_no_json_is_told_so(house: House, calls: Any):
    visitor = calls(house.visitor)
    for answer in (visitor.client.delete("/api/v1/clients"),
                   visitor.get("/nowhere"), visitor.post("/tickets/999999/moves", {"move": "x"}),
                   visitor.client.post("/api/v1/clients", data="{}", headers=visitor.headers)):
        assert answer.status_code in (404, 405, 415)
        assert "no JSON" not in answer.text
    wrong_host = visitor.client.get("/api/v1/clients", headers=visitor.headers | {"Host": "a b"})
    assert "no JSON" not in wrong_host.text
