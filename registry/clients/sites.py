"""The verbs of sites: places where the service arrives, and the nodes of our own that feed them.

What is fed by what is a forest: it shows the common cause behind many tickets (the domain, 1.7),
so nothing may come to feed itself, and nothing is retired while others hang on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from registry.clients import rules
from registry.clients.models import Client, Site
from registry.clients.names import folded
from registry.core.db import db
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.words import N_
from registry.people.models import Person
from registry.people.permissions import require


@dataclass(frozen=True)
class SiteFacts:
    """What is said of a site; ``fed_by`` is the site that it gets the service through."""

    name: str
    address: str = ""
    fed_by: Site | None = None


def add_site(client: Client | None, facts: SiteFacts, *, by: Person, now: datetime) -> Site:
    """Enter a site of the client, or (None) a node of our own network.

    Raises Forbidden, or Refused with every fault: no name, a name that this client's sites have
    already, a feeder that is retired.
    """
    require(by, "manage_clients")
    refuse_if(*_faults(facts, None, client))
    site = Site(client=client, name=facts.name.strip(), address=facts.address.strip(),
                fed_by=facts.fed_by, is_active=True)
    db.session.add(site)
    db.session.flush()
    return site


def change_site(site: Site, facts: SiteFacts, *, by: Person, now: datetime) -> None:
    """Correct a site, or say that it is fed by another.

    Raises Forbidden, or Refused with every fault: also where the site would come to feed itself.
    """
    require(by, "manage_clients")
    refuse_if(*_faults(facts, site, site.client), _circle_fault(site, facts.fed_by))
    site.name, site.address, site.fed_by = facts.name.strip(), facts.address.strip(), facts.fed_by
    db.session.flush()


def retire_site(site: Site, *, by: Person, now: datetime) -> None:
    """The site is served no more. Raises Forbidden, and Refused while it feeds sites in use."""
    require(by, "manage_clients")
    fed = db.session.scalars(select(Site.name).where(Site.fed_by_id == site.id, Site.is_active)
                             .order_by(Site.name).limit(4)).all()
    if fed:
        raise Refused(Reason("site_feeds", N_("%(site)s still feeds %(names)s. Say first by what "
                                              "these are fed."),
                             {"site": site.name, "names": ", ".join(fed[:3])
                              + ("…" if len(fed) > 3 else "")}))
    site.is_active = False
    db.session.flush()


def restore_site(site: Site, *, by: Person, now: datetime) -> None:
    """The site is served again. Raises Forbidden, and Refused while its feeder is retired."""
    require(by, "manage_clients")
    refuse_if(_feeder_fault(site.fed_by))
    site.is_active = True
    db.session.flush()


def site_named(name: str, client: Client | None) -> Site | None:
    """The client's site of that name (None: our own node), in whatever case; one in use first."""
    owned = Site.client_id == client.id if client else Site.client_id.is_(None)
    query = (select(Site).where(owned, Site.search_key.startswith(folded(name), autoescape=True))
             .order_by(Site.is_active.desc(), Site.id))
    return next((each for each in db.session.scalars(query)
                 if folded(each.name) == folded(name)), None)


def feeders_above(site: Site) -> dict[int, int | None]:
    """By what the site is fed, by what that is fed, and so on to the root."""
    up = select(Site.id, Site.fed_by_id).where(Site.id == site.id).cte("up", recursive=True)
    up = up.union(select(Site.id, Site.fed_by_id).join(up, Site.id == up.c.fed_by_id))
    return dict(db.session.execute(select(up.c.id, up.c.fed_by_id)).all())


def _faults(facts: SiteFacts, present: Site | None, client: Client | None) -> list[Reason | None]:
    named = site_named(facts.name, client)
    taken = named is not None and named is not present and named.is_active
    keeps_feeder = present is not None and present.fed_by is facts.fed_by
    return [
        rules.name_fault(facts.name),
        rules.text_fault(facts.address, "address"),
        Reason("site_taken", N_("There is a site of this name here already. Give another name."),
               field="name") if taken else None,
        None if keeps_feeder else _feeder_fault(facts.fed_by),
    ]


def _feeder_fault(feeder: Site | None) -> Reason | None:
    if feeder is None or feeder.is_active:
        return None
    return Reason("feeder_retired", N_("%(site)s is not in use any more. Choose what feeds this "
                                       "site now."), {"site": feeder.name}, "fed_by")


def _circle_fault(site: Site, feeder: Site | None) -> Reason | None:
    if feeder is None or not rules.makes_circle(site.id, feeder.id, feeders_above(feeder)):
        return None
    return Reason("feeding_circle", N_("%(feeder)s itself gets the service through %(site)s. "
                                       "Choose another feeder."),
                  {"feeder": feeder.name, "site": site.name}, "fed_by")
