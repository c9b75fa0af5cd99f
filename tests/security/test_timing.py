"""What a name costs at signing in tells nobody whether it is known: one check, of the same cost,
from the first attempt after a start on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import argon2
import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from registry.people import access, passwords
from registry.people.models import Person
from tests.factories import a_person

Work = list[str]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Each use of the slow hash, after a start at which nothing was computed yet."""
    done: Work = []

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(PasswordHasher, name)

        def count(self: PasswordHasher, *args: Any, **kwargs: Any) -> Any:
            done.append(name)
            return real(self, *args, **kwargs)
        return count

    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, counted(name))
    passwords._nobody.cache_clear()
    return done


def cost_of(client: Any, work: Work, login: str) -> Work:
    work.clear()
    answer = client.post("/sign-in", data={"login": login, "password": "wrong"})
    assert answer.status_code == 422
    return list(work)


def logins(*persons: Person) -> list[str]:
    return ["ghost", *(person.login for person in persons), "another ghost"]


def test_known_unknown_and_left_cost_one_check_each(
    client: Any, session: Session, work: Work
) -> None:
    names = logins(a_person(), a_person(is_active=False), a_person(password_hash=""))
    assert [cost_of(client, work, login) for login in names] == [["verify"]] * len(names)


def test_without_the_made_up_hash_the_cost_would_tell(
    client: Any, session: Session, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hasty(stored: str, secret: str) -> bool:
        return bool(stored) and passwords.matches(stored, secret)

    monkeypatch.setattr(access, "matches", hasty)
    known = a_person()
    assert cost_of(client, work, known.login) != cost_of(client, work, "ghost")


@pytest.mark.parametrize("cheap", [True, False])
def test_the_made_up_hash_costs_what_a_real_one_does(cheap: bool) -> None:
    real = passwords._hasher(cheap).hash("a real password")
    made_up = passwords._nobody(cheap)
    assert argon2.extract_parameters(made_up) == argon2.extract_parameters(real)
    assert len(made_up) == len(real)
