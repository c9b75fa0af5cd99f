"""Bringing in a list of clients: read it, show what it would do, then do exactly that or nothing.

The verbs of the card do the work (service.py, sites.py), so a list can enter nothing that a
person could not have typed. Where the file waits between report and confirmation: uploads.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registry.clients import service, sites
from registry.clients.import_columns import Column
from registry.clients.import_plan import Act, Plan, Step, plan_of
from registry.clients.import_present import Present, SiteKey, present
from registry.clients.import_rows import read_rows
from registry.clients.models import Client, Contact, Site, Tier
from registry.clients.names import folded
from registry.clients.service import ClientFacts, ContactFacts
from registry.clients.sites import SiteFacts
from registry.core.db import db
from registry.core.errors import Conflict, Refused
from registry.core.tables import Bounds, read_table
from registry.core.words import N_
from registry.people.models import Person
from registry.people.permissions import require

# The whole list is entered in one transaction, which on SQLite holds up all other writers.
BOUNDS = Bounds(rows=2_000, columns=40)


def plan_import(data: bytes, name: str, *, by: Person) -> Plan:
    """What the file would do, or everything that is bad in it; changes nothing.

    Raises Forbidden, and Refused for a file that cannot be read at all.
    """
    require(by, "import_clients")
    return plan_of(read_rows(read_table(data, name, BOUNDS)))


def import_clients(
    data: bytes, name: str, *, by: Person, now: datetime, shown: str = ""
) -> Plan:
    """Enter the list; returns what was done. ``shown`` is the digest of the plan that was
    confirmed (empty: by command, where none was).

    Raises Forbidden, Refused with everything that is bad, and Conflict where the registry has
    changed since the plan was shown.
    """
    plan = plan_import(data, name, by=by)
    if plan.bad:
        raise Refused(each.reason for each in plan.bad)
    if shown and shown != plan.digest:
        raise Conflict(N_("The registry has changed since this report was made. Look at it again, "
                          "then decide."))
    entering = _Entering(plan, by, now)
    for step in plan.steps:
        entering.take(step)
    return plan


@dataclass
class _Entering:
    """Takes the steps of a plan one after the other."""

    plan: Plan
    by: Person
    now: datetime

    def __post_init__(self) -> None:
        logins = [login for step in self.plan.steps if step.act is Act.NAME_PERSONS
                  for login in step.said[Column.PERSONS].split(", ")]
        keys = {folded(step.client) for step in self.plan.steps if step.client}
        self.there: Present = present(keys, logins)
        self.added: dict[SiteKey, Site] = {}

    def take(self, step: Step) -> None:
        if step.act is Act.ADD_CLIENT:
            client = service.add_client(ClientFacts(step.name, Tier(step.said[Column.TIER])),
                                        by=self.by, now=self.now)
            self.there.clients[folded(step.name)] = client
        elif step.act in (Act.ADD_SITE, Act.CHANGE_SITE):
            self._site(step)
        else:
            self._card(step, self.there.clients[folded(step.client)])

    def _card(self, step: Step, client: Client) -> None:
        by, now = self.by, self.now
        if step.act is Act.CHANGE_TIER:
            facts = ClientFacts(client.name, Tier(step.said[Column.TIER]), client.note)
            service.change_client(client, facts, by=by, now=now)
        elif step.act is Act.NAME_PERSONS:
            added = [self.there.persons[login] for login in step.said[Column.PERSONS].split(", ")]
            service.name_persons(client, [*client.persons, *added], by=by, now=now)
        elif step.act is Act.ADD_CONTACT:
            contact = service.add_contact(client, _contact_facts(step), by=by, now=now)
            self.there.contacts[client.name_key, folded(step.name)] = contact
        else:
            contact = self.there.contacts[client.name_key, folded(step.name)]
            if step.act is Act.CHANGE_CONTACT:
                service.change_contact(contact, _contact_facts(step, contact), by=by, now=now)
            else:
                service.name_key_person(contact, by=by, now=now)

    def _site(self, step: Step) -> None:
        client = self.there.clients[folded(step.client)] if step.client else None
        feeder = self._site_at(step.feeder) if step.feeder else None
        key = (client.name_key if client else "", folded(step.name))
        if step.act is Act.ADD_SITE:
            facts = SiteFacts(step.name, step.said.get(Column.ADDRESS, ""), feeder)
            self.added[key] = sites.add_site(client, facts, by=self.by, now=self.now)
        else:
            site = self._site_at(key)
            facts = SiteFacts(site.name, step.said.get(Column.ADDRESS, site.address), feeder)
            sites.change_site(site, facts, by=self.by, now=self.now)

    def _site_at(self, key: SiteKey) -> Site:
        return self.added.get(key) or db.session.get_one(Site, self.there.sites[key].id)


def _contact_facts(step: Step, contact: Contact | None = None) -> ContactFacts:
    """What the step says, over what stands there."""
    before = ContactFacts(contact.name, contact.position, contact.phone, contact.email) \
        if contact else ContactFacts(step.name)
    said = step.said
    return ContactFacts(before.name, said.get(Column.POSITION, before.position),
                        said.get(Column.PHONE, before.phone), said.get(Column.EMAIL, before.email))
