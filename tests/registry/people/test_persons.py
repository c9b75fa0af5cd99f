"""Taking people on, changing them, letting them leave: what is refused and what is entered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.core.errors import Forbidden, Reason, Refused
from registry.ledger.entries import content_of, entries_of, unseal
from registry.people import rules
from registry.people.absences import record_absence
from registry.people.models import Person, Role
from registry.people.queries import person_by_login, sessions_of
from registry.people.rules import Away, Details
from registry.people.service import (
    change_own,
    change_person,
    create_first_administrator,
    create_person,
    deactivate_person,
    reactivate_person,
    set_roles,
)
from registry.people.sessions import open_session
from tests.factories import NOW, a_department, a_person

ORLOV = Details("P.Orlov", "Pavel Orlov", "orlov@example.org", "+7 495 1", "ru",
                roles=frozenset({Role.ENGINEER}))


@pytest.fixture
def administrator(session: Session) -> Person:
    return a_person(Role.ADMINISTRATOR, name="Rita Zimina")


@pytest.fixture
def orlov(administrator: Person) -> Person:
    details = replace(ORLOV, department=a_department("Technical"))
    return create_person(details, by=administrator, now=NOW)


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def test_a_new_person_is_written_down_and_entered_under_seals(
    administrator: Person, orlov: Person
) -> None:
    (entry,) = entries_of(orlov.chain)
    content = content_of(entry)
    assert (entry.kind, entry.actor) == ("person_created", administrator.ref)
    assert content["roles"] == ["engineer"]
    assert content["department"] == f"department:{orlov.department_id}"
    assert b"Orlov" not in entry.body
    assert b"example.org" not in entry.body
    assert unseal([content["name"]])[content["name"]] == "Pavel Orlov"
    assert orlov.head_hash == entry.hash


def test_a_login_is_the_same_in_capitals(orlov: Person) -> None:
    assert orlov.login == "p.orlov"
    assert person_by_login(" P.ORLOV ") is orlov


def test_a_new_person_cannot_sign_in_before_a_password_is_issued(orlov: Person) -> None:
    assert orlov.password_hash == ""
    assert orlov.must_change_password


def test_a_login_belongs_to_one_person_only(administrator: Person, orlov: Person) -> None:
    with pytest.raises(Refused) as error:
        create_person(replace(ORLOV, name=""), by=administrator, now=NOW)
    assert refusal(error) == ["name_missing", "login_taken"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_manages_people(session: Session, role: Role) -> None:
    somebody, other = a_person(role), a_person()
    for verb in (
        lambda: create_person(ORLOV, by=somebody, now=NOW),
        lambda: change_person(other, ORLOV, by=somebody, now=NOW),
        lambda: set_roles(other, [], by=somebody, now=NOW),
        lambda: deactivate_person(other, by=somebody, now=NOW),
        lambda: reactivate_person(other, by=somebody, now=NOW),
    ):
        with pytest.raises(Forbidden):
            verb()


def test_the_operator_at_the_command_line_is_entered_as_the_system(session: Session) -> None:
    person = create_person(ORLOV, by=None, now=NOW)
    assert [entry.actor for entry in entries_of(person.chain)] == ["system"]


def test_a_change_enters_what_changed_and_nothing_else(
    administrator: Person, orlov: Person
) -> None:
    details = replace(ORLOV, name="Pavel Orlov", phone="+7 495 2", department=orlov.department,
                      roles=frozenset({Role.ENGINEER, Role.REGISTRAR}))
    change_person(orlov, details, by=administrator, now=NOW)
    entry = entries_of(orlov.chain)[-1]
    assert entry.kind == "person_changed"
    assert set(content_of(entry)) == {"phone", "roles"}
    assert content_of(entry)["roles"] == ["engineer", "registrar"]
    assert orlov.roles == {Role.ENGINEER, Role.REGISTRAR}


def test_changing_nothing_enters_nothing(administrator: Person, orlov: Person) -> None:
    change_person(orlov, replace(ORLOV, department=orlov.department), by=administrator, now=NOW)
    set_roles(orlov, [Role.ENGINEER], by=administrator, now=NOW)
    change_own(orlov, phone=orlov.phone, language="ru", now=NOW)
    assert len(entries_of(orlov.chain)) == 1


def test_a_person_of_a_closed_department_can_still_be_changed(
    administrator: Person, orlov: Person
) -> None:
    assert orlov.department is not None
    orlov.department.is_active = False
    change_person(orlov, replace(ORLOV, phone="1", department=orlov.department),
                  by=administrator, now=NOW)
    assert orlov.phone == "1"


def test_people_change_their_own_telephone_and_language(orlov: Person) -> None:
    change_own(orlov, phone=" 12 ", language="en", now=NOW)
    assert (orlov.phone, orlov.language) == ("12", "en")
    assert entries_of(orlov.chain)[-1].actor == orlov.ref
    with pytest.raises(Refused) as error:
        change_own(orlov, phone="1" * 300, language="fr", now=NOW)
    assert refusal(error) == ["phone_long", "language_unknown"]


def test_the_only_administrator_stays_one(administrator: Person) -> None:
    a_person(Role.ADMINISTRATOR, is_active=False)
    with pytest.raises(Refused) as error:
        set_roles(administrator, [Role.LEAD], by=administrator, now=NOW)
    assert refusal(error) == ["last_administrator"]
    with pytest.raises(Refused) as error:
        deactivate_person(administrator, by=None, now=NOW)
    assert refusal(error) == ["last_administrator"]
    a_person(Role.ADMINISTRATOR)
    set_roles(administrator, [Role.LEAD], by=administrator, now=NOW)
    assert administrator.roles == {Role.LEAD}


def test_nobody_takes_the_own_access_away(administrator: Person) -> None:
    a_person(Role.ADMINISTRATOR)
    with pytest.raises(Refused) as error:
        deactivate_person(administrator, by=administrator, now=NOW)
    assert refusal(error) == ["leaves_oneself"]


def test_who_leaves_is_signed_out_and_the_history_stays(
    administrator: Person, orlov: Person
) -> None:
    open_session(orlov, address="", device="", now=NOW)
    deactivate_person(orlov, by=administrator, now=NOW)
    assert not orlov.is_active
    assert sessions_of(orlov, now=NOW) == []
    assert entries_of(orlov.chain)[-1].kind == "person_left"
    with pytest.raises(Refused) as error:
        deactivate_person(orlov, by=administrator, now=NOW)
    assert "left_already" in refusal(error)


def test_nobody_leaves_while_something_is_on_them(
    administrator: Person, orlov: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_departure_checks", [
        lambda person: [Reason("tickets_in_hand", "3 tickets")] if person is orlov else []])
    other = a_person(name="Ivan Sokolov")
    record_absence(Away(other, orlov, NOW, NOW + timedelta(days=3)), by=other, now=NOW)
    with pytest.raises(Refused) as error:
        deactivate_person(orlov, by=administrator, now=NOW)
    assert refusal(error) == ["tickets_in_hand", "stands_in"]
    assert orlov.is_active


def test_who_comes_back_needs_a_new_password(administrator: Person, orlov: Person) -> None:
    with pytest.raises(Refused):
        reactivate_person(orlov, by=administrator, now=NOW)
    orlov.password_hash = "of before"
    deactivate_person(orlov, by=administrator, now=NOW)
    reactivate_person(orlov, by=administrator, now=NOW)
    assert orlov.is_active
    assert orlov.password_hash == ""
    assert entries_of(orlov.chain)[-1].kind == "person_came_back"


def test_an_empty_registry_gets_its_first_administrator_once(session: Session) -> None:
    made = create_first_administrator(now=NOW, language="ru")
    assert made is not None
    person, secret = made
    assert person.roles == {Role.ADMINISTRATOR}
    assert person.language == "ru"
    assert len(secret) == 14
    assert create_first_administrator(now=NOW) is None
