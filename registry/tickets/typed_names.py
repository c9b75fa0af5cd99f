"""Clients and sites that somebody names by typing: the one that is meant, or those to choose from.

The page works without JavaScript, so a name may arrive as it was typed; with it, the browser
suggests from the same lists.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from registry.clients.choices import Choice
from registry.clients.models import Client, ClientPerson, Site
from registry.clients.names import folded, sought
from registry.core.db import db
from registry.core.errors import Reason
from registry.core.words import N_
from registry.people.models import Person

MOST = 20


@dataclass(frozen=True)
class Typed:
    """What was found for a typed name: ``id`` where one is meant, else why none is, and the
    ``candidates`` among which to choose."""

    id: int | None
    candidates: tuple[Choice, ...] = ()
    reason: Reason | None = None


def client_typed(name: str, field: str = "client_name") -> Typed:
    """The client whose name is ``name``, or the only one whose name has it."""
    return _meant(name, client_suggestions(name), field)


def site_typed(name: str, client_id: int | None = None, field: str = "site_name") -> Typed:
    """The site whose name or address is ``name``, or the only one that has it; of one client
    where it is given."""
    return _meant(name, site_suggestions(name, client_id), field)


def client_suggestions(name: str, *, in_use: bool = False) -> tuple[Choice, ...]:
    """Clients whose name has the words, the shortest names first: a whole name is among them.
    The registry also holds tickets of clients that are served no more (``in_use`` leaves out)."""
    query = (select(Client.id, Client.name)
             .where(Client.name_key.contains(sought(name), autoescape=True))
             .order_by(func.length(Client.name_key), Client.name_key).limit(MOST))
    if in_use:
        query = query.where(Client.is_active)
    return tuple(Choice(key, client) for key, client in db.session.execute(query))


def clients_known_to(person: Person) -> tuple[Choice, ...]:
    """The clients in use whom the person is named to know, by name."""
    query = (select(Client.id, Client.name)
             .join(ClientPerson, ClientPerson.client_id == Client.id)
             .where(ClientPerson.person_id == person.id, Client.is_active)
             .order_by(Client.name_key).limit(MOST))
    return tuple(Choice(key, client) for key, client in db.session.execute(query))


def site_suggestions(name: str, client_id: int | None = None) -> tuple[Choice, ...]:
    """Sites whose name or address has the words, each with its address and whose it is."""
    query = (select(Site.id, Site.name, Site.address, Client.name)
             .outerjoin(Client, Client.id == Site.client_id)
             .where(Site.search_key.contains(sought(name), autoescape=True))
             .order_by(func.length(Site.name), Site.name, Site.id).limit(MOST))
    if client_id is not None:
        query = query.where(Site.client_id == client_id)
    return tuple(Choice(key, site, ", ".join(filter(None, (address, client))))
                 for key, site, address, client in db.session.execute(query))


def _meant(name: str, found: tuple[Choice, ...], field: str) -> Typed:
    same = [each for each in found if folded(each.label) == folded(name)]
    meant = same if len(same) == 1 else found
    if len(meant) == 1:
        return Typed(meant[0].id)
    sentence = (N_("Nothing here is called like “%(name)s”. Check the spelling.") if not found
                else N_("More than one is called like “%(name)s”. Choose one."))
    return Typed(None, found, Reason("name_not_clear", sentence, {"name": name[:80]}, field))
