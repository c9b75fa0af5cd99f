"""The company that works while the cluster is killed: teams of a visitor, an engineer and a
registrar who share no ticket with another team, and the three who read the morning report.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from registry.api.rules import Scope
from registry.api.service import make_token
from registry.clients.models import Client, Tier
from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.people.departments import create_department
from registry.people.models import Person, Role
from registry.people.passwords import hash_password
from registry.people.proof import Proof
from registry.people.rules import Details
from registry.people.service import create_person
from registry.people.signing import Signing, declare, new_nonce

READERS = (Role.COMMERCIAL_DIRECTOR, Role.HEAD_OF_SALES, Role.LEAD)
TEAM = (Role.VISITOR, Role.ENGINEER, Role.REGISTRAR)


@dataclass(frozen=True)
class Team:
    """Who hands tickets to whom: ids of the three, tokens of the two who act, one password."""

    client: int
    visitor: int
    engineer: int
    registrar: int
    visitor_token: str
    engineer_token: str
    password: str


@dataclass(frozen=True)
class Company:
    """Everybody."""

    teams: tuple[Team, ...]
    readers: tuple[str, ...]  # their addresses


def found_company(app: Flask, teams: int) -> Company:
    """Enter the company into the empty registry, by the verbs that an administrator uses."""
    now, password = utc_now(), secrets.token_hex(12)
    with app.app_context(), atomic():
        create_department("Everybody", by=None)
        hashed = hash_password(password)
        client = Client(name="Volga Bank", tier=Tier.KEY, created_at=now)
        db.session.add(client)
        readers = tuple(_person(role, 1, hashed, now).email for role in READERS)
        made = []
        for number in range(1, teams + 1):
            visitor, engineer, registrar = (_person(role, number, hashed, now) for role in TEAM)
            made.append(Team(client.id, visitor.id, engineer.id, registrar.id,
                             _token(visitor, now), _token(engineer, now), password))
        return Company(tuple(made), readers)


def _person(role: Role, number: int, hashed: str, now: datetime) -> Person:
    login = f"{role.value}{number}"
    details = Details(login, f"{role.value.title()} {number}", f"{login}@cluster.example", "", "en",
                      None, frozenset({role}))
    person = create_person(details, by=None, now=now)
    person.password_hash, person.must_change_password = hashed, False
    declare(Signing(person, Proof(person.id, "cluster", now, ""), new_nonce()), now=now)
    return person


def _token(person: Person, now: datetime) -> str:
    scopes = [Scope.READ.value, Scope.TICKETS.value]
    return make_token(person, name="cluster", scopes=scopes, days=1, by=None, proved=None,
                      now=now)[1]
