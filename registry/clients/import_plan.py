"""What bringing in a list would do, step by step, and what keeps it out.

The report that a person reads before confirming and the steps that are then taken are the same
data: nothing can be entered that was not shown. An empty cell says nothing; the list adds and
corrects and never takes away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from registry.clients.import_columns import Bad, Column
from registry.clients.import_feeding import Feeding
from registry.clients.import_present import Present, SiteKey, present
from registry.clients.import_rows import ClientList, Said, SaidClient
from registry.clients.models import Client, Contact, Tier
from registry.core.errors import Reason
from registry.core.words import N_
from registry.people.rules import login_key


class Act(StrEnum):
    """What one step does."""

    ADD_CLIENT = "add_client"
    CHANGE_TIER = "change_tier"
    NAME_PERSONS = "name_persons"
    ADD_CONTACT = "add_contact"
    CHANGE_CONTACT = "change_contact"
    NAME_KEY_PERSON = "name_key_person"
    ADD_SITE = "add_site"
    CHANGE_SITE = "change_site"


@dataclass(frozen=True)
class Change:
    """One cell that the step writes: what stood there before and what will."""

    column: Column
    before: str
    after: str


@dataclass(frozen=True)
class Step:
    """One step: about the client (empty: our own network) and, within it, ``name``."""

    act: Act
    line: int
    client: str
    name: str
    changes: tuple[Change, ...] = ()
    feeder: SiteKey | None = None

    @property
    def said(self) -> dict[Column, str]:
        """What the step writes, by column."""
        return {change.column: change.after for change in self.changes}


@dataclass(frozen=True)
class Plan:
    """All steps in the order in which they can be taken, or everything that is bad."""

    rows: int
    steps: tuple[Step, ...]
    bad: tuple[Bad, ...]

    @property
    def digest(self) -> str:
        """Names exactly these steps: what was shown is what is confirmed."""
        return hashlib.sha256(repr(self.steps).encode()).hexdigest()

    def count(self, *acts: Act) -> int:
        """How many steps do one of these."""
        return sum(step.act in acts for step in self.steps)


def plan_of(client_list: ClientList) -> Plan:
    """Compare the list with what the registry holds."""
    clients = client_list.clients
    logins = [login for client in clients.values() for login in client.logins]
    planner = _Planner(client_list, present(clients, logins))
    steps = tuple(planner.steps()) if not client_list.bad else ()
    bad = (*client_list.bad, *planner.bad)
    return Plan(client_list.rows, () if bad else steps,
                tuple(sorted(bad, key=lambda each: each.line)))


class _Planner:
    """Goes through the clients of the list; sites come last, feeders before what they feed."""

    def __init__(self, client_list: ClientList, there: Present) -> None:
        self.list = client_list
        self.there = there
        self.bad: list[Bad] = []

    def steps(self) -> Iterator[Step]:
        for key, said in self.list.clients.items():
            if key:
                yield from self._client(key, said)
        yield from self._sites()

    def _client(self, key: str, said: SaidClient) -> Iterator[Step]:
        client = self.there.clients.get(key)
        if client is not None and not client.is_active:
            self._retired(said.line, Column.CLIENT, client.name)
        if client is None:
            tier = said.tier or Tier.ORDINARY
            yield Step(Act.ADD_CLIENT, said.line, said.name, said.name,
                       (Change(Column.TIER, "", tier),))
        elif said.tier not in (None, client.tier):
            yield Step(Act.CHANGE_TIER, said.line, client.name, client.name,
                       (Change(Column.TIER, client.tier, str(said.tier)),))
        name = client.name if client else said.name
        yield from self._persons(client, said, name)
        for contact_key, contact in said.contacts.items():
            yield from self._contact(name, contact, self.there.contacts.get((key, contact_key)))
        yield from self._key_person(key, said, name)

    def _persons(self, client: Client | None, said: SaidClient, name: str) -> Iterator[Step]:
        known = {person.login for person in client.persons} if client else set()
        added = []
        for login, line in said.logins.items():
            person = self.there.persons.get(login_key(login))
            if person is None or not person.is_active:
                self._say(line, Column.PERSONS, Reason("login_unknown", N_(
                    "Nobody who works here signs in as “%(login)s”."), {"login": login[:80]}))
            elif person.login not in known:
                known.add(person.login)
                added.append(person.login)
        if added:
            before = ", ".join(sorted(known.difference(added)))
            yield Step(Act.NAME_PERSONS, said.line, name, name,
                       (Change(Column.PERSONS, before, ", ".join(added)),))

    def _contact(self, client: str, said: Said, contact: Contact | None) -> Iterator[Step]:
        if contact is None:
            yield Step(Act.ADD_CONTACT, said.line, client, said.name, _additions(said.values))
            return
        if not contact.is_active:
            self._retired(said.line, Column.CONTACT, contact.name)
        before = {Column.POSITION: contact.position, Column.PHONE: contact.phone,
                  Column.EMAIL: contact.email}
        changes = _corrections(before, said.values)
        if changes:
            yield Step(Act.CHANGE_CONTACT, said.line, client, contact.name, changes)

    def _key_person(self, key: str, said: SaidClient, client: str) -> Iterator[Step]:
        if not said.key_contact:
            return
        contact = self.there.contacts.get((key, said.key_contact))
        if contact is None or not contact.is_key:
            named = said.contacts[said.key_contact]
            former = next((each.name for (owner, _), each in self.there.contacts.items()
                           if owner == key and each.is_key), "")
            yield Step(Act.NAME_KEY_PERSON, named.line, client, named.name,
                       (Change(Column.KEY, former, named.name),))

    def _sites(self) -> Iterator[Step]:
        feeding = Feeding(self.list, self.there)
        for bad in feeding.faults():
            self._say(*bad)
        for site_key in feeding.in_order():
            owner, name_key = site_key
            said_client = self.list.clients[owner]
            said = said_client.sites[name_key]
            client = self.there.clients.get(owner)
            yield from self._site(client.name if client else said_client.name, said, site_key,
                                  feeding)

    def _site(self, client: str, said: Said, key: SiteKey, feeding: Feeding) -> Iterator[Step]:
        site = self.there.sites.get(key)
        feeder = feeding.feeder_of(key)
        if site is None:
            yield Step(Act.ADD_SITE, said.line, client, said.name, _additions(said.values), feeder)
            return
        if not site.is_active:
            self._retired(said.line, Column.SITE, site.name)
        before = {Column.ADDRESS: site.address, Column.FED_BY: feeding.name_of(site.feeder)}
        values = dict(said.values)
        if feeder == site.feeder:
            values.pop(Column.FED_BY, None)
        changes = _corrections(before, values)
        if changes:
            yield Step(Act.CHANGE_SITE, said.line, client, site.name, changes, feeder)

    def _retired(self, line: int, column: Column, name: str) -> None:
        self._say(line, column, Reason("retired", N_(
            "%(name)s is in the registry, but not in use any more. Put it back in use on its "
            "card, or take the row out."), {"name": name}))

    def _say(self, line: int, column: Column, reason: Reason) -> None:
        self.bad.append(Bad(line, self.list.titles.get(column, column), reason))


def _additions(values: dict[Column, str]) -> tuple[Change, ...]:
    return tuple(Change(column, "", text) for column, text in values.items() if text)


def _corrections(before: dict[Column, str], values: dict[Column, str]) -> tuple[Change, ...]:
    return tuple(_differing(before, values))


def _differing(before: dict[Column, str], values: dict[Column, str]) -> Iterable[Change]:
    for column, text in values.items():
        if text and text != before.get(column, ""):
            yield Change(column, before.get(column, ""), text)
