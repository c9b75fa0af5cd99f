"""Persons, clients and tickets that are valid by default, for tests to change one thing each."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from registry.clients.models import Client, Contact, Criterion, Sense, Site, Tier
from registry.core.db import db
from registry.people.declaration import VERSION
from registry.people.models import Department, Person, PersonRole, Role
from registry.people.passwords import hash_password
from registry.people.proof import Proof
from registry.people.signing import Signing, new_nonce
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import accept_handoff, offer_handoff, witness_handoff
from registry.tickets.lifecycles import ensure_lifecycles
from registry.tickets.models import Ticket
from registry.tickets.service import Making, Problem, log_ticket, make_move

# A Tuesday, 10:40 in Moscow; far from holidays.
NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
PASSWORD = "correct horse 7"
_numbers = itertools.count(1)


def a_department(name: str = "", **values: Any) -> Department:
    """A department in the database."""
    return _kept(Department(name=name or f"Department {next(_numbers)}", **values))


def a_person(*roles: Role, name: str = "", **values: Any) -> Person:
    """A person with the roles (a visitor by default), whose password is PASSWORD and who has
    declared that a signature binds (no entry says so: give ``declared_version=0`` for one)."""
    number = next(_numbers)
    values = {
        "login": f"person{number}", "name": name or f"Person {number}",
        "email": f"person{number}@example.org", "language": "en", "created_at": NOW,
        "must_change_password": False, "password_hash": hash_password(PASSWORD),
        "declared_version": VERSION, "declared_at": NOW,
    } | values
    person = Person(**values)
    person.role_rows = [PersonRole(role=role) for role in (roles or (Role.VISITOR,))]
    return _kept(person)


def a_client(name: str = "", **values: Any) -> Client:
    """A client in the database."""
    values = {"tier": Tier.ORDINARY, "created_at": NOW} | values
    return _kept(Client(name=name or f"Client {next(_numbers)}", **values))


def a_contact(client: Client, **values: Any) -> Contact:
    """A contact person of the client."""
    return _kept(Contact(client_id=client.id, **({"name": f"Contact {next(_numbers)}"} | values)))


def a_site(client: Client | None = None, **values: Any) -> Site:
    """A site of the client, or a node of our own network."""
    values = {"name": f"Site {next(_numbers)}", "address": "Lenina 5"} | values
    return _kept(Site(client_id=client.id if client else None, **values))


def a_criterion(**values: Any) -> Criterion:
    """The norm of the domain: at least 30 KB/s from our own server."""
    values = {
        "code": f"speed{next(_numbers)}", "name_en": "Speed from our server",
        "name_ru": "Скорость с нашего сервера", "unit_en": "KB/s", "unit_ru": "КБ/с",
        "sense": Sense.AT_LEAST, "norm": Decimal(30),
    } | values
    return _kept(Criterion(**values))


def a_signing(person: Person, **values: Any) -> Signing:
    """A proof as if the person had just given the password."""
    return Signing(**({"signer": person, "proof": Proof(person.id, "password", NOW, "127.0.0.1"),
                       "nonce": new_nonce(), "language": person.language} | values))


class House:
    """A small company: one person for each part, in two departments."""

    def __init__(self, mark: str = "") -> None:
        """``mark`` sets the names of a second house apart, where a test needs several."""
        ensure_lifecycles(now=NOW)
        self.sales = a_department(f"Sales{mark}")
        self.tech = a_department(f"Technical{mark}")
        sales, tech = {"department_id": self.sales.id}, {"department_id": self.tech.id}
        self.visitor = a_person(Role.VISITOR, name="Anna Kim", **sales)
        self.other_visitor = a_person(Role.VISITOR, name="Vera Petrova", **sales)
        self.engineer = a_person(Role.ENGINEER, name="Pavel Orlov", **tech)
        self.other_engineer = a_person(Role.ENGINEER, name="Ivan Sokolov", **tech)
        self.registrar = a_person(Role.REGISTRAR, name="Oleg Chernov", **tech)
        self.deputy = a_person(Role.DEPUTY, name="Maria Belova", **tech)
        self.lead = a_person(Role.LEAD, name="Lev Gromov", **sales)
        self.head_of_sales = a_person(Role.HEAD_OF_SALES, name="Nina Frolova", **sales)
        self.director = a_person(Role.COMMERCIAL_DIRECTOR, name="Denis Volkov")
        self.administrator = a_person(Role.ADMINISTRATOR, name="Rita Zimina")
        self.client = a_client(f"Volga Bank{mark}", tier=Tier.KEY)
        self.contact = a_contact(self.client, name="Galina Serova", is_key=True)
        self.site = a_site(self.client, name="Head office")
        self.criterion = a_criterion()


def a_problem(house: House, **values: Any) -> Problem:
    """A slow line at the house's client."""
    values = {
        "client": house.client, "site": house.site, "contact": house.contact,
        "criterion": house.criterion, "measured": Decimal(12), "summary": "Slow line",
        "opinion_words": "It is fine by us",
    } | values
    return Problem(**values)


