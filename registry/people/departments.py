"""Verbs of departments: opening, renaming, closing and opening again.

A closed department stays in the history and takes nobody any more.
"""

from __future__ import annotations

from sqlalchemy import exists, select

from registry.core.db import db
from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.people.models import Department, Person
from registry.people.permissions import require_of

LONGEST_NAME = 120


def create_department(name: str, *, by: Person | None) -> Department:
    """Open a department. Raises Forbidden or Refused."""
    require_of(by, "manage_people")
    name = " ".join(name.split())
    refuse_if(_bad_name(name), _taken(name))
    department = Department(name=name)
    db.session.add(department)
    db.session.flush()
    return department


def rename_department(department: Department, name: str, *, by: Person | None) -> None:
    """Give the department another name. Raises Forbidden or Refused."""
    require_of(by, "manage_people")
    name = " ".join(name.split())
    refuse_if(_bad_name(name), _taken(name, but=department))
    department.name = name
    db.session.flush()


def close_department(department: Department, *, by: Person | None) -> None:
    """Close a department in which nobody works any more. Raises Forbidden or Refused."""
    require_of(by, "manage_people")
    query = select(exists().where(Person.department_id == department.id, Person.is_active))
    refuse_if(Reason("department_in_use", N_("People still work in “%(name)s”: move them to "
                                             "another department first."),
                     {"name": department.name}) if db.session.scalar(query) else None)
    department.is_active = False
    db.session.flush()


def reopen_department(department: Department, *, by: Person | None) -> None:
    """Let a closed department take people again. Raises Forbidden."""
    require_of(by, "manage_people")
    department.is_active = True
    db.session.flush()


def _bad_name(name: str) -> Reason | None:
    if not name:
        return Reason("name_missing", N_("Give the department's name."), field="name")
    if len(name) > LONGEST_NAME:
        return Reason("name_long", N_("Keep a department's name under %(count)d characters."),
                      {"count": LONGEST_NAME}, "name")
    return None


def _taken(name: str, but: Department | None = None) -> Reason | None:
    others = db.session.execute(select(Department.id, Department.name))
    if not any(other.casefold() == name.casefold() for id_, other in others
               if but is None or id_ != but.id):
        return None
    return Reason("department_exists", N_("There is a department “%(name)s” already."),
                  {"name": name}, "name")
