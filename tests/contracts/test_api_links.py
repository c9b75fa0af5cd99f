"""The links of the API's document lead on: schemathesis goes from a logged ticket to its offer and
to its acceptance as the document says, and every answer on the way is checked like any other.

A program that only guesses is refused at the first step. The callers here know whom they hand a
ticket to and their own passwords; in most of their calls they say so, in the others they guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from zlib import crc32

import hypothesis
import pytest
from flask import Flask
from schemathesis.checks import CHECKS, load_all_checks

from registry.api.rules import Scope
from registry.api.service import make_token
from registry.core.db import atomic
from registry.core.times import utc_now
from tests.contracts.test_api_document import schema_of
from tests.factories import PASSWORD, House

WALKS, STEPS = 30, 25
# A handoff from its beginning to its end; what is asked without it, the other file plays.
ON_THE_WAY = ["log", "offer", "accept", "decline", "withdraw", "ticket", "moves", "ledger"]
SIGNED = {"signature": {"method": "password", "secret": PASSWORD}}
# Who acts, by the last word of the address: all others are the visitor's acts.
OF_RECEIVER, OF_WITNESS = {"accept", "decline"}, {"witness", "agree"}


class Callers:
    """Three programs, each with one person's token, and what these people know."""

    def __init__(self, house: House) -> None:
        people = {"visitor": house.visitor, "engineer": house.engineer,
                  "registrar": house.registrar}
        self.secrets = {name: make_token(person, name="Walk", scopes=tuple(Scope), days=1, by=None,
                                         proved=None, now=utc_now())[1]
                        for name, person in people.items()}
        self.known: dict[str, dict[str, Any]] = {
            "tickets": {"client": house.client.id, "summary": "Slow line", "measured": "12",
                        "criterion": house.criterion.id},
            "handoffs": {"move": "take", "receiver": house.engineer.id,
                         "witness": house.registrar.id, **SIGNED},
            "accept": {"next_step": "I measure", "next_step_by": "2099-01-01T12:00:00+03:00",
                       **SIGNED, "witness_signature": SIGNED["signature"]},
            "decline": {"reason": "Not mine"}, "withdraw": SIGNED, "witness": SIGNED,
            "moves": {"move": "cancel", "reason": "Logged twice", **SIGNED}, "agree": SIGNED}

    def secret(self, path: str) -> str:
        """The token of whoever acts at the address."""
        act = path.rpartition("/")[2]
        who = ("engineer" if act in OF_RECEIVER else
               "registrar" if act in OF_WITNESS else "visitor")
        return self.secrets[who]


@pytest.fixture
def world(make_app: Callable[..., Flask], database: Any) -> tuple[Flask, Callers]:
    """A house and its callers."""
    app = make_app()
    with app.app_context(), atomic():
        callers = Callers(House())
    return app, callers


def test_the_links_of_the_document_lead_on(world: tuple[Flask, Callers]):
    load_all_checks()
    app, callers = world
    played: Counter[tuple[str, int]] = Counter()

    class Walk(schema_of(app).include(operation_id=ON_THE_WAY).as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: Any) -> None:
            known = callers.known.get(case.path.rpartition("/")[2])
            if known is not None and crc32(repr(case.body).encode()) % 4:
                case.body = dict(known)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {callers.secret(case.path)}"}}

        def after_call(self, response: Any, case: Any) -> None:
            played[case.path.removeprefix("/api/v1/"), response.status_code] += 1

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            # That a call without its token, or with what does not fit, is refused is seen in
            # test_api_document.py; here tokens and bodies are put in place of the wrong ones.
            case.validate_response(response, excluded_checks=[
                CHECKS.get_one("ignored_auth"), CHECKS.get_one("negative_data_rejection")])

    # Each walk by itself: the registry remembers, so no walk can be played again, and hypothesis
    # must not compare one with another. Its first is always the plainest, the second by the seed.
    for number in range(WALKS):
        hypothesis.seed(number)(Walk).run(settings=hypothesis.settings(
            max_examples=2, stateful_step_count=STEPS, deadline=None, database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck)))
    assert not [status for _path, status in played if status >= 500], played
    assert played["tickets", 201] >= 5, played
    assert played["tickets/{number}/handoffs", 201], played
    assert played["handoffs/{handoff}/accept", 200], played
