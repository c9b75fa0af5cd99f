"""The people, departments, clients, contacts, sites and the network of the demo company."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from registry.clients.models import Client, Criterion, Site, Tier
from registry.clients.service import (
    ClientFacts,
    ContactFacts,
    add_client,
    add_contact,
    name_key_person,
)
from registry.clients.sites import SiteFacts, add_site
from registry.core.db import db
from registry.people.absences import record_absence
from registry.people.demo import DEMO_LOGINS, give_demo_password
from registry.people.departments import create_department
from registry.people.models import Person, Role
from registry.people.proof import Proof
from registry.people.rules import Away, Details
from registry.people.service import create_person
from registry.people.signing import Signing, declare, new_nonce

VISITORS, ENGINEERS, CLIENTS, NODES = 15, 17, 150, 12
MANAGERS = (Role.REGISTRAR, Role.DEPUTY, Role.LEAD, Role.HEAD_OF_SALES, Role.COMMERCIAL_DIRECTOR,
            Role.ADMINISTRATOR)
TIERS = (Tier.KEY, Tier.SIGNIFICANT, Tier.SIGNIFICANT, *([Tier.ORDINARY] * 7))
FULLER = 0.2  # how much more the demo's own accounts have to do than their colleagues
TROUBLED = (2, 3)  # the buildings behind the weak link (the domain, 1.7)


@dataclass
class Company:
    """Who and what there is; persons by their part."""

    people: list[Person] = field(default_factory=list)
    visitors: list[Person] = field(default_factory=list)
    engineers: list[Person] = field(default_factory=list)
    managers: dict[Role, Person] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)
    troubled: list[Client] = field(default_factory=list)
    criteria: dict[str, Criterion] = field(default_factory=dict)

    @property
    def registrar(self) -> Person:
        """The chief engineer."""
        return self.managers[Role.REGISTRAR]

    def an_engineer(self, rng: random.Random) -> Person:
        """Anybody of them, the demo's own account more often."""
        return self.engineers[0] if rng.random() < FULLER else rng.choice(self.engineers)

    @property
    def deputy(self) -> Person:
        """The deputy technical director for client relations."""
        return self.managers[Role.DEPUTY]

    def send_somebody_away(self, reason: str, now: datetime) -> None:
        """An engineer and a visitor are on leave today; others sign for them."""
        for away, stands_in in ((self.engineers[3], self.engineers[4]),
                                (self.visitors[5], self.visitors[6])):
            record_absence(Away(away, stands_in, now - timedelta(days=2),
                                now + timedelta(days=9), reason),
                           by=self.managers[Role.ADMINISTRATOR], now=now - timedelta(days=3))


def found_company(words: dict[str, Any], language: str, rng: random.Random,
                  at: datetime) -> Company:
    """Enter everybody and everything as of ``at``."""
    company = Company(criteria={each.code: each for each in db.session.scalars(select(Criterion))})
    _hire(company, words, language, rng, at)
    give_demo_password(company.people)
    _win_clients(company, words, rng, at)
    return company


def _hire(company: Company, words: dict[str, Any], language: str, rng: random.Random,
          at: datetime) -> None:
    houses = {key: create_department(name, by=None)
              for key, name in words["departments"].items()}
    names = _names(words, rng)
    logins: dict[Role, int] = {}

    def hire(role: Role, house: str) -> Person:
        logins[role] = logins.get(role, 0) + 1
        first = DEMO_LOGINS[role]
        login = first if logins[role] == 1 else f"{first}{logins[role]}"
        details = Details(login, next(names), f"{login}@{words['mail_domain']}", "", language,
                          houses[house], frozenset({role}))
        person = create_person(details, by=None, now=at)
        declare(Signing(person, Proof(person.id, "demo", at, ""), new_nonce(), language=language),
                now=at)
        company.people.append(person)
        return person

    for role, house in zip(MANAGERS, ("lines", "office", "visits", "sales", "office", "office"),
                           strict=True):
        company.managers[role] = hire(role, house)
    for number in range(VISITORS):
        company.visitors.append(hire(Role.VISITOR, "sales" if number % 3 else "visits"))
    for number in range(ENGINEERS):
        company.engineers.append(hire(Role.ENGINEER, "lines" if number % 3 else "core"))
    hire(Role.DEPUTY, "office")
    hire(Role.REGISTRAR, "core")


def _names(words: dict[str, Any], rng: random.Random) -> Any:
    pairs = [(first, index) for first in words["first"] for index in range(len(words["last"]))]
    rng.shuffle(pairs)
    used_last: set[int] = set()
    for first, index in pairs:
        if index in used_last and len(used_last) < len(words["last"]):
            continue
        used_last.add(index)
        last = words["last_of_women" if first in words["women"] else "last"][index]
        yield f"{first} {last}"


def _win_clients(company: Company, words: dict[str, Any], rng: random.Random,
                 at: datetime) -> None:
    by = company.managers[Role.LEAD]
    root = add_site(None, SiteFacts(words["exchange_node"]), by=by, now=at)
    nodes: list[Site] = []
    for number in range(1, NODES + 1):
        feeder = nodes[0] if number in TROUBLED else root
        nodes.append(add_site(None, SiteFacts(words["node"] % number,
                                              _address(words, rng), feeder), by=by, now=at))
    names = [f"{name} {kind}" if kind[0].isupper() else f"«{name}», {kind}"
             for name in words["names"] for kind in words["kinds"]]
    for name in rng.sample(names, CLIENTS):
        node = rng.randrange(NODES)
        client = _client(company, words, rng, name, nodes[node], at)
        company.clients.append(client)
        if node + 1 in TROUBLED:
            company.troubled.append(client)


def _client(company: Company, words: dict[str, Any], rng: random.Random, name: str, node: Site,
            at: datetime) -> Client:
    by = company.managers[Role.LEAD]
    knows = rng.sample(company.visitors, 1 if rng.random() < 0.08 else 2)
    if rng.random() < FULLER and company.visitors[0] not in knows:
        knows[0] = company.visitors[0]  # whoever looks at the demo sees a desk in use
    client = add_client(ClientFacts(name, rng.choice(TIERS)), by=by, now=at, persons=knows)
    person = f"{rng.choice(words['women'])} {rng.choice(words['last_of_women'])}"
    contact = add_contact(client, ContactFacts(
        person, rng.choice(words["positions"]),
        f"+7 900 {rng.randrange(100, 999)}-{rng.randrange(10, 99)}-{rng.randrange(10, 99)}",
        ""), by=by, now=at)
    name_key_person(contact, by=by, now=at)
    for site in rng.sample(words["site_names"], rng.choice((1, 1, 1, 2))):
        add_site(client, SiteFacts(site, _address(words, rng), node), by=by, now=at)
    return client


def _address(words: dict[str, Any], rng: random.Random) -> str:
    return f"{rng.choice(words['streets'])}, {rng.randrange(1, 90)}"
