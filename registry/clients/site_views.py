"""Sites: the network as a tree, the page of one place, and what is written down about it."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from registry.clients.answers import Answer, attempted, on_to
from registry.clients.blueprint import bp
from registry.clients.choices import feeder_choices
from registry.clients.forms import SiteForm
from registry.clients.models import Client, Site
from registry.clients.network import network, place_of, site_by_id
from registry.clients.queries import client_by_id
from registry.clients.sites import add_site, change_site, restore_site, retire_site
from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.people.access import me, permitted


@bp.get("/clients/sites")
@permitted("see_clients")
def sites() -> str:
    """What is fed by what: the whole network."""
    return render_template("clients/network.html", network=network())


@bp.get("/clients/sites/<int:site_id>")
@permitted("see_clients")
def site(site_id: int) -> str:
    """One place: whose it is, by what it is fed, what it feeds."""
    return _site_page(found(site_by_id(site_id)), [])


@bp.route("/clients/sites/new", methods=["GET", "POST"])
@permitted("manage_clients")
def new_node() -> Answer:
    """Enter a building or node of our own network."""
    return _entered(None)


@bp.route("/clients/<int:client_id>/sites/new", methods=["GET", "POST"])
@permitted("manage_clients")
def new_site(client_id: int) -> Answer:
    """Enter a site of the client."""
    return _entered(found(client_by_id(client_id)))


@bp.route("/clients/sites/<int:site_id>/edit", methods=["GET", "POST"])
@permitted("manage_clients")
def edit_site(site_id: int) -> Answer:
    """Correct a site, or say that it is fed by another."""
    place = found(site_by_id(site_id))
    form = SiteForm()
    form.offer(feeder_choices(place.client_id), place)
    if not form.is_submitted():
        return _form_page(form, [], place.client, place)
    outcome = attempted(form, lambda: change_site(place, form.facts(), by=me(), now=utc_now()))
    if not outcome.done:
        return _form_page(form, outcome.reasons, place.client, place), 422
    flash_done(_("Kept."))
    return on_to("clients.site", site_id=site_id)


@bp.post("/clients/sites/<int:site_id>/retire", endpoint="retire_site")
@permitted("manage_clients")
def retire_place(site_id: int) -> Answer:
    """The site is served no more."""
    place = found(site_by_id(site_id))
    try:
        with atomic():
            retire_site(place, by=me(), now=utc_now())
    except Refused as error:
        return _site_page(place, list(error.reasons)), 422
    flash_done(_("The site is not in use any more."))
    return on_to("clients.site", site_id=site_id)


@bp.post("/clients/sites/<int:site_id>/restore", endpoint="restore_site")
@permitted("manage_clients")
def restore_place(site_id: int) -> Answer:
    """The site is served again."""
    place = found(site_by_id(site_id))
    try:
        with atomic():
            restore_site(place, by=me(), now=utc_now())
    except Refused as error:
        return _site_page(place, list(error.reasons)), 422
    flash_done(_("The site is in use again."))
    return on_to("clients.site", site_id=site_id)


def _entered(client: Client | None) -> Answer:
    form = SiteForm()
    form.offer(feeder_choices(client.id if client else None))
    if not form.is_submitted():
        return _form_page(form, [], client, None)
    outcome = attempted(form, lambda: add_site(client, form.facts(), by=me(), now=utc_now()).id)
    if not outcome.done:
        return _form_page(form, outcome.reasons, client, None), 422
    flash_done(_("The site is entered."))
    return on_to("clients.site", site_id=outcome.result)


def _site_page(place: Site, reasons: list[Reason]) -> str:
    return render_template("clients/site.html", site=place, place=place_of(place),
                           reasons=reasons)


def _form_page(form: SiteForm, reasons: list[Reason], client: Client | None,
               place: Site | None) -> str:
    return render_template("clients/site_form.html", form=form, reasons=reasons, client=client,
                           site=place)
