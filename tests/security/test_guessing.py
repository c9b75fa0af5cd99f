"""Passwords are not found by trying many, at the sign-in and at signing. How it is counted:
tests/registry/people/test_proof.py; side by side is no way around: test_proving_at_the_edge.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.people import passwords, proof
from tests.factories import PASSWORD, House, a_person, a_ticket

GUESSES = [*(f"guess number {number}" for number in range(20)), PASSWORD]


@pytest.fixture(params=[True, False], ids=["defended", "undefended"])
def defended(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With the bounds of attempts as they are, and as if there were none."""
    if not request.param:
        for bound in ("FAILURES_OF_ACCOUNT", "FAILURES_OF_ADDRESS"):
            monkeypatch.setattr(proof, bound, 10_000)
    return bool(request.param)


def test_a_list_of_passwords_opens_no_account(
    session: Session, client: Any, defended: bool
) -> None:
    person = a_person()
    answers = [client.post("/sign-in", data={"login": person.login, "password": guess})
               for guess in GUESSES]
    assert (answers[-1].status_code == 303) is not defended


def test_one_password_tried_at_many_accounts_opens_none(
    session: Session, client: Any, defended: bool
) -> None:
    """No account is tried often: it is the address that is."""
    persons = [a_person(password_hash="") for _ in range(45)] + [a_person()]
    answers = [client.post("/sign-in", data={"login": person.login, "password": PASSWORD})
               for person in persons]
    assert (answers[-1].status_code == 303) is not defended


def test_a_list_of_passwords_signs_nothing_at_anothers_screen(
    session: Session, sign_in: Callable[..., Any], defended: bool
) -> None:
    house = House()
    ticket = a_ticket(house, "in_fix")
    client = sign_in(house.engineer)
    for number, guess in enumerate(GUESSES):
        client.post(f"/tickets/{ticket.number}/moves/hold", data={
            "reason": "A part", "until": "2099-01-01T10:00", "password": guess,
            "nonce": f"{number:032}"})
    assert (ticket.state == "on_hold") is not defended


TRIED_FIRST = ["qwerty123456", "1q2w3e4r5t6y", "Password2024!", "!!Iloveyou!!99", "gfhjkmgfhjkm",
               "monkeymonkey", "123456789987654321"]


def chosen(client: Any, secret: str) -> int:
    return int(client.post("/account/password", data={
        "old": PASSWORD, "new": secret, "again": secret}).status_code)


@pytest.mark.parametrize("secret", TRIED_FIRST)
def test_a_password_that_is_tried_first_is_not_taken_and_would_be_without_the_list(
    session: Session, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    client = sign_in(a_person())
    assert chosen(client, secret) == 422
    monkeypatch.setattr(passwords, "is_common", lambda _secret: False)
    assert chosen(client, secret) == 303


@pytest.mark.parametrize(("secret", "status"), [
    ("eleven char", 422), ("twelve chars", 303), ("пароль 🔑 со склада", 303), ("ab1 " * 16, 303),
    ("x y z w " * 16, 303), ("x y z w " * 16 + "!", 422)], ids=[
    "11", "12", "letters of the world", "64", "128", "129"])
def test_how_long_a_password_is_and_of_what_is_bounded_by_nothing_else(
    session: Session, sign_in: Callable[..., Any], secret: str, status: int
) -> None:
    assert chosen(sign_in(a_person()), secret) == status
