"""Proving who one is: attempts are written down, wrong ones slow the next, time tells nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.errors import Reason
from registry.people import proof as proving
from registry.people.models import Person, SignInAttempt
from registry.people.proof import (
    FAILURES_OF_ACCOUNT,
    FAILURES_OF_ADDRESS,
    WINDOW,
    Proof,
    begin_attempt,
    finish_attempt,
    prove,
)
from tests.factories import NOW, PASSWORD, a_person

A_SECOND = timedelta(seconds=1)


def attempt(
    person: Person | None, secret: str, *, login: str = "", address: str = "10.0.0.1",
    purpose: str = "sign_in", after: timedelta = timedelta()
) -> Proof | Reason:
    return prove(person, secret, login=login or (person.login if person else "nobody"),
                 purpose=purpose, address=address, now=NOW + after)


def test_the_right_password_is_a_proof_and_is_written_down(session: Session) -> None:
    person = a_person()
    proof = attempt(person, PASSWORD)
    assert isinstance(proof, Proof)
    assert (proof.person_id, proof.method, proof.address) == (person.id, "password", "10.0.0.1")
    (row,) = session.scalars(select(SignInAttempt))
    assert (row.login, row.purpose, row.succeeded) == (person.login, "sign_in", True)


def test_an_unknown_name_and_a_wrong_password_are_told_alike(session: Session) -> None:
    wrong = attempt(a_person(), "wrong")
    unknown = attempt(None, "wrong")
    left = attempt(a_person(is_active=False), PASSWORD)
    without = attempt(a_person(password_hash=""), "")
    assert isinstance(wrong, Reason)
    assert wrong == unknown == left == without


def test_an_unknown_name_costs_one_hash_like_a_known_one(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def matches(stored: str, secret: str) -> bool:
        checked.append(secret)
        return False

    monkeypatch.setattr(proving, "matches", matches)
    attempt(None, "first")
    attempt(a_person(), "second")
    attempt(a_person(is_active=False), "third")
    assert checked == ["first", "second", "third"]


def test_too_many_wrong_attempts_close_the_account_for_a_while(session: Session) -> None:
    person = a_person()
    for number in range(FAILURES_OF_ACCOUNT):
        attempt(person, "wrong", address=f"10.0.0.{number}")
    blocked = attempt(person, PASSWORD, after=A_SECOND)
    assert isinstance(blocked, Reason)
    assert blocked.code == "too_many_attempts"
    assert isinstance(attempt(a_person(), PASSWORD, after=A_SECOND), Proof)
    assert isinstance(attempt(person, PASSWORD, after=WINDOW + A_SECOND), Proof)


def test_an_unknown_name_is_closed_just_the_same(session: Session) -> None:
    answers = [attempt(None, "wrong", login="ghost") for _ in range(FAILURES_OF_ACCOUNT + 1)]
    assert [each.code for each in answers if isinstance(each, Reason)] == [
        *["wrong_password"] * FAILURES_OF_ACCOUNT, "too_many_attempts"]


def test_a_right_password_forgives_the_wrong_ones_before_it(session: Session) -> None:
    person = a_person()
    for second in range(FAILURES_OF_ACCOUNT - 1):
        attempt(person, "wrong", after=second * A_SECOND)
    assert isinstance(attempt(person, PASSWORD, after=10 * A_SECOND), Proof)
    for second in range(FAILURES_OF_ACCOUNT - 1):
        attempt(person, "wrong", after=(11 + second) * A_SECOND)
    assert isinstance(attempt(person, PASSWORD, after=20 * A_SECOND), Proof)


def test_wrong_signatures_and_wrong_sign_ins_count_together(session: Session) -> None:
    person = a_person()
    for number in range(FAILURES_OF_ACCOUNT):
        attempt(person, "wrong", purpose="sign" if number % 2 else "sign_in")
    blocked = attempt(person, PASSWORD, purpose="sign", after=A_SECOND)
    assert isinstance(blocked, Reason)
    assert blocked.code == "too_many_attempts"


def test_many_names_from_one_address_close_the_address(session: Session) -> None:
    for number in range(FAILURES_OF_ADDRESS):
        attempt(None, "wrong", login=f"ghost{number}")
    person = a_person()
    blocked = attempt(person, PASSWORD, after=A_SECOND)
    assert isinstance(blocked, Reason)
    assert isinstance(attempt(person, PASSWORD, address="10.0.0.2", after=A_SECOND), Proof)


def test_attempts_side_by_side_all_count_before_any_is_finished(session: Session) -> None:
    person = a_person()
    begun = [begin_attempt(person.login, purpose="sign", address="", now=NOW)
             for _ in range(FAILURES_OF_ACCOUNT + 2)]
    assert [isinstance(each, Reason) for each in begun] == [
        *[False] * FAILURES_OF_ACCOUNT, True, True]


def test_a_wrong_password_at_signing_says_that_nothing_was_signed(session: Session) -> None:
    begun = begin_attempt("orlov", purpose="sign", address="", now=NOW)
    assert isinstance(begun, SignInAttempt)
    refusal = finish_attempt(begun.id, None)
    assert str(refusal) == "The password is wrong. Nothing was signed."


def test_overlong_names_and_addresses_are_cut_and_still_counted(session: Session) -> None:
    for _ in range(FAILURES_OF_ACCOUNT):
        attempt(None, "wrong", login="g" * 500, address="a" * 500)
    blocked = attempt(None, "wrong", login="g" * 500, after=A_SECOND)
    assert isinstance(blocked, Reason)
    assert blocked.code == "too_many_attempts"
