"""The log of requests: one line each, an id that everything of the request bears, no word of
anybody's, and nothing that a stranger sends forges a line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy.orm import Session

from registry.core.logs import start_logs
from tests.factories import PASSWORD, House, a_ticket

FORGED = 'x\n{"event": "request", "person": 1}\r\n\u2028\x1b[2J\u0085ж'


class Lines:
    """The log as an operator's program reads it: line by line, each one object."""

    def __init__(self, written: io.StringIO) -> None:
        self.text = written.getvalue

    def __call__(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What is logged during the test."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    start_logs()
    # A logger that was used before keeps its way of writing; let the two take the new one.
    monkeypatch.setattr("registry.core.requests.log", structlog.get_logger("web"))

    yield Lines(written)
    structlog.reset_defaults()
    root.handlers, root.level = before, level


def of_requests(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == "request"]


def test_a_line_tells_who_what_and_how_it_ended(
    session: Session, sign_in: Callable[..., Any], lines: Any
) -> None:
    house = House()
    ticket = a_ticket(house)
    client = sign_in(house.visitor)
    answer = client.get(f"/tickets/{ticket.number}?secret=words")
    last = of_requests(lines())[-1]
    assert {name: last[name] for name in ("method", "endpoint", "status", "person", "number")} == {
        "method": "GET", "endpoint": "tickets.show", "status": 200, "person": house.visitor.id,
        "number": ticket.number}
    assert last["ms"] > 0
    assert last["request_id"] == answer.headers["X-Request-Id"]


def test_no_line_carries_what_was_typed(
    session: Session, sign_in: Callable[..., Any], lines: Any
) -> None:
    house = House()
    client = sign_in(house.visitor)
    client.get("/tickets?q=confidential")
    client.post("/tickets/new", data={"summary": "confidential", "password": PASSWORD})
    client.get("/confidential")
    client.get("/sign-in", headers={"User-Agent": "confidential", "Referer": "confidential"})
    told = json.dumps(lines(), ensure_ascii=False)
    assert len(of_requests(lines())) == 5
    for words in ("confidential", PASSWORD, house.visitor.name, house.visitor.login):
        assert words not in told


def test_whatever_is_sent_forges_no_line(app: Flask, session: Session, lines: Any) -> None:
    client = app.test_client()
    client.get("/sign-in", query_string={"next": FORGED}, headers={"X-Request-Id": "short"})
    client.post("/sign-in", data={"login": FORGED, "password": FORGED})
    client.get("/" + FORGED.replace("\n", "%0A").replace("\r", "%0D"))
    logging.getLogger("registry").error("heard %s", FORGED)
    told = lines()
    assert len(told) == 4
    assert all(line.get("person") is None for line in told)


def test_what_is_written_is_plain_ascii(app: Flask, lines: Any) -> None:
    logging.getLogger("registry").error("heard %s", FORGED)
    written = lines.text()
    assert written.isascii()
    assert written.count("\n") == 1
    assert "\x1b" not in written


@pytest.mark.parametrize(("proxies", "given", "kept"), [
    (1, "abc-DEF_1.2", True), (0, "abc-DEF_1.2", False), (1, "short", False),
    (1, "with space", False), (1, "x" * 65, False), (1, "<script>1", False)])
def test_a_proxys_id_is_taken_where_it_is_trusted_and_sane(
    make_app: Callable[..., Flask], proxies: int, given: str, kept: bool
) -> None:
    client = make_app(proxies=proxies).test_client()
    answer = client.get("/nowhere-at-all/x", headers={"X-Request-Id": given})
    taken = answer.headers["X-Request-Id"]
    assert (taken == given) is kept
    assert len(taken) >= 6


def test_a_fault_is_told_by_kind_and_place_and_not_by_its_words(
    app: Flask, session: Session, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> str:
        raise ZeroDivisionError("Volga Bank")

    breaks.open_to_all = True  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "people.sign_in", breaks)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = app.test_client().get("/sign-in")
    told = lines()
    assert [line["request_id"] for line in told] == [answer.headers["X-Request-Id"]] * len(told)
    (fault,) = [line for line in told if "error" in line]
    assert fault["error"] == "ZeroDivisionError"
    assert fault["way"][-1].endswith("breaks")
    assert "Volga" not in json.dumps(told)


def test_the_id_of_one_request_stays_out_of_the_next(app: Flask, session: Session, lines: Any
                                                     ) -> None:
    client = app.test_client()
    first = client.get("/sign-in").headers["X-Request-Id"]
    logging.getLogger("registry").error("between")
    assert first not in json.dumps(lines()[-1])


def test_a_log_that_cannot_be_written_stops_nobody(
    app: Flask, session: Session, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open("/dev/full", "w", encoding="ascii") as full:
        monkeypatch.setattr("sys.stderr", full)
        start_logs()
        monkeypatch.setattr("registry.core.requests.log", structlog.get_logger("web"))
        assert app.test_client().get("/sign-in").status_code == 200
        logging.getLogger("registry").error("nobody hears this")
        monkeypatch.setattr("sys.stderr", io.StringIO())
        with pytest.raises(OSError, match="No space left"):
            full.close()
