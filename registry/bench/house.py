"""The people and clients of a seeded registry: 200 persons and 500 clients at any size.

They come first and by ordinary means, for there are few of them. Everybody has the one password of
the benchmark, hashed as the product hashes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from registry.bench.words import FIRMS, FIRST, KINDS, LAST
from registry.clients.criteria import ensure_criteria
from registry.clients.models import Client, Contact, Criterion, Site, Tier
from registry.core.db import db
from registry.people.departments import create_department
from registry.people.models import Department, Person, Role
from registry.people.passwords import hash_password
from registry.people.proof import Proof
from registry.people.rules import Details
from registry.people.service import create_person
from registry.people.signing import Signing, declare, new_nonce

CLIENTS = 500
PASSWORD = "a password of the benchmark"
STAFF = {Role.VISITOR: 60, Role.ENGINEER: 124, Role.REGISTRAR: 4, Role.DEPUTY: 3, Role.LEAD: 3,
         Role.HEAD_OF_SALES: 2, Role.COMMERCIAL_DIRECTOR: 2, Role.ADMINISTRATOR: 2}
OFFICE = (Role.VISITOR, Role.LEAD, Role.HEAD_OF_SALES, Role.COMMERCIAL_DIRECTOR)
TIERS = (Tier.KEY, Tier.SIGNIFICANT, Tier.SIGNIFICANT, *([Tier.ORDINARY] * 7))


@dataclass
class House:
    """Everybody by role, and everything that a ticket may be about."""

    people: dict[Role, list[Person]] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)
    criteria: list[Criterion] = field(default_factory=list)

    def any_of(self, role: Role, rng: random.Random) -> Person:
        """One of those who have the role."""
        return rng.choice(self.people[role])


def found_house(rng: random.Random, at: datetime) -> House:
    """Enter the people and clients of an empty registry, and read them back whole."""
    ensure_criteria()
    _hire(rng, at)
    _win_clients(rng, at)
    db.session.flush()
    return read_house()


def read_house() -> House:
    """Everybody and everything with what the lives of tickets read of them, loaded once."""
    house = House(criteria=list(db.session.scalars(select(Criterion).order_by(Criterion.id))))
    for person in db.session.scalars(select(Person).order_by(Person.id)):
        for role in person.roles:
            house.people.setdefault(role, []).append(person)
    house.clients = list(db.session.scalars(select(Client).order_by(Client.id)))
    for client in house.clients:
        assert client.contacts
        assert client.sites
    return house


def _hire(rng: random.Random, at: datetime) -> None:
    hashed = hash_password(PASSWORD)
    houses = {name: create_department(name, by=None) for name in ("Продажи", "Линии", "Узлы")}
    number = 0
    for role, count in STAFF.items():
        for index in range(1, count + 1):
            number += 1
            name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"
            details = Details(f"{role.value}{index}", name, f"{role.value}{index}@bench.example",
                              "", "ru" if number % 4 else "en", _house_of(role, houses, rng),
                              frozenset({role}))
            person = create_person(details, by=None, now=at)
            person.password_hash, person.must_change_password = hashed, False
            declare(Signing(person, Proof(person.id, "bench", at, ""), new_nonce(),
                            language=person.language), now=at)


def _house_of(role: Role, houses: dict[str, Department], rng: random.Random) -> Department:
    return houses["Продажи"] if role in OFFICE else houses[rng.choice(("Линии", "Узлы"))]


def _win_clients(rng: random.Random, at: datetime) -> None:
    names = [f"{firm} {kind}" for firm in FIRMS for kind in KINDS]
    visitors = list(db.session.scalars(
        select(Person).where(Person.login.like("visitor%")).order_by(Person.id)))
    for name in names[:CLIENTS]:
        client = Client(name=name, tier=rng.choice(TIERS), created_at=at,
                        persons=rng.sample(visitors, 2))
        client.contacts = [Contact(name=f"{rng.choice(FIRST)} {rng.choice(LAST)}", is_key=True)]
        client.sites = [Site(name=f"Площадка {index}", address=f"ул. Садовая, {rng.randrange(90)}")
                        for index in range(1, rng.choice((2, 2, 3)))]
        db.session.add(client)
