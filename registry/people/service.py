"""Verbs of persons: taking on, changing, giving roles, leaving, coming back.

Each change is an entry in the person's chain. ``by`` is None where the operator of the
installation acts at the command line. Passwords, sessions, absences and departments have files
of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import exists, select

from registry.core.db import db
from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.people.chain import details_of, enter, written
from registry.people.credentials import issue_password
from registry.people.models import Absence, Person, PersonRole, Role
from registry.people.passkeys import revoke_passkeys_of
from registry.people.permissions import require_of
from registry.people.rules import Details, contact_faults, faults_of, reasons_against_departure
from registry.people.sessions import end_sessions


def create_person(
    details: Details, *, by: Person | None, now: datetime, is_imported: bool = False
) -> Person:
    """Take a person on. Nobody can sign in as them before ``issue_password``.

    Raises Forbidden, or Refused with everything that is wrong with the details.
    """
    require_of(by, "manage_people")
    details = details.tidy()
    refuse_if(*faults_of(details), _login_taken(details.login))
    person = Person(
        login=details.login, name=details.name, email=details.email, phone=details.phone,
        language=details.language, department=details.department, is_imported=is_imported,
        created_at=now, role_rows=[PersonRole(role=role) for role in sorted(details.roles)])
    db.session.add(person)
    db.session.flush()
    enter(person, "person_created", written(details), by=by, now=now)
    return person


def change_person(person: Person, details: Details, *, by: Person | None, now: datetime) -> None:
    """Change what is written down about the person, roles included; only changes are entered.

    Raises Forbidden, or Refused with everything that is wrong with the details.
    """
    require_of(by, "manage_people")
    details = details.tidy()
    stays = details.department is not None and details.department.id == person.department_id
    refuse_if(*(fault for fault in faults_of(details)
                if not (stays and fault.code == "department_closed")),
              _login_taken(details.login, but_of=person),
              _last_administrator(person, details.roles))
    before = written(details_of(person))
    changed = {key: value for key, value in written(details).items() if before[key] != value}
    if not changed:
        return
    for name in ("login", "name", "email", "phone", "language", "department"):
        setattr(person, name, getattr(details, name))
    _give_roles(person, details.roles)
    enter(person, "person_changed", changed, by=by, now=now)


def set_roles(person: Person, roles: Iterable[Role], *, by: Person | None, now: datetime) -> None:
    """Give the person exactly these roles. Raises Forbidden or Refused."""
    require_of(by, "manage_people")
    wanted = frozenset(roles)
    refuse_if(_last_administrator(person, wanted))
    if wanted != person.roles:
        _give_roles(person, wanted)
        enter(person, "person_changed", {"roles": sorted(role.value for role in wanted)}, by=by,
              now=now)


def change_own(person: Person, *, phone: str, language: str, now: datetime) -> None:
    """What everybody may change of themselves: telephone and language. Raises Refused."""
    phone = " ".join(phone.split())
    refuse_if(*contact_faults(phone, language))
    after = {"phone": phone, "language": language}
    changed = {key: value for key, value in after.items() if getattr(person, key) != value}
    if changed:
        person.phone, person.language = phone, language
        enter(person, "person_changed", changed, by=person, now=now)


def deactivate_person(person: Person, *, by: Person | None, now: datetime) -> None:
    """Let the person leave: no signing in and no handoffs from now on; the history stays.

    Raises Forbidden, or Refused while something is still on the person (the design, 4: nobody
    leaves with tickets in hand).
    """
    require_of(by, "manage_people")
    refuse_if(
        Reason("left_already", N_("%(name)s has left already."), {"name": person.name})
        if not person.is_active else None,
        Reason("leaves_oneself", N_("Ask another administrator: nobody takes the own access away."))
        if by is not None and by.id == person.id else None,
        _last_administrator(person, frozenset()),
        *reasons_against_departure(person), *_stands_in(person, now))
    person.is_active = False
    end_sessions(person, now=now)
    enter(person, "person_left", {}, by=by, now=now)
    revoke_passkeys_of(person, by=by, now=now)


def reactivate_person(person: Person, *, by: Person | None, now: datetime) -> None:
    """Take the person back; a new password has to be issued. Raises Forbidden or Refused."""
    require_of(by, "manage_people")
    refuse_if(Reason("works_here", N_("%(name)s works here already."), {"name": person.name})
              if person.is_active else None)
    person.is_active, person.password_hash = True, ""
    enter(person, "person_came_back", {}, by=by, now=now)


def create_first_administrator(
    *, now: datetime, login: str = "administrator", name: str = "Administrator",
    language: str = "en",
) -> tuple[Person, str] | None:
    """The administrator of an empty registry and their one-time password; None where there are
    people already. Raises Refused for a login or a name that cannot be."""
    if db.session.scalar(select(exists().select_from(Person))):
        return None
    details = Details(login, name, language=language, roles=frozenset({Role.ADMINISTRATOR}))
    person = create_person(details, by=None, now=now)
    return person, issue_password(person, by=None, now=now)


def _give_roles(person: Person, roles: frozenset[Role]) -> None:
    kept = [row for row in person.role_rows if row.role in roles]
    person.role_rows = kept + [PersonRole(role=role) for role in sorted(roles - person.roles)]


def _login_taken(login: str, but_of: Person | None = None) -> Reason | None:
    owner = db.session.scalar(select(Person.id).where(Person.login == login))
    if owner is None or (but_of is not None and owner == but_of.id):
        return None
    return Reason("login_taken", N_("Somebody has the login “%(login)s” already. Choose another."),
                  {"login": login}, "login")


def _last_administrator(person: Person, roles: frozenset[Role]) -> Reason | None:
    if (not person.is_active or Role.ADMINISTRATOR not in person.roles
            or Role.ADMINISTRATOR in roles):
        return None
    others = (select(PersonRole.person_id).join(Person)
              .where(PersonRole.role == Role.ADMINISTRATOR, Person.is_active,
                     Person.id != person.id).limit(1))
    if db.session.scalar(others) is not None:
        return None
    return Reason("last_administrator", N_("%(name)s is the only administrator: name another "
                                           "first."), {"name": person.name}, "roles")


def _stands_in(person: Person, now: datetime) -> Iterator[Reason]:
    query = (select(Absence).where(Absence.deputy_id == person.id, Absence.ends_at > now)
             .order_by(Absence.starts_at))
    for absence in db.session.scalars(query):
        yield Reason("stands_in", N_("%(deputy)s stands in for %(name)s until %(until)s: name "
                                     "another deputy first."),
                     {"deputy": person.name, "name": absence.person.name,
                      "until": absence.ends_at})
