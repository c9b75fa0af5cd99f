"""The document of the API is valid, and what is answered is what it says: schemathesis plays every
request with every check.

Under CI it plays the same calls each time. Nothing goes over a network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from openapi_spec_validator import validate
from schemathesis.checks import CHECKS, load_all_checks

from registry.api.rules import Scope
from registry.api.service import make_token
from registry.core.db import atomic
from registry.core.times import utc_now
from tests.factories import House, a_ticket, offer
from tests.ground.parts import is_ci

# Refused by the rules of the domain: what is sent fits its shape and is still no sense.
BY_THE_RULES = {400, 403, 404, 409, 412, 422}
CALLS = 260
LEAST = 5_000  # on each database


class Played:
    """The calls that were played, by status."""

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}

    def note(self, status: int) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1

    @property
    def count(self) -> int:
        return sum(self.statuses.values())


@pytest.fixture
def world(make_app: Callable[..., Flask], database: Any) -> tuple[Flask, str]:
    """A house with tickets, and the token of the programme lead."""
    app = make_app()
    with app.app_context(), atomic():
        house = House()
        for state in ("logged", "accepted", "in_fix"):
            a_ticket(house, state)
        offer(a_ticket(house), "take", house.engineer, witness=house.registrar)
        _token, secret = make_token(house.lead, name="Schema", scopes=tuple(Scope), days=1,
                                    by=None, proved=None, now=utc_now())
    return app, secret


def schema_of(app: Flask) -> Any:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    rules = schema.config.checks
    rules.positive_data_acceptance.expected_statuses = ["2xx", *map(str, sorted(BY_THE_RULES))]
    return schema


def test_the_document_is_valid(world: tuple[Flask, str]):
    app, _secret = world
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    validate(document)
    ids = [each["operationId"] for item in document["paths"].values() for each in item.values()]
    assert len(ids) == len(set(ids)) >= 20


def test_every_request_answers_as_the_document_says(world: tuple[Flask, str]):
    app, secret = world
    played, schema = Played(), schema_of(app)
    headers = {"Authorization": f"Bearer {secret}"}
    for found in schema.get_all_operations():
        operation = found.ok()
        play(operation, headers, played)
    assert played.count >= LEAST, played.statuses
    assert not [status for status in played.statuses if status >= 500]
    assert played.statuses.get(200, 0) + played.statuses.get(201, 0) > 40, played.statuses


def play(operation: Any, headers: dict[str, str], played: Played) -> None:
    """One request of the document, many times: good and bad bodies, every check."""
    cases = operation.as_strategy() | operation.as_strategy(
        generation_mode=schemathesis.GenerationMode.NEGATIVE)

    @hypothesis.settings(max_examples=CALLS, deadline=None, derandomize=is_ci(), database=None,
                         phases=[hypothesis.Phase.generate],
                         suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=cases)
    def once(case: Any) -> None:
        if "Authorization" in (case.headers or {}):  # left out where its lack is the fault
            case.headers["Authorization"] = headers["Authorization"]
        response = case.call()
        played.note(response.status_code)
        case.validate_response(response)

    once()


def test_all_checks_are_made():
    load_all_checks()
    assert {"not_a_server_error", "status_code_conformance", "content_type_conformance",
            "response_schema_conformance", "ignored_auth"} <= set(CHECKS.get_all_names())
