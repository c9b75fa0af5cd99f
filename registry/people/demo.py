"""The demo's accounts: one person for each role of the domain's table, offered by one tap.

Only a registry that was started as a demo (``Settings.demo``) lets anybody in by them. All people
of the demo share one password, shown at the sign-in page: signing asks for it each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from registry.core.db import db
from registry.people.models import Person, Role, initials
from registry.people.passwords import hash_password

DEMO_PASSWORD = "countersign"
DEMO_LOGINS = {
    Role.VISITOR: "visitor",
    Role.ENGINEER: "engineer",
    Role.REGISTRAR: "registrar",
    Role.DEPUTY: "deputy",
    Role.LEAD: "lead",
    Role.HEAD_OF_SALES: "sales",
    Role.COMMERCIAL_DIRECTOR: "director",
    Role.ADMINISTRATOR: "admin",
}


@dataclass(frozen=True)
class DemoAccount:
    """An account to try: who it is and in which role."""

    login: str
    name: str
    role: Role

    @property
    def initials(self) -> str:
        """Two letters for the hand mark."""
        return initials(self.name)


def demo_accounts() -> tuple[DemoAccount, ...]:
    """The accounts that are there, in the order of the roles."""
    query = (select(Person.login, Person.name)
             .where(Person.login.in_(DEMO_LOGINS.values()), Person.is_active))
    names = dict(db.session.execute(query).all())
    return tuple(DemoAccount(login, names[login], role) for role, login in DEMO_LOGINS.items()
                 if login in names)


def demo_person(login: str) -> Person | None:
    """The person of a demo account; None for every other login."""
    if login not in DEMO_LOGINS.values():
        return None
    return db.session.scalar(select(Person).where(Person.login == login, Person.is_active))


def give_demo_password(people: Iterable[Person]) -> None:
    """Give each of the demo's people the one password; hashed once, as the hash is slow."""
    hashed = hash_password(DEMO_PASSWORD)
    for person in people:
        person.password_hash, person.must_change_password = hashed, False
    db.session.flush()
