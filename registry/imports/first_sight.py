"""Persons, departments, clients, contacts and sites of a log, made at first sight.

Each is looked up first, by a key that the same log always gives again, so a second run makes
nothing. Imported persons never worked with this registry: they cannot sign in and get no handoffs;
their departments, where new, are closed. A client that the registry knows by that name is that one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, tuple_

from registry.clients.models import Client, Contact, Site
from registry.clients.names import folded
from registry.core.db import db
from registry.imports.cases import Case, Step
from registry.imports.models import ImportRun
from registry.people.chain import enter, written
from registry.people.models import Department, Person
from registry.people.rules import Details

AT_ONCE = 500
Key = TypeVar("Key")
Thing = TypeVar("Thing")
Part = TypeVar("Part", Contact, Site)


class Sights:
    """Everybody and everything that a batch of cases names, by name."""

    def __init__(self, batch: Sequence[tuple[Case, Sequence[Step]]], run: ImportRun, *,
                 now: datetime) -> None:
        self._run, self._now = run, now
        cases, steps = [case for case, _ in batch], [step for _, each in batch for step in each]
        self._persons = self._see_persons(
            {case.originator for case in cases} | {step.actor for step in steps}
            | {step.holder for step in steps})
        self._departments = self._see_departments({step.department for step in steps})
        self._clients = self._see_clients(case.client for case in cases)
        self._contacts = self._see_parts(Contact, ((case.client, case.contact) for case in cases))
        self._sites = self._see_parts(Site, ((case.client, case.site) for case in cases))

    def person(self, name: str) -> Person:
        """The person of that name in this log."""
        return self._persons[folded(name)]

    def ref(self, name: str) -> str:
        """How the ledger names the person; empty for nobody."""
        return self._persons[folded(name)].ref if name else ""

    def department(self, name: str) -> str:
        """How the ledger names the department; empty for none."""
        return f"department:{self._departments[folded(name)].id}" if name else ""

    def client(self, name: str) -> Client:
        """The client of that name."""
        return self._clients[folded(name)]

    def contact(self, client: str, name: str) -> Contact | None:
        """The client's contact of that name; None for no name."""
        return self._contacts.get((self.client(client).id, name))

    def site(self, client: str, name: str) -> Site | None:
        """The client's site of that name; None for no name."""
        return self._sites.get((self.client(client).id, name))

    def _see_persons(self, names: Iterable[str]) -> dict[str, Person]:
        wanted = {folded(name): name for name in sorted(filter(None, names))}
        logins = {login_of(self._run.source, name): key for key, name in wanted.items()}
        found = {logins[person.login]: person for part in _parts(logins)
                 for person in db.session.scalars(select(Person).where(Person.login.in_(part)))}
        for login, key in logins.items():
            if key not in found:
                found[key] = self._meet(Details(login, wanted[key]))
        return found

    def _meet(self, details: Details) -> Person:
        person = Person(login=details.login, name=details.name, is_imported=True, is_active=False,
                        language=details.language, created_at=self._now, role_rows=[])
        db.session.add(person)
        db.session.flush()
        enter(person, "person_created", {**written(details), "imported": 1, "run": self._run.ref},
              by=None, now=self._now)
        return person

    def _see_departments(self, names: Iterable[str]) -> dict[str, Department]:
        found = {folded(each.name): each for each in db.session.scalars(select(Department))}
        for name in sorted(filter(None, names)):
            if folded(name) not in found:
                found[folded(name)] = Department(name=name, is_active=False)
        return _kept(found)

    def _see_clients(self, names: Iterable[str]) -> dict[str, Client]:
        wanted = {folded(name): name for name in names}
        found = {client.name_key: client for part in _parts(wanted)
                 for client in db.session.scalars(select(Client).where(Client.name_key.in_(part)))}
        for key, name in wanted.items():
            if key not in found:
                found[key] = Client(name=name, created_at=self._now)
        return _kept(found)

    def _see_parts(self, kind: type[Part], names: Iterable[tuple[str, str]]
                   ) -> dict[tuple[int | None, str], Part]:
        """Contacts or sites: by client and name."""
        wanted = {(self.client(client).id, name): None for client, name in names if name}
        found: dict[tuple[int | None, str], Part] = {}
        for part in _parts(wanted):
            query = select(kind).where(tuple_(kind.client_id, kind.name).in_(part))
            found |= {(each.client_id, each.name): each for each in db.session.scalars(query)}
        for key in wanted:
            if key not in found:
                found[key] = kind(client_id=key[0], name=key[1])
        return _kept(found)


def login_of(source: str, name: str) -> str:
    """The login that stands for a person of a log: nobody signs in with it, it is only a key."""
    digest = hashlib.sha256(f"{source}\n{folded(name)}".encode()).hexdigest()
    return f"import-{digest[:24]}"


def _parts(wanted: Iterable[Key]) -> Iterator[list[Key]]:
    """The keys in parts of a size that every database takes in one question."""
    keys = list(wanted)
    for begin in range(0, len(keys), AT_ONCE):
        yield keys[begin:begin + AT_ONCE]


def _kept(found: dict[Key, Thing]) -> dict[Key, Thing]:
    db.session.add_all(found.values())
    db.session.flush()
    return found
