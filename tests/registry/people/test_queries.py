"""Lists of people: filters, keys, and no query more for a longer list."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.people.absences import absences_now
from registry.people.models import Absence, Role, SignInAttempt
from registry.people.queries import (
    Wanted,
    attempts,
    colleagues,
    departments,
    headcount,
    in_order,
    others_at_work,
    people_list,
)
from tests.factories import NOW, House, a_department, a_person


@pytest.fixture
def house(session: Session) -> House:
    house = House()
    a_person(Role.ENGINEER, name="Boris Left", is_active=False)
    return house


def names(wanted: Wanted, limit: int = 50) -> list[str]:
    return [row.name for row in people_list(wanted, now=NOW, limit=limit)]


def test_people_stand_by_name_without_those_who_left(house: House) -> None:
    assert names(Wanted()) == ["Anna Kim", "Denis Volkov", "Ivan Sokolov", "Lev Gromov",
                               "Maria Belova", "Nina Frolova", "Oleg Chernov", "Pavel Orlov",
                               "Rita Zimina", "Vera Petrova"]
    assert names(Wanted(active=False)) == ["Boris Left"]


def test_people_are_filtered_by_role_department_and_words(house: House) -> None:
    assert names(Wanted(role=Role.ENGINEER)) == ["Ivan Sokolov", "Pavel Orlov"]
    assert names(Wanted(department_id=house.sales.id)) == [
        "Anna Kim", "Lev Gromov", "Nina Frolova", "Vera Petrova"]
    assert names(Wanted(words="orlov PAVEL")) == ["Pavel Orlov"]
    assert names(Wanted(words="100%")) == []
    a_person(name="Елена Ёлкина")
    assert names(Wanted(words="ёлкина")) == ["Елена Ёлкина"]


def test_pages_of_people_follow_each_other_by_key(house: House) -> None:
    twins = sorted(a_person(name="Ivan Sokolov").id for _ in range(2))
    first = people_list(Wanted(), now=NOW, limit=4)
    assert len(first) == 5
    shown = first[:4]
    seen = [row.id for row in shown]
    while True:
        page = people_list(Wanted(after=(shown[-1].name, shown[-1].id)), now=NOW, limit=4)
        shown = page[:4]
        seen += [row.id for row in shown]
        if len(page) <= 4:
            break
    assert len(seen) == len(set(seen)) == 12
    assert set(twins) < set(seen)


def test_a_longer_list_asks_no_more_questions(
    house: House, session: Session,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    session.add(Absence(person=house.engineer, deputy=house.other_engineer, starts_at=NOW,
                        ends_at=NOW + timedelta(days=1), created_at=NOW))
    session.flush()
    session.expire_all()
    with count_queries() as queries:
        rows = people_list(Wanted(), now=NOW)
    assert len(queries) == 5, queries  # people, absences; the roles of each, deputies included
    away = {row.name: row.deputy for row in rows if row.away_until}
    assert away == {"Pavel Orlov": "Ivan Sokolov"}


def test_choices_are_of_people_at_work(house: House) -> None:
    assert [each.name for each in colleagues(house.engineer)] == [
        "Ivan Sokolov", "Maria Belova", "Oleg Chernov"]
    assert colleagues(house.director) == []
    others = [each.name for each in others_at_work(house.engineer)]
    assert others[:3] == ["Ivan Sokolov", "Maria Belova", "Oleg Chernov"]
    assert len(others) == 9


def test_those_away_now_are_found_at_once(house: House, session: Session) -> None:
    session.add(Absence(person=house.engineer, deputy=house.registrar, starts_at=NOW,
                        ends_at=NOW + timedelta(days=1), created_at=NOW))
    session.flush()
    found = absences_now([house.engineer.id, house.registrar.id], now=NOW)
    assert {key: value.deputy.name for key, value in found.items()} == {
        house.engineer.id: "Oleg Chernov"}


def test_those_at_work_are_counted_and_those_of_them_who_are_away(
    house: House, session: Session
) -> None:
    assert headcount(now=NOW) == (10, 0)
    left = a_person(is_active=False)
    for person, days in ((house.engineer, 2), (house.engineer, 1), (left, 1), (house.lead, -1)):
        session.add(Absence(person=person, deputy=house.registrar, created_at=NOW,
                            starts_at=NOW - timedelta(days=3),
                            ends_at=NOW + timedelta(days=days)))
    session.flush()
    assert headcount(now=NOW) == (10, 1)


def test_departments_count_those_who_work_there(house: House) -> None:
    closed = a_department("Annex", is_active=False)
    a_person(department_id=house.tech.id, is_active=False)
    assert [(row.name, row.people) for row in departments()] == [
        ("Sales", 4), ("Technical", 4), ("Annex", 0)]
    assert closed.id not in {row.id for row in departments(only_open=True)}


def test_roles_stand_in_the_order_of_the_domain() -> None:
    assert in_order({Role.ADMINISTRATOR, Role.VISITOR, Role.LEAD}) == (
        Role.VISITOR, Role.LEAD, Role.ADMINISTRATOR)


def test_attempts_come_last_first_and_by_key(session: Session) -> None:
    for number in range(6):
        session.add(SignInAttempt(at=NOW, login="orlov" if number % 2 else "kim", address="",
                                  purpose="sign_in", succeeded=number < 2))
    session.flush()
    rows = attempts(limit=4)
    assert len(rows) == 5
    assert [row.id for row in rows] == sorted((row.id for row in rows), reverse=True)
    assert [row.id for row in attempts(before=rows[3].id)] == [rows[3].id - 1, rows[3].id - 2]
    assert len(attempts(failed_only=True)) == 4
    assert len(attempts(login=" ORLOV ")) == 3
    assert len(attempts(login="orlov", failed_only=True)) == 2
