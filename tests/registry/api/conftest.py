"""A house whose people have tokens, and a caller that sends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from registry.api.rules import Scope
from registry.api.service import make_token
from registry.core.times import utc_now
from registry.people.models import Person
from tests.factories import PASSWORD

SIGNATURE = {"method": "password", "secret": PASSWORD}


class Caller:
    """A program that acts for one person."""

    def __init__(self, client: Any, person: Person, scopes: tuple[str, ...]) -> None:
        self.client = client
        _token, secret = make_token(person, name="Test", scopes=scopes, days=3, by=None,
                                    proved=None, now=utc_now())
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **headers: str) -> TestResponse:
        """GET under /api/v1; ``If_None_Match`` stands for If-None-Match."""
        return self.client.get(f"/api/v1{path}", headers=self._all(headers))

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """POST of JSON."""
        return self.client.post(f"/api/v1{path}", json=body, headers=self._all(headers))

    def _all(self, headers: dict[str, str]) -> dict[str, str]:
        return self.headers | {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def calls(new_client: Callable[[], Any]) -> Callable[..., Caller]:
    """Make callers: ``calls(house.visitor)`` with every scope, or with those named."""
    def make(person: Person, *scopes: str) -> Caller:
        return Caller(new_client(), person, scopes or tuple(Scope))

    return make


@pytest.fixture
def later() -> str:
    """A date that a promise may name."""
    return datetime(2099, 1, 1).astimezone().isoformat()
