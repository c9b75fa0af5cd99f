"""How many of those who work here have a passkey: who could sign where it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import exists, select

from registry.core.db import db
from registry.people.models import Person, PersonRole
from registry.people.passkey_models import Passkey


@dataclass(frozen=True)
class Counted:
    """How many of whom have a passkey, and the names of those who have none."""

    able: int
    lacking: tuple[str, ...]

    @property
    def people(self) -> int:
        """How many there are."""
        return self.able + len(self.lacking)


@dataclass(frozen=True)
class Holder:
    """Somebody who works here."""

    name: str
    roles: frozenset[str]
    has_passkey: bool


@dataclass(frozen=True)
class Holders:
    """Everybody who works here."""

    everybody: tuple[Holder, ...]

    def of(self, requirement: str) -> Counted:
        """Those who would have to sign with a passkey: of the role in ``role:NAME``; by moves and
        tiers it may be anybody."""
        kind, _, name = requirement.partition(":")
        return _counted(each for each in self.everybody if kind != "role" or name in each.roles)


def _counted(people: Iterable[Holder]) -> Counted:
    found = list(people)
    return Counted(sum(each.has_passkey for each in found),
                   tuple(each.name for each in found if not each.has_passkey))


def holders() -> Holders:
    """Everybody who works here, by name, and whether they have a passkey that is not revoked."""
    has_one = exists().where(Passkey.person_id == Person.id, Passkey.revoked_at.is_(None))
    query = (select(Person.id, Person.name, PersonRole.role, has_one)
             .outerjoin(PersonRole).where(Person.is_active).order_by(Person.name, Person.id))
    roles: dict[int, set[str]] = {}
    people: dict[int, tuple[str, bool]] = {}
    for person_id, name, role, has_passkey in db.session.execute(query):
        people[person_id] = (name, has_passkey)
        roles.setdefault(person_id, set()).update((role.value,) if role is not None else ())
    return Holders(tuple(Holder(name, frozenset(roles[person_id]), has_passkey)
                         for person_id, (name, has_passkey) in people.items()))
