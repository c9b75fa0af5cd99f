"""Absences: who may record them, what stands against them, who signs for whom at a moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.core.errors import Conflict, Forbidden, Refused
from registry.ledger.entries import content_of, entries_of, unseal
from registry.people.absences import (
    absences_now,
    absent_persons_of,
    deputy_of,
    end_absence,
    record_absence,
)
from registry.people.models import Absence, Person, Role
from registry.people.queries import absences_of, standing_in_for
from registry.people.rules import Away
from tests.factories import NOW, a_person

A_DAY = timedelta(days=1)


@pytest.fixture
def orlov(session: Session) -> Person:
    return a_person(Role.ENGINEER, name="Pavel Orlov")


@pytest.fixture
def sokolov(session: Session) -> Person:
    return a_person(Role.ENGINEER, name="Ivan Sokolov")


def away(person: Person, deputy: Person, *, first: int = 0, days: int = 7,
         by: Person | None = None, reason: str = "") -> Absence:
    starts = NOW + first * A_DAY
    return record_absence(Away(person, deputy, starts, starts + days * A_DAY, reason),
                          by=by or person, now=NOW)


def test_a_deputy_stands_in_from_the_first_moment_to_the_last(
    orlov: Person, sokolov: Person
) -> None:
    away(orlov, sokolov, first=1)
    second = timedelta(seconds=1)
    assert deputy_of(orlov, now=NOW + A_DAY - second) is None
    assert deputy_of(orlov, now=NOW + A_DAY) is sokolov
    assert deputy_of(orlov, now=NOW + 8 * A_DAY - second) is sokolov
    assert deputy_of(orlov, now=NOW + 8 * A_DAY) is None


def test_a_deputy_signs_for_all_who_are_away_now_and_for_nobody_else(
    orlov: Person, sokolov: Person
) -> None:
    petrova, later, other = a_person(), a_person(), a_person()
    away(orlov, sokolov)
    away(petrova, sokolov, days=2)
    away(later, sokolov, first=3)
    away(other, petrova, first=5)
    assert absent_persons_of(sokolov, now=NOW) == [orlov, petrova]
    assert standing_in_for(sokolov, now=NOW + 4 * A_DAY) == (orlov, later)
    assert absent_persons_of(orlov, now=NOW) == []


def test_standing_in_is_not_handed_on(orlov: Person, sokolov: Person) -> None:
    petrova = a_person()
    away(orlov, sokolov)
    away(sokolov, petrova)
    assert deputy_of(orlov, now=NOW) is sokolov
    assert absent_persons_of(petrova, now=NOW) == [sokolov]


def test_of_two_absences_the_one_begun_last_counts(
    session: Session, orlov: Person, sokolov: Person
) -> None:
    petrova = a_person()
    for deputy, days in ((sokolov, 3), (petrova, 1)):
        session.add(Absence(person=orlov, deputy=deputy, starts_at=NOW - days * A_DAY,
                            ends_at=NOW + A_DAY, created_at=NOW))
    session.flush()
    assert deputy_of(orlov, now=NOW) is petrova
    assert absent_persons_of(sokolov, now=NOW) == []
    assert absent_persons_of(petrova, now=NOW) == [orlov]


def test_many_are_asked_about_at_once(
    session: Session, orlov: Person, sokolov: Person,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    people = [a_person() for _ in range(5)]
    for person in people[:3]:
        away(person, sokolov)
    asked = [each.id for each in [*people, orlov]]
    session.expire_all()
    with count_queries() as queries:
        found = absences_now(asked, now=NOW)
        assert [each.deputy.name for each in found.values()] == ["Ivan Sokolov"] * 3
    assert set(found) == set(asked[:3])
    # The absences with both persons of each; the roles of the one and of the other.
    assert len(queries) == 3, queries
    assert absences_now([], now=NOW) == {}


def test_an_absence_is_entered_and_its_words_are_sealed(orlov: Person, sokolov: Person) -> None:
    absence = away(orlov, sokolov, reason=" Operation ")
    entry = entries_of(orlov.chain)[-1]
    content = content_of(entry)
    assert entry.kind == "absence_recorded"
    assert (content["deputy"], content["absence"]) == (sokolov.ref, absence.id)
    assert b"Operation" not in entry.body
    assert unseal([content["reason"]])[content["reason"]] == "Operation"


@pytest.mark.parametrize(("role", "allowed"), [
    (Role.REGISTRAR, True), (Role.DEPUTY, True), (Role.LEAD, True), (Role.HEAD_OF_SALES, True),
    (Role.ADMINISTRATOR, True), (Role.ENGINEER, False), (Role.VISITOR, False),
    (Role.COMMERCIAL_DIRECTOR, False),
])
def test_others_absences_are_recorded_by_those_who_manage_them(
    orlov: Person, sokolov: Person, role: Role, allowed: bool
) -> None:
    somebody = a_person(role)
    if not allowed:
        with pytest.raises(Forbidden):
            away(orlov, sokolov, by=somebody)
        return
    absence = away(orlov, sokolov, by=somebody)
    assert entries_of(orlov.chain)[-1].actor == somebody.ref
    end_absence(absence, by=somebody, now=NOW + A_DAY)
    assert deputy_of(orlov, now=NOW + A_DAY) is None


def codes(error: Any) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def test_nobody_is_away_twice_at_once(orlov: Person, sokolov: Person) -> None:
    away(orlov, sokolov, first=3)
    with pytest.raises(Refused) as error:
        away(orlov, a_person(), first=9)
    assert codes(error) == ["away_already"]
    away(orlov, sokolov, first=10)
    assert len(absences_of(orlov, now=NOW)) == 2


def test_a_deputy_who_is_away_too_is_no_deputy(orlov: Person, sokolov: Person) -> None:
    away(sokolov, a_person(), first=5)
    with pytest.raises(Refused) as error:
        away(orlov, sokolov)
    assert codes(error) == ["deputy_away"]
    assert "Ivan Sokolov is away too" in str(error.value.reasons[0])


def test_faults_and_collisions_are_named_together(orlov: Person, sokolov: Person) -> None:
    away(orlov, sokolov)
    with pytest.raises(Refused) as error:
        record_absence(Away(orlov, None, NOW, NOW + A_DAY), by=orlov, now=NOW)
    assert codes(error) == ["deputy_missing", "away_already"]
    with pytest.raises(Refused) as error:
        record_absence(Away(orlov, sokolov, None, None), by=orlov, now=NOW)
    assert codes(error) == ["start_missing", "end_missing"]


def test_an_absence_in_force_ends_now_and_one_to_come_is_gone(
    orlov: Person, sokolov: Person
) -> None:
    running, coming = away(orlov, sokolov), away(orlov, sokolov, first=20)
    assert [each.deputy for each in absences_of(orlov, now=NOW)] == [sokolov, sokolov]
    end_absence(running, by=orlov, now=NOW + A_DAY)
    end_absence(coming, by=orlov, now=NOW + A_DAY)
    assert absences_of(orlov, now=NOW + A_DAY) == []
    assert running.ends_at == NOW + A_DAY
    kinds = [entry.kind for entry in entries_of(orlov.chain)]
    assert kinds[-2:] == ["absence_ended", "absence_cancelled"]


def test_what_is_over_cannot_be_ended_again(orlov: Person, sokolov: Person) -> None:
    absence = away(orlov, sokolov)
    with pytest.raises(Conflict):
        end_absence(absence, by=orlov, now=NOW + 7 * A_DAY)
