"""Web processes killed by SIGKILL at moments that chance draws, in the midst of handoffs: a hundred
times on each database, half of them under people's forms and half under programs. Tickets are taken
before a witness and passed on; a kill counts where it came before the answer.

Whatever was acknowledged is there; whoever got no answer asks again, and nothing is done twice.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from flask import Flask

from registry.api.rules import Scope
from registry.api.service import make_token
from registry.core.db import atomic
from registry.core.times import utc_now
from tests.factories import PASSWORD
from tests.faults.conftest import assert_whole
from tests.faults.passing import OFFERED, SIGNED, TAKEN, VISITOR, WITNESS, Passing, Told
from tests.faults.web import Browser, Program, Web

BY_FORMS, BY_PROGRAMS = 50, 50
SIGNATURE = {"method": "password", "secret": PASSWORD}


def is_too_late(told: Told) -> bool:
    """A form sent again says that somebody was quicker, or that an offer waits already."""
    return told.status in (409, 422)


def is_replayed(told: Told) -> bool:
    """A program's request sent again gets the first answer, marked as such."""
    return told.status in (200, 201) and told.replayed


def test_handoffs_by_forms_whose_processes_are_killed(
    company: Flask, web: Web, drawn: random.Random
) -> None:
    passing = Passing(company, web, drawn)
    browsers = [Browser(web.port, login) for login in passing.logins]

    def act(who: int, path: str, adds: list[str], **typed: str) -> None:
        form = {**browsers[who].hidden(path), **typed, "password": PASSWORD}
        assert "nonce" in form
        passing.try_killed(lambda: Told(*browsers[who].ask(path, form)), adds, is_too_late)

    how = {"next_step": "I look at it",
           "next_step_by": f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT%H:%M}"}
    for turn in passing.turns(BY_FORMS):
        first, second = turn % 2, 1 - turn % 2
        moves = f"/tickets/{passing.number}/moves"
        act(VISITOR, f"{moves}/take?receiver={passing.ids[first]}&witness={passing.ids[WITNESS]}",
            OFFERED, reason="")
        offer = f"/handoffs/{passing.open_offer()}"
        act(first, f"{offer}/accept", SIGNED, **how)
        assert passing.now() == (passing.entries, passing.ids[VISITOR], 1)
        act(WITNESS, f"{offer}/witness", TAKEN)
        assert passing.now() == (passing.entries, passing.ids[first], 0)
        act(first, f"{moves}/pass_on?receiver={passing.ids[second]}", OFFERED, reason="")
        assert passing.now() == (passing.entries, passing.ids[first], 1)
        act(second, f"/handoffs/{passing.open_offer()}/accept", TAKEN, **how)
        assert passing.now() == (passing.entries, passing.ids[second], 0)
    assert_whole(company)


def test_handoffs_by_programs_whose_processes_are_killed(
    company: Flask, web: Web, drawn: random.Random
) -> None:
    passing, keys = Passing(company, web, drawn), count()
    programs = []
    for which in range(len(passing.ids)):
        with company.app_context(), atomic():
            secret = make_token(passing.person(which), name="Test", scopes=tuple(Scope), days=3,
                                by=None, proved=None, now=utc_now())[1]
        programs.append(Program(web.port, secret))

    def act(who: int, path: str, adds: list[str], body: dict[str, Any]) -> dict[str, Any]:
        send = partial(programs[who].post, path, body | {"signature": SIGNATURE},
                       f"act-{next(keys)}")
        passing.try_killed(lambda: Told(*send()), adds, is_replayed)
        status, page, replayed = send()
        assert (status in (200, 201), replayed) == (True, True), page
        return json.loads(page)  # type: ignore[no-any-return]

    how = {"next_step": "I look at it",
           "next_step_by": (datetime.now(UTC) + timedelta(days=2)).isoformat()}
    for turn in passing.turns(BY_PROGRAMS):
        first, second = turn % 2, 1 - turn % 2
        handoffs = f"/tickets/{passing.number}/handoffs"
        offered = act(VISITOR, handoffs, OFFERED, {
            "move": "take", "receiver": passing.ids[first], "witness": passing.ids[WITNESS]})
        act(first, f"/handoffs/{offered['id']}/accept", SIGNED, how)
        assert passing.now() == (passing.entries, passing.ids[VISITOR], 1)
        act(WITNESS, f"/handoffs/{offered['id']}/witness", TAKEN, {})
        assert passing.now() == (passing.entries, passing.ids[first], 0)
        offered = act(first, handoffs, OFFERED,
                      {"move": "pass_on", "receiver": passing.ids[second]})
        assert passing.now() == (passing.entries, passing.ids[first], 1)
        act(second, f"/handoffs/{offered['id']}/accept", TAKEN, how)
        assert passing.now() == (passing.entries, passing.ids[second], 0)
    assert_whole(company)
