"""What the registry holds already of the clients that a list speaks of: read once, before it is
compared (import_plan.py) and again before it is entered (imports.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from registry.clients.models import Client, Contact, Site
from registry.clients.names import folded
from registry.core.db import db
from registry.people.models import Person
from registry.people.rules import login_key

# A site by its client's name key (empty: our own network) and its own folded name.
SiteKey = tuple[str, str]


@dataclass(frozen=True)
class PresentSite:
    """A site that is there, and the key of the site that feeds it."""

    id: int
    name: str
    address: str
    is_active: bool
    feeder: SiteKey | None


@dataclass(frozen=True)
class Present:
    """Clients by name key, contacts by client and folded name, *all* sites (circles may run
    through any of them), persons by the name by which they sign in."""

    clients: dict[str, Client]
    contacts: dict[tuple[str, str], Contact]
    sites: dict[SiteKey, PresentSite]
    persons: dict[str, Person]


def present(name_keys: Iterable[str], logins: Iterable[str]) -> Present:
    """Read what is there, with a fixed number of queries."""
    query = (select(Client).where(Client.name_key.in_(set(name_keys)))
             .options(selectinload(Client.persons), selectinload(Client.contacts)))
    clients = {client.name_key: client for client in db.session.scalars(query)}
    # of two contacts with one name the one still there counts: it is written last
    contacts = {
        (key, folded(contact.name)): contact
        for key, client in clients.items()
        for contact in sorted(client.contacts, key=lambda each: each.is_active)}
    wanted = {login_key(login) for login in logins}
    people = db.session.scalars(select(Person).where(Person.login.in_(wanted))).unique()
    return Present(clients, contacts, _all_sites(), {each.login: each for each in people})


def _all_sites() -> dict[SiteKey, PresentSite]:
    query = (select(Site.id, Client.name_key, Site.name, Site.address, Site.is_active,
                    Site.fed_by_id)
             .outerjoin(Client, Client.id == Site.client_id)
             .order_by(Site.is_active, Site.id.desc()))
    rows = db.session.execute(query).all()
    keys = {site_id: (owner or "", folded(name)) for site_id, owner, name, *_ in rows}
    return {
        keys[site_id]: PresentSite(site_id, name, address, is_active,
                                   keys[feeder] if feeder is not None else None)
        for site_id, _owner, name, address, is_active, feeder in rows}
