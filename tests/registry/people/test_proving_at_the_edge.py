"""Proving at the edge with real commits: many at once, and no lock while the slow hash runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text

from registry.core.db import atomic, db
from registry.core.errors import Reason, Refused
from registry.people import access
from registry.people.access import prove_at_edge, signing_by
from registry.people.models import Person, SignInAttempt
from registry.people.proof import FAILURES_OF_ACCOUNT, Proof
from tests.factories import NOW, PASSWORD, a_person


@pytest.fixture
def at_the_edge(committed_app: Flask) -> Callable[[Callable[[Person], Any]], Any]:
    """Run something with the one person of the registry, as in a request that posts: at a screen
    where they are not signed in, so the login is given too."""
    with committed_app.app_context(), atomic():
        typed = {f"login_{a_person(login='orlov').id}": "orlov"}

    def run(act: Callable[[Person], Any]) -> Any:
        def in_request() -> Any:
            with committed_app.test_request_context(method="POST", data=typed):
                try:
                    return act(db.session.scalars(select(Person)).one())
                finally:
                    db.session.remove()

        return Context().run(in_request)

    return run


def prove(secret: str, seconds: int = 0) -> Callable[[Person], Proof | Reason]:
    return lambda person: prove_at_edge(person, secret, login="orlov", purpose="sign_in",
                                        now=NOW + timedelta(seconds=seconds))


def attempts(_person: Person) -> int:
    return db.session.scalar(select(func.count()).select_from(SignInAttempt)) or 0


def test_many_attempts_at_once_are_not_more_than_one_after_the_other(at_the_edge: Any) -> None:
    tries = FAILURES_OF_ACCOUNT * 3
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: at_the_edge(prove("wrong")), range(tries)))
    codes = [answer.code for answer in answers]
    assert codes.count("wrong_password") == FAILURES_OF_ACCOUNT
    assert codes.count("too_many_attempts") == tries - FAILURES_OF_ACCOUNT
    assert at_the_edge(attempts) == FAILURES_OF_ACCOUNT


def test_a_wrong_attempt_is_kept_although_the_act_is_refused(at_the_edge: Any) -> None:
    def act(person: Person) -> None:
        signing = signing_by(person, "wrong", nonce="n" * 16, now=NOW)
        with atomic():
            raise Refused(signing.problem or Reason("none", "None."))

    with pytest.raises(Refused, match="Nothing was signed"):
        at_the_edge(act)
    assert at_the_edge(attempts) == 1


def test_a_right_password_signs_for_whoever_gives_it(at_the_edge: Any) -> None:
    def act(person: Person) -> tuple[bool, str, str]:
        signing = signing_by(person, PASSWORD, nonce="n" * 16, now=NOW, shown_head="h")
        return signing.problem is None, signing.nonce, signing.shown_head

    assert at_the_edge(act) == (True, "n" * 16, "h")
    assert isinstance(at_the_edge(prove(PASSWORD, 1)), Proof)


def test_nobody_waits_while_the_hash_is_computed(
    at_the_edge: Any, committed_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection writes in the middle of the check, without patience."""
    written: list[int] = []
    genuine = access.matches
    url = committed_app.config["SQLALCHEMY_DATABASE_URI"]
    options = {"timeout": 0} if url.startswith("sqlite") else {}
    other = create_engine(url, connect_args=options)

    def matches(stored: str, secret: str) -> bool:
        with other.begin() as connection:
            if not options:
                connection.execute(text("SET lock_timeout = '100ms'"))
            done = connection.execute(text("UPDATE person SET phone = '12'"))
            written.append(done.rowcount)
        return genuine(stored, secret)

    monkeypatch.setattr(access, "matches", matches)
    assert isinstance(at_the_edge(prove(PASSWORD)), Proof)
    other.dispose()
    assert written == [1]
