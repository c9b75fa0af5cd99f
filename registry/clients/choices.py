"""What the forms of all areas offer to choose from: clients, contacts, sites, criteria.

Small frozen rows, one query each. What is retired is not offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select

from registry.clients.models import Client, Contact, Criterion, Sense, Site
from registry.clients.names import sought
from registry.core.db import db


@dataclass(frozen=True)
class Choice:
    """One thing to choose: its id and what the reader sees; ``hint`` tells like-named apart."""

    id: int
    label: str
    hint: str = ""


@dataclass(frozen=True)
class CriterionChoice:
    """A criterion to choose, with what the measured value is held against."""

    id: int
    code: str
    label: str
    unit: str
    sense: Sense
    norm: Decimal | None


def client_choices(words: str = "", *, limit: int | None = None) -> tuple[Choice, ...]:
    """Clients in use by name; with ``words`` those whose name has them."""
    query = select(Client.id, Client.name).where(Client.is_active).order_by(Client.name_key)
    if words.strip():
        query = query.where(Client.name_key.contains(sought(words), autoescape=True))
    rows = db.session.execute(query.limit(limit) if limit else query)
    return tuple(Choice(key, name) for key, name in rows)


def contact_choices(client_id: int) -> tuple[Choice, ...]:
    """The client's contact persons, the key person first."""
    query = (select(Contact.id, Contact.name, Contact.position)
             .where(Contact.client_id == client_id, Contact.is_active)
             .order_by(Contact.is_key.desc(), Contact.name, Contact.id))
    return tuple(Choice(key, name, position) for key, name, position in db.session.execute(query))


def site_choices(client_id: int) -> tuple[Choice, ...]:
    """The client's sites in use."""
    query = (select(Site.id, Site.name, Site.address)
             .where(Site.client_id == client_id, Site.is_active)
             .order_by(Site.name, Site.id))
    return tuple(Choice(key, name, address) for key, name, address in db.session.execute(query))


def feeder_choices(client_id: int | None = None) -> tuple[Choice, ...]:
    """What may feed a site: the nodes of our own network, and the client's other sites."""
    owned: list[ColumnElement[bool]] = [Site.client_id.is_(None)]
    if client_id is not None:
        owned.append(Site.client_id == client_id)
    query = (select(Site.id, Site.name, Site.address).where(or_(*owned), Site.is_active)
             .order_by(Site.client_id.is_not(None), Site.name, Site.id))
    return tuple(Choice(key, name, address) for key, name, address in db.session.execute(query))


def criterion_choices(language: str) -> tuple[CriterionChoice, ...]:
    """The criteria in use in the reader's language, those without a norm last."""
    query = (select(Criterion).where(Criterion.is_active)
             .order_by(Criterion.norm.is_(None), Criterion.id))
    return tuple(
        CriterionChoice(each.id, each.code, each.name_in(language), each.unit_in(language),
                        each.sense, each.norm)
        for each in db.session.scalars(query))
