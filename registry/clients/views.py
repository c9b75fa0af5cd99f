"""The list of clients and the card of one: who they are, who knows them, where they are served."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _

from registry.clients.answers import Answer, attempted, on_to
from registry.clients.blueprint import bp
from registry.clients.forms import ClientFilter, ClientForm, PersonsForm
from registry.clients.models import Client, Tier
from registry.clients.queries import (
    Wanted,
    client_by_id,
    client_list,
    coverage,
    people_at_work,
    persons_by_ids,
)
from registry.clients.rules import few_know
from registry.clients.service import (
    add_client,
    change_client,
    name_persons,
    restore_client,
    retire_client,
)
from registry.core.db import atomic
from registry.core.errors import Reason
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.people.access import me, permitted


@bp.get("/clients")
@permitted("see_clients")
def index() -> str:
    """Clients by name, with who knows them."""
    form = ClientFilter(request.args)
    form.offer()
    page = client_list(_wanted(form))
    asked = {key: value for key, value in request.args.items()
             if key in ("q", "tier", "known", "retired") and value}
    further = url_for("clients.index", **asked, after=page.next_after)  # type: ignore[arg-type]
    back = url_for("clients.index", **asked, before=page.previous_before)  # type: ignore[arg-type]
    return render_template(
        "clients/index.html", rows=page.rows, form=form, coverage=coverage(), asked=asked,
        further=further if page.next_after else None, back=back if page.previous_before else None)


def _wanted(form: ClientFilter) -> Wanted:
    return Wanted(
        words=(form.q.data or "")[:200],
        tier=next((each for each in Tier if each.value == form.tier.data), None),
        few_know=form.known.data == "few", known_by=me().id if form.known.data == "me" else None,
        retired=bool(form.retired.data), after=request.args.get("after", "")[:400],
        before=request.args.get("before", "")[:400])


@bp.get("/clients/<int:client_id>")
@permitted("see_clients")
def show(client_id: int) -> str:
    """The card."""
    client = found(client_by_id(client_id))
    knowers = [each for each in client.persons if each.is_active]
    contacts = sorted(client.contacts, key=lambda each: (not each.is_key, each.name))
    return render_template(
        "clients/show.html", client=client, knowers=knowers, warning=few_know(len(knowers)),
        contacts=[each for each in contacts if each.is_active],
        gone_contacts=[each for each in contacts if not each.is_active],
        sites=[each for each in client.sites if each.is_active],
        gone_sites=[each for each in client.sites if not each.is_active])


@bp.route("/clients/new", methods=["GET", "POST"])
@permitted("manage_clients")
def new() -> Answer:
    """Enter a client."""
    form = ClientForm()
    form.offer()
    if not form.is_submitted():
        return _form_page(form, [], None)
    outcome = attempted(form, lambda: add_client(form.facts(), by=me(), now=utc_now()).id)
    if not outcome.done:
        return _form_page(form, outcome.reasons, None), 422
    flash_done(_("The client is entered. Say now who of us knows it, and who its key person is."))
    return on_to("clients.show", client_id=outcome.result)


@bp.route("/clients/<int:client_id>/edit", methods=["GET", "POST"])
@permitted("manage_clients")
def edit(client_id: int) -> Answer:
    """Correct name, tier or note."""
    client = found(client_by_id(client_id))
    form = ClientForm()
    form.offer(client)
    if not form.is_submitted():
        return _form_page(form, [], client)
    outcome = attempted(form, lambda: change_client(client, form.facts(), by=me(), now=utc_now()))
    if not outcome.done:
        return _form_page(form, outcome.reasons, client), 422
    flash_done(_("Kept."))
    return on_to("clients.show", client_id=client_id)


@bp.route("/clients/<int:client_id>/persons", methods=["GET", "POST"])
@permitted("manage_clients")
def persons(client_id: int) -> Answer:
    """Say who of ours knows the client."""
    client = found(client_by_id(client_id))
    form = PersonsForm()
    form.offer(people_at_work(), client)
    if not form.is_submitted():
        return _persons_page(form, [], client)
    named = persons_by_ids(form.ids())
    outcome = attempted(form, lambda: name_persons(client, named, by=me(), now=utc_now()))
    if not outcome.done:
        return _persons_page(form, outcome.reasons, client), 422
    flash_done(_("Kept."))
    return on_to("clients.show", client_id=client_id)


@bp.post("/clients/<int:client_id>/retire")
@permitted("manage_clients")
def retire(client_id: int) -> Answer:
    """The client is served no more."""
    client = found(client_by_id(client_id))
    with atomic():
        retire_client(client, by=me(), now=utc_now())
    flash_done(_("Marked as served no more. The card and its history stay."))
    return on_to("clients.show", client_id=client_id)


@bp.post("/clients/<int:client_id>/restore")
@permitted("manage_clients")
def restore(client_id: int) -> Answer:
    """The client is served again."""
    client = found(client_by_id(client_id))
    with atomic():
        restore_client(client, by=me(), now=utc_now())
    flash_done(_("The client is served again."))
    return on_to("clients.show", client_id=client_id)


def _form_page(form: ClientForm, reasons: list[Reason], client: Client | None) -> str:
    return render_template("clients/form.html", form=form, reasons=reasons, client=client)


def _persons_page(form: PersonsForm, reasons: list[Reason], client: Client) -> str:
    return render_template("clients/persons.html", form=form, reasons=reasons, client=client)
