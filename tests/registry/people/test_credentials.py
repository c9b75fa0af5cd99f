"""One-time passwords and choosing the own one."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.core.errors import Forbidden, Reason, Refused
from registry.ledger.entries import entries_of
from registry.people.credentials import ALPHABET, change_password, issue_password
from registry.people.models import Role
from registry.people.passwords import is_password_of, matches
from registry.people.proof import Proof
from registry.people.queries import sessions_of
from registry.people.sessions import open_session
from tests.factories import NOW, PASSWORD, a_person

WRONG = Reason("wrong_password", "Name or password is wrong.", field="password")


def proof(person_id: int) -> Proof:
    return Proof(person_id, "password", NOW, "127.0.0.1")


def test_a_one_time_password_lets_in_and_has_to_be_changed(session: Session) -> None:
    administrator, person = a_person(Role.ADMINISTRATOR), a_person()
    open_session(person, address="", device="", now=NOW)
    secret = issue_password(person, by=administrator, now=NOW)
    assert is_password_of(person, secret)
    assert person.must_change_password
    assert sessions_of(person, now=NOW) == []
    assert entries_of(person.chain)[-1].kind == "password_issued"
    assert secret.encode() not in entries_of(person.chain)[-1].body


def test_one_time_passwords_differ_and_are_easy_to_read(session: Session) -> None:
    person = a_person()
    made = {issue_password(person, by=None, now=NOW) for _ in range(20)}
    assert len(made) == 20
    assert all(len(secret) == 14 and set(secret) <= {*ALPHABET, "-"} for secret in made)
    assert not set("0o1il") & set(ALPHABET)


def test_only_an_administrator_issues_passwords_and_not_to_who_has_left(session: Session) -> None:
    with pytest.raises(Forbidden):
        issue_password(a_person(), by=a_person(Role.LEAD), now=NOW)
    with pytest.raises(Refused, match="take them back first"):
        issue_password(a_person(is_active=False), by=None, now=NOW)


def test_the_own_password_ends_all_other_sessions(session: Session) -> None:
    person = a_person(must_change_password=True)
    here = open_session(person, address="", device="", now=NOW)
    open_session(person, address="", device="", now=NOW)
    change_password(person, "an own secret", again="an own secret", proved=proof(person.id),
                    now=NOW, keep=here.id)
    assert is_password_of(person, "an own secret")
    assert not person.must_change_password
    assert [each.id for each in sessions_of(person, now=NOW)] == [here.id]
    assert entries_of(person.chain)[-1].kind == "password_changed"


def test_everything_wrong_with_a_new_password_is_said_at_once(session: Session) -> None:
    person = a_person()
    with pytest.raises(Refused) as error:
        change_password(person, "short", again="other", proved=WRONG, now=NOW)
    assert [(each.code, each.field) for each in error.value.reasons] == [
        ("wrong_password", "old"), ("password_short", "new"), ("not_the_same", "again")]
    assert is_password_of(person, PASSWORD)


def test_the_new_password_is_another_one(session: Session) -> None:
    person = a_person()
    with pytest.raises(Refused, match="other than the present"):
        change_password(person, PASSWORD, again=PASSWORD, proved=proof(person.id), now=NOW)


def test_too_many_attempts_are_said_beside_the_present_password(session: Session) -> None:
    blocked = Reason("too_many_attempts", "Wait.", field="password")
    with pytest.raises(Refused) as error:
        change_password(a_person(), "an own secret", again="an own secret", proved=blocked,
                        now=NOW)
    assert [(each.code, each.field) for each in error.value.reasons] == [
        ("too_many_attempts", "old")]


def test_the_proof_of_another_changes_nothing(session: Session) -> None:
    person, other = a_person(), a_person()
    with pytest.raises(Refused, match="not your present password"):
        change_password(person, "an own secret", again="an own secret", proved=proof(other.id),
                        now=NOW)


def test_no_password_matches_where_none_is_stored(session: Session) -> None:
    assert not matches("", "nobody has this password")
    assert not matches("no hash at all", "secret")
    assert not is_password_of(a_person(is_active=False), PASSWORD)
