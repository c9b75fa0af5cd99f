"""Departments are opened, renamed and closed when nobody works there any more."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry.core.errors import Forbidden, Refused
from registry.people.departments import (
    close_department,
    create_department,
    rename_department,
    reopen_department,
)
from registry.people.models import Role
from tests.factories import a_department, a_person


def test_a_department_is_opened_under_a_tidy_name(session: Session) -> None:
    department = create_department("  Отдел   продаж ", by=a_person(Role.ADMINISTRATOR))
    assert (department.name, department.is_active) == ("Отдел продаж", True)


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "технический ОТДЕЛ"])
def test_a_department_needs_a_name_of_its_own(session: Session, name: str) -> None:
    a_department("Технический отдел")
    with pytest.raises(Refused) as error:
        create_department(name, by=None)
    assert error.value.reasons[0].field == "name"


def test_a_department_may_keep_its_name_in_other_letters(session: Session) -> None:
    department = a_department("technical")
    rename_department(department, "Technical", by=None)
    assert department.name == "Technical"
    a_department("Sales")
    with pytest.raises(Refused, match="already"):
        rename_department(department, "sales", by=None)


def test_a_department_closes_when_nobody_works_there(session: Session) -> None:
    department = a_department()
    person = a_person(department_id=department.id)
    a_person(department_id=a_department().id)
    with pytest.raises(Refused, match="still work"):
        close_department(department, by=None)
    person.is_active = False
    close_department(department, by=None)
    assert not department.is_active
    reopen_department(department, by=None)
    assert department.is_active


def test_only_an_administrator_manages_departments(session: Session) -> None:
    somebody, department = a_person(Role.DEPUTY), a_department()
    for verb in (
        lambda: create_department("New", by=somebody),
        lambda: rename_department(department, "New", by=somebody),
        lambda: close_department(department, by=somebody),
        lambda: reopen_department(department, by=somebody),
    ):
        with pytest.raises(Forbidden):
            verb()
