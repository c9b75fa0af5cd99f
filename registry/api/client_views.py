"""Clients, sites and people."""

from __future__ import annotations

from flask import Response, jsonify

from registry.api import shown
from registry.api.answers import ClientOut, Clients, People, SiteOut, Sites
from registry.api.blueprint import bp
from registry.api.edge import acted, caller, opens
from registry.api.keys import Done
from registry.api.naming import named_in, place_after
from registry.api.queries import sites_page
from registry.api.responses import answers
from registry.api.rules import Scope
from registry.api.shapes import Acting, ClientIn, Paged, SiteIn, SitesQuery
from registry.clients.models import Client, Site, Tier
from registry.clients.queries import Wanted, client_list
from registry.clients.service import ClientFacts, add_client
from registry.clients.sites import SiteFacts, add_site
from registry.core.times import utc_now
from registry.people.permissions import require
from registry.people.queries import Wanted as WantedPeople
from registry.people.queries import people_list


@bp.get("/clients", operation_id="clients", responses=answers(Clients))
@opens(Scope.READ)
def clients(query: Paged) -> Response:
    """Clients that are served, by name."""
    require(caller(), "see_clients")
    page = client_list(Wanted(after=query.cursor), limit=query.size)
    return jsonify(items=[shown.client_row(row) for row in page.rows],
                   next=page.next_after or None)


@bp.post("/clients", operation_id="add_client", responses=answers(ClientOut, 201))
@opens(Scope.CLIENTS)
def post_client(header: Acting, body: ClientIn) -> Response:
    """Enter a client."""
    def act() -> Done:
        facts = ClientFacts(body.name, Tier(body.tier), body.note)
        return Done(shown.new_client(add_client(facts, by=caller(), now=utc_now())), 201)

    return acted(act)


@bp.get("/sites", operation_id="sites", responses=answers(Sites))
@opens(Scope.READ)
def sites(query: SitesQuery) -> Response:
    """Sites in use: places where the service arrives, and what feeds them."""
    require(caller(), "see_clients")
    found = sites_page(query.client, place_after(query.cursor), query.size)
    more, found = len(found) > query.size, found[:query.size]
    return jsonify(items=[shown.site(each) for each in found],
                   next=str(found[-1].id) if more else None)


@bp.post("/sites", operation_id="add_site", responses=answers(SiteOut, 201))
@opens(Scope.CLIENTS)
def post_site(header: Acting, body: SiteIn) -> Response:
    """Enter a site of a client, or a node of our own network."""
    def act() -> Done:
        named = named_in(body, client=Client, fed_by=Site)
        facts = SiteFacts(body.name, body.address, named["fed_by"])
        site = add_site(named["client"], facts, by=caller(), now=utc_now())
        return Done(shown.site(site), 201)

    return acted(act)


@bp.get("/people", operation_id="people", responses=answers(People))
@opens(Scope.READ)
def people(query: Paged) -> Response:
    """Who works here, by name."""
    require(caller(), "see_people")
    number, _, name = query.cursor.partition("~")
    after = (name, place_after(number)) if query.cursor else None
    rows = people_list(WantedPeople(after=after), now=utc_now(), limit=query.size)
    more, rows = len(rows) > query.size, rows[:query.size]
    return jsonify(items=[shown.person(row) for row in rows],
                   next=f"{rows[-1].id}~{rows[-1].name}" if more else None)