def a_ticket(house: House, state: str = "logged", *, now: datetime = NOW, by: Person | None = None,
             **values: Any) -> Ticket:
    """A ticket brought to ``state`` (logged, accepted, in_fix, on_hold, returned) by its verbs,
    one minute a step."""
    ticket = log_ticket(a_problem(house, **values), by=by or house.visitor, now=now)
    for step, act in enumerate(_road(house, state), start=1):
        act(ticket, now + timedelta(minutes=step))
    return ticket


def _road(house: House, state: str) -> list[Any]:
    def take(ticket: Ticket, now: datetime) -> None:
        hand_over(ticket, "take", house.engineer, witness=house.registrar, now=now)

    def start(ticket: Ticket, now: datetime) -> None:
        move(ticket, "start", now=now)

    def hold(ticket: Ticket, now: datetime) -> None:
        move(ticket, "hold", reason="Waits for a part", now=now,
             fields={"until": (now + timedelta(days=2)).isoformat()})

    def give_back(ticket: Ticket, now: datetime) -> None:
        hand_over(ticket, "return", ticket.originator, witness=house.registrar, now=now,
                  fields={"what_was_wrong": "A bad cable", "what_was_done": "Replaced it"})

    roads = {"logged": [], "accepted": [take], "in_fix": [take, start],
             "on_hold": [take, start, hold], "returned": [take, start, give_back]}
    return roads[state]


def offer(ticket: Ticket, name: str, receiver: Person, *, witness: Person | None = None,
          now: datetime = NOW, by: Person | None = None, **values: Any) -> Handoff:
    """The holder offers the ticket."""
    giver = by or ticket.holder
    return offer_handoff(ticket, Offer(name, receiver, witness, **values), by=giver,
                         signing=a_signing(giver), now=now)


def accept(handoff: Handoff, *, now: datetime = NOW, by: Person | None = None,
           next_step: str = "I measure the line tomorrow") -> Handoff:
    """The receiver signs, promising two days; the witness too where one is asked for."""
    taker = by or handoff.receiver
    accept_handoff(handoff, next_step=next_step, by=taker, signing=a_signing(taker), now=now,
                   next_step_by=(now + timedelta(days=2)).isoformat())
    if handoff.witness is not None and handoff.witness_signed_at is None:
        witness_handoff(handoff, by=handoff.witness, signing=a_signing(handoff.witness), now=now)
    return handoff


def hand_over(ticket: Ticket, name: str, receiver: Person, *, witness: Person | None = None,
              now: datetime = NOW, **values: Any) -> Handoff:
    """Offer and acceptance at once."""
    return accept(offer(ticket, name, receiver, witness=witness, now=now, **values), now=now)


def move(ticket: Ticket, name: str, *, now: datetime = NOW, by: Person | None = None,
         **values: Any) -> None:
    """A move without a change of hands, made by the holder."""
    actor = by or ticket.holder
    make_move(ticket, Making(name, **values), by=actor, signing=a_signing(actor), now=now)


def _kept(thing: Any) -> Any:
    db.session.add(thing)
    db.session.flush()
    return thing
