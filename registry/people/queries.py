"""Reads of people: small frozen rows for pages and for the areas above.

Who stands in for whom at a moment is told by absences.py; here the same is told for many at
once, so that a list asks once and not for each of its lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from registry.core.db import db
from registry.people.absences import absences_now, absent_persons_of, covers
from registry.people.models import (
    Absence,
    Department,
    Person,
    PersonRole,
    Role,
    SignInAttempt,
    SignInSession,
    initials,
)
from registry.people.rules import login_key

PAGE = 50


@dataclass(frozen=True)
class PersonRow:
    """One person in a list."""

    id: int
    login: str
    name: str
    department: str
    roles: tuple[Role, ...]
    is_active: bool
    away_until: datetime | None
    deputy: str

    @property
    def initials(self) -> str:
        """Two letters for the hand mark."""
        return initials(self.name)


@dataclass(frozen=True)
class Wanted:
    """Which people a list shows. ``after`` is the key (name, id) of the last one shown."""

    role: Role | None = None
    department_id: int | None = None
    active: bool = True
    words: str = ""
    after: tuple[str, int] | None = None


def people_list(wanted: Wanted, *, now: datetime, limit: int = PAGE) -> list[PersonRow]:
    """People by name; one more than ``limit`` where there are further ones."""
    query = select(Person).where(*_conditions(wanted)).order_by(Person.name, Person.id)
    if wanted.after is not None:
        query = query.where(tuple_(Person.name, Person.id) > wanted.after)
    people = db.session.scalars(query.limit(limit + 1)).all()
    away = absences_now((person.id for person in people), now=now)
    return [_row(person, away.get(person.id)) for person in people]


def headcount(*, now: datetime) -> tuple[int, int]:
    """How many work here, and how many of them are away now."""
    at_work = select(func.count()).select_from(Person).where(Person.is_active)
    away = (select(func.count(Absence.person_id.distinct()))
            .join(Person, Person.id == Absence.person_id).where(Person.is_active, covers(now)))
    row = db.session.execute(select(at_work.scalar_subquery(), away.scalar_subquery())).one()
    return row[0], row[1]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Person.is_active.is_(wanted.active)]
    if wanted.role is not None:
        found.append(Person.id.in_(select(PersonRole.person_id)
                                   .where(PersonRole.role == wanted.role)))
    if wanted.department_id is not None:
        found.append(Person.department_id == wanted.department_id)
    for word in wanted.words.split():
        found.append(or_(*(column.contains(form, autoescape=True)
                           for column in (Person.name, Person.login, Person.email)
                           for form in {word, word.lower(), word.capitalize()})))
    return found


def _row(person: Person, absence: Absence | None) -> PersonRow:
    return PersonRow(
        person.id, person.login, person.name, person.department.name if person.department else "",
        in_order(person.roles), person.is_active, absence.ends_at if absence else None,
        absence.deputy.name if absence else "")


def in_order(roles: Iterable[Role]) -> tuple[Role, ...]:
    """The roles in the order of the domain's table."""
    return tuple(sorted(roles, key=list(Role).index))


def person_by_id(person_id: int) -> Person | None:
    """The person of that number."""
    return db.session.get(Person, person_id)


def person_by_login(login: str) -> Person | None:
    """The person who signs in by that name, in whatever letters it was typed."""
    return db.session.scalar(select(Person).where(Person.login == login_key(login)))


def colleagues(person: Person) -> list[Person]:
    """The others who work in the person's department, by name."""
    if person.department_id is None:
        return []
    return _people(Person.department_id == person.department_id, Person.id != person.id)


def others_at_work(person: Person) -> list[Person]:
    """Everybody at work but the person: whoever may stand in, those of the own department first."""
    others = _people(Person.id != person.id)
    return sorted(others, key=lambda each: each.department_id != person.department_id)


def _people(*conditions: ColumnElement[bool]) -> list[Person]:
    query = (select(Person).where(Person.is_active, *conditions)
             .order_by(Person.name, Person.id))
    return list(db.session.scalars(query))


def standing_in_for(deputy: Person, *, now: datetime) -> tuple[Person, ...]:
    """For whom the deputy may sign now."""
    return tuple(absent_persons_of(deputy, now=now))


def absences_of(person: Person, *, now: datetime) -> list[Absence]:
    """The person's absences that are not over, the next one first."""
    query = (select(Absence).where(Absence.person_id == person.id, Absence.ends_at > now)
             .options(joinedload(Absence.deputy)).order_by(Absence.starts_at))
    return list(db.session.scalars(query))


def absence_by_id(absence_id: int) -> Absence | None:
    """The absence of that number."""
    return db.session.get(Absence, absence_id)


@dataclass(frozen=True)
class DepartmentRow:
    """One department with the number of those who work in it."""

    id: int
    name: str
    is_active: bool
    people: int


def departments(*, only_open: bool = False) -> list[DepartmentRow]:
    """The departments by name, open ones first."""
    query = (select(Department.id, Department.name, Department.is_active, func.count(Person.id))
             .outerjoin(Person, and_(Person.department_id == Department.id, Person.is_active))
             .group_by(Department.id, Department.name, Department.is_active)
             .order_by(Department.is_active.desc(), Department.name))
    if only_open:
        query = query.where(Department.is_active)
    return [DepartmentRow(*row) for row in db.session.execute(query)]


def department_by_id(department_id: int | None) -> Department | None:
    """The department of that number; None for none."""
    return db.session.get(Department, department_id) if department_id else None


def department_by_name(name: str) -> Department | None:
    """The department of that name, in whatever letters it was typed."""
    key = " ".join(name.split()).casefold()
    return next((each for each in db.session.scalars(select(Department))
                 if each.name.casefold() == key), None)


def names_by_ref(refs: Iterable[str]) -> dict[str, str]:
    """Names of the persons whom the ledger names so (``person:12``); others are left out."""
    ids = [int(ref.removeprefix("person:")) for ref in refs if ref.startswith("person:")]
    query = select(Person.id, Person.name).where(Person.id.in_(ids))
    return {f"person:{person_id}": name
            for person_id, name in (db.session.execute(query) if ids else ())}


def sessions_of(person: Person, *, now: datetime) -> list[SignInSession]:
    """The sessions in force, the one used last first."""
    query = (select(SignInSession)
             .where(SignInSession.person_id == person.id, SignInSession.ended_at.is_(None),
                    SignInSession.expires_at > now)
             .order_by(SignInSession.seen_at.desc(), SignInSession.id))
    return list(db.session.scalars(query))


def session_by_id(session_id: str) -> SignInSession | None:
    """The session of that id, in force or over."""
    return db.session.get(SignInSession, session_id)


def attempts(
    *, failed_only: bool = False, login: str = "", before: int | None = None, limit: int = PAGE
) -> list[SignInAttempt]:
    """Attempts to prove who one is, the last first; one more than ``limit`` where there are
    further ones. ``before`` is the id of the last one shown."""
    query = select(SignInAttempt).order_by(SignInAttempt.id.desc()).limit(limit + 1)
    if failed_only:
        query = query.where(SignInAttempt.succeeded.is_(False))
    if login:
        query = query.where(SignInAttempt.login == login_key(login))
    if before is not None:
        query = query.where(SignInAttempt.id < before)
    return list(db.session.scalars(query))
