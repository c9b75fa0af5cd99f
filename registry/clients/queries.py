"""Reads of clients: the list, paged by key, and the card. Each page asks a fixed number of times.

The tree of sites is read in network.py, what forms choose from in choices.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import selectinload

from registry.clients.models import Client, ClientPerson, Contact, Criterion, Site, Tier
from registry.clients.names import sought
from registry.clients.rules import LEAST_KNOWERS
from registry.core.db import db
from registry.people.models import Person

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which clients a list shows; ``after`` or ``before`` is the name key it goes on from."""

    words: str = ""
    tier: Tier | None = None
    few_know: bool = False
    known_by: int | None = None
    retired: bool = False
    after: str = ""
    before: str = ""


@dataclass(frozen=True)
class ClientRow:
    """One client in the list."""

    id: int
    name: str
    name_key: str
    tier: Tier
    key_person: str
    phone: str
    sites: int
    knowers: tuple[str, ...]

    @property
    def few_know(self) -> bool:
        """Whether fewer than two of us know the client."""
        return len(self.knowers) < LEAST_KNOWERS


@dataclass(frozen=True)
class ClientPage:
    """A page of the list, and the name keys from which its neighbours go on (empty: none)."""

    rows: tuple[ClientRow, ...]
    next_after: str
    previous_before: str


@dataclass(frozen=True)
class Coverage:
    """How many clients are served, and how many of them fewer than two of us know."""

    clients: int
    few_know: int


def client_list(wanted: Wanted, *, limit: int = PAGE) -> ClientPage:
    """A page of clients by name."""
    query = select(Client.id, Client.name, Client.name_key, Client.tier)
    query = query.where(*_conditions(wanted))
    backwards = bool(wanted.before)
    if backwards:
        query = query.where(Client.name_key < wanted.before).order_by(Client.name_key.desc())
    else:
        query = query.where(Client.name_key > wanted.after).order_by(Client.name_key)
    found = list(db.session.execute(query.limit(limit + 1)))
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    rows = _rows(found)
    follows = bool(rows) and (more or backwards)
    precedes = bool(rows) and (more if backwards else bool(wanted.after))
    return ClientPage(rows, rows[-1].name_key if follows else "",
                      rows[0].name_key if precedes else "")


def coverage() -> Coverage:
    """The sums at the head of the list; each is counted as its list is."""
    def count(wanted: Wanted) -> Select[int]:
        return select(func.count()).select_from(Client).where(*_conditions(wanted))

    few = count(Wanted(few_know=True)).scalar_subquery()
    row = db.session.execute(count(Wanted()).add_columns(few)).one()
    return Coverage(row[0], row[1])


def client_by_id(client_id: int) -> Client | None:
    """The client with everything that its card shows."""
    query = (select(Client).where(Client.id == client_id)
             .options(selectinload(Client.persons), selectinload(Client.contacts),
                      selectinload(Client.sites).selectinload(Site.fed_by)))
    return db.session.scalar(query)


def contact_by_id(contact_id: int) -> Contact | None:
    """The contact person of that number."""
    return db.session.get(Contact, contact_id)


def criterion_by_id(criterion_id: int) -> Criterion | None:
    """The criterion of that number."""
    return db.session.get(Criterion, criterion_id)


def criteria() -> tuple[Criterion, ...]:
    """All criteria, those in use first."""
    query = select(Criterion).order_by(Criterion.is_active.desc(), Criterion.norm.is_(None),
                                       Criterion.id)
    return tuple(db.session.scalars(query))


def people_at_work() -> tuple[Person, ...]:
    """Who may be named as knowing a client."""
    query = (select(Person).where(Person.is_active, Person.is_imported.is_(False))
             .order_by(Person.name, Person.id))
    return tuple(db.session.scalars(query).unique())


def persons_by_ids(person_ids: Iterable[int]) -> list[Person]:
    """The persons of these numbers, without those that are not there."""
    query = select(Person).where(Person.id.in_(set(person_ids))).order_by(Person.name)
    return list(db.session.scalars(query).unique())


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Client.is_active.is_(not wanted.retired)]
    if wanted.words.strip():
        conditions.append(_speaks_of(sought(wanted.words)))
    if wanted.tier is not None:
        conditions.append(Client.tier == wanted.tier)
    if wanted.few_know:
        conditions.append(_knower_count() < LEAST_KNOWERS)
    if wanted.known_by is not None:
        conditions.append(exists().where(ClientPerson.client_id == Client.id,
                                         ClientPerson.person_id == wanted.known_by))
    return conditions


def _speaks_of(key: str) -> ColumnElement[bool]:
    """Whether the words stand in the client's name, or with one of its contacts or sites."""
    return or_(
        Client.name_key.contains(key, autoescape=True),
        exists().where(Contact.client_id == Client.id, Contact.is_active,
                       Contact.search_key.contains(key, autoescape=True)),
        exists().where(Site.client_id == Client.id, Site.is_active,
                       Site.search_key.contains(key, autoescape=True)),
    )


def _knower_count() -> ColumnElement[int]:
    """How many know the client who still work here: somebody who has left knows it no more."""
    return (select(func.count()).select_from(ClientPerson)
            .join(Person, Person.id == ClientPerson.person_id)
            .where(ClientPerson.client_id == Client.id, Person.is_active)
            .correlate(Client).scalar_subquery())


def _rows(found: Sequence[tuple[int, str, str, Tier]]) -> tuple[ClientRow, ...]:
    ids = [client_id for client_id, *_ in found]
    key_persons, sites, knowers = _key_persons(ids), _site_counts(ids), _knowers(ids)
    return tuple(
        ClientRow(client_id, name, key, tier, *key_persons.get(client_id, ("", "")),
                  sites.get(client_id, 0), tuple(knowers[client_id]))
        for client_id, name, key, tier in found)


def _key_persons(ids: list[int]) -> dict[int, tuple[str, str]]:
    query = (select(Contact.client_id, Contact.name, Contact.phone)
             .where(Contact.client_id.in_(ids), Contact.is_key, Contact.is_active))
    return {client_id: (name, phone) for client_id, name, phone in db.session.execute(query)}


def _site_counts(ids: list[int]) -> dict[int | None, int]:
    query = (select(Site.client_id, func.count()).where(Site.client_id.in_(ids), Site.is_active)
             .group_by(Site.client_id))
    return dict(db.session.execute(query).all())


def _knowers(ids: list[int]) -> dict[int, list[str]]:
    query = (select(ClientPerson.client_id, Person.name)
             .join(Person, Person.id == ClientPerson.person_id)
             .where(ClientPerson.client_id.in_(ids), Person.is_active).order_by(Person.name))
    found: dict[int, list[str]] = defaultdict(list)
    for client_id, name in db.session.execute(query):
        found[client_id].append(name)
    return found
