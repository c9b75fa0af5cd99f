"""Requests without a server: a client, signing in by the real form, counting queries.

Each request runs in a context of its own, as on a server: neither the session nor the person of
the test is shared with it, although both see the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.core.db import db
from registry.people.models import Person
from tests.factories import PASSWORD

NOT_QUERIES = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA")


class Client(FlaskClient):
    """A client whose requests share nothing with the test but the database."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send the request; afterwards the test's session reads everything anew."""
        if has_app_context():
            db.session.flush()
        answer = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.expire_all()
        return answer


@pytest.fixture
def new_client(app: Flask, session: Session) -> Iterator[Callable[[], Client]]:
    """Make clients without CSRF tokens, one for each person who acts."""
    app.test_client_class = Client
    app.config["WTF_CSRF_ENABLED"] = False
    yield app.test_client  # type: ignore[misc]
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def client(new_client: Callable[[], Client]) -> Client:
    """A client that nobody is signed in at."""
    return new_client()


@pytest.fixture
def guarded_client(new_client: Callable[[], Client], app: Flask) -> Client:
    """A client at which forms without a CSRF token are refused, as outside tests."""
    app.config["WTF_CSRF_ENABLED"] = True
    return new_client()


@pytest.fixture
def sign_in(new_client: Callable[[], Client], app: Flask) -> Callable[..., Client]:
    """Sign a person in by the form; gives a client of their own."""
    address = app.url_map.bind("localhost").build("people.sign_in")

    def sign_in(person: Person, password: str = PASSWORD) -> Client:
        client = new_client()
        answer = client.post(address, data={"login": person.login, "password": password})
        assert answer.status_code == 303, f"{person.login} was not let in: {answer.text}"
        return client

    return sign_in


class Queries(list[str]):
    """The statements that ran in a block, in order."""

    def __str__(self) -> str:
        return f"{len(self)} queries:\n" + "\n".join(self)


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[Queries]]:
    """``with count_queries() as queries: …`` then ``assert len(queries) == 4, queries``."""
    return watched_queries


@contextmanager
def watched_queries() -> Iterator[Queries]:
    """Collect each statement sent to any database, but for the marks of transactions."""
    queries = Queries()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(NOT_QUERIES):
            queries.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        event.remove(Engine, "before_cursor_execute", note)
