"""What the registry adds to the pages of the areas below: a client's, a site's, a person's tickets.

Those areas know nothing of tickets; they leave a place, and this fills it.
"""

from __future__ import annotations

from flask import Flask, render_template

from registry.clients import add_to_client_card, add_to_site_page
from registry.clients.models import Client, Site
from registry.core.times import utc_now
from registry.people import add_to_person_card
from registry.people.access import me
from registry.people.models import Person
from registry.tickets.filters import Filters
from registry.tickets.registry_queries import count_matching, registry_page
from registry.tickets.sheet_queries import may_prepare
from registry.tickets.state_names import NO_NAMES, state_names
from registry.tickets.succession import count_to_return

MOST = 8


def add_card_extras(app: Flask) -> None:
    """Fill the places that the areas below leave."""
    add_to_client_card(app, of_client)
    add_to_site_page(app, of_site)
    add_to_person_card(app, of_person)


def of_client(client: Client) -> str:
    """The client's open tickets, the newest first, and logging another."""
    return _listed(Filters(client=client.id), client=client if client.is_active else None)


def of_site(site: Site) -> str:
    """The open tickets at the site."""
    return _listed(Filters(site=site.id))


def of_person(person: Person) -> str:
    """How many tickets are in the person's hands, and handing all of them over by a sheet."""
    now = utc_now()
    filters = Filters(holder=person.id)
    count = count_matching(filters, NO_NAMES, me=me(), now=now)
    return render_template("tickets/person_extras.html", person=person, filters=filters,
                           count=count, may_prepare=bool(count) and may_prepare(
                               person, me(), now=now),
                           to_return=count_to_return(person))


def _listed(filters: Filters, client: Client | None = None) -> str:
    now, names = utc_now(), state_names()
    page = registry_page(filters, None, names, me=me(), now=now, size=MOST)
    return render_template(
        "tickets/place_extras.html", rows=page.rows, names=names, filters=filters, client=client,
        count=count_matching(filters, names, me=me(), now=now))
