"""Walking through a door of the table as somebody, and what came of it. Whatever is done behind it
is taken back at once, so that each cell of the table stands by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from werkzeug.test import TestResponse

from registry.core.db import db
from tests.lived.days import Places
from tests.registry.tickets.sheet_steps import opened
from tests.security.doors import Door

OPENS, REFUSED, ASKED = "opens", "refused", "asked who it is"
DONE = (200, 201, 303)
REFUSALS = {"door": (403,), "own": (403, 404), "act": (403, 404, 409, 422), "open": ()}
TAKEN = {"door": (*DONE, 404, 409, 422), "own": (*DONE, 409, 422), "act": DONE,
         "open": (*DONE, 403, 404, 422, 503)}


def walk(client: Any, door: Door, places: Places,
         headers: Mapping[str, str] | None = None) -> str:
    """Go through, and say what came of it. Any other answer than the table knows is a failure."""
    sent: dict[str, Any] = (
        {"data": filled(door.sent, places)} if not door.scope else
        {"json": filled(door.sent, places)} if door.method == "POST" else {})
    with taken_back():
        if "opens" in door.sent:  # lines of a sheet, before it can be signed
            form = sent["data"]
            sent = {"data": opened(client, door.address.format(**places), form,
                                   form.pop("opens").split())}
        answer = client.open(door.address.format(**places), method=door.method,
                             headers=headers, buffered=True, **sent)
    return judged(door, answer)


def judged(door: Door, answer: TestResponse) -> str:
    """The answer in one word."""
    sent_away = answer.status_code == 303 and (answer.location or "").startswith("/sign-in")
    if answer.status_code == 401 or (sent_away and door.kind != "open"):
        return ASKED
    # The page of an act that was not done asks again, for the parties or for what is missing.
    asks_again = door.kind == "act" and not door.scope and answer.status_code == 200
    if asks_again or answer.status_code in REFUSALS[door.kind]:
        return REFUSED
    assert answer.status_code in TAKEN[door.kind], f"{door.name}: {answer.status}"
    return OPENS


def filled(sent: Any, places: Places) -> Any:
    """What is sent, with the house's things in place of their names; numbers as numbers in JSON."""
    if isinstance(sent, str):
        text = sent.format(**places)
        return int(text) if sent.startswith("{") and text.isdecimal() else text
    if isinstance(sent, Mapping):
        return {filled(name, places): filled(value, places) for name, value in sent.items()}
    return sent


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens inside has not happened afterwards."""
    db.session.flush()
    connection: Any = db.engines[None]
    assert isinstance(connection, Connection), "take the fixture app"
    point = connection.begin_nested()
    try:
        yield
    finally:
        point.rollback()
        db.session.expire_all()
