"""Contact persons on a client's card."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from registry.clients.answers import Answer, attempted, on_to
from registry.clients.blueprint import bp
from registry.clients.forms import ContactForm
from registry.clients.models import Client, Contact
from registry.clients.queries import client_by_id, contact_by_id
from registry.clients.service import (
    add_contact,
    change_contact,
    restore_contact,
    retire_contact,
)
from registry.core.db import atomic
from registry.core.errors import Reason
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.people.access import me, permitted


@bp.route("/clients/<int:client_id>/contacts/new", methods=["GET", "POST"])
@permitted("manage_clients")
def new_contact(client_id: int) -> Answer:
    """Enter a person at the client's; the first one is the key person unless said otherwise."""
    client = found(client_by_id(client_id))
    form = ContactForm()
    if not form.is_submitted():
        form.is_key.data = not any(each.is_key for each in client.contacts)
        return _page(form, [], client, None)
    outcome = attempted(form, lambda: add_contact(
        client, form.facts(), by=me(), now=utc_now(), is_key=form.is_key.data))
    if not outcome.done:
        return _page(form, outcome.reasons, client, None), 422
    flash_done(_("The contact person is entered."))
    return on_to("clients.show", client_id=client_id)


@bp.route("/clients/contacts/<int:contact_id>", methods=["GET", "POST"])
@permitted("manage_clients")
def edit_contact(contact_id: int) -> Answer:
    """Correct what is said of a contact person."""
    contact = found(contact_by_id(contact_id))
    form = ContactForm()
    if not form.is_submitted():
        form.show(contact)
        return _page(form, [], contact.client, contact)
    outcome = attempted(form, lambda: change_contact(
        contact, form.facts(), by=me(), now=utc_now(), is_key=form.is_key.data))
    if not outcome.done:
        return _page(form, outcome.reasons, contact.client, contact), 422
    flash_done(_("Kept."))
    return on_to("clients.show", client_id=contact.client_id)


@bp.post("/clients/contacts/<int:contact_id>/retire")
@permitted("manage_clients")
def leave_contact(contact_id: int) -> Answer:
    """The contact person does not work there any more."""
    contact = found(contact_by_id(contact_id))
    with atomic():
        retire_contact(contact, by=me(), now=utc_now())
    flash_done(_("Kept. Old tickets still name this person."))
    return on_to("clients.show", client_id=contact.client_id)


@bp.post("/clients/contacts/<int:contact_id>/restore")
@permitted("manage_clients")
def return_contact(contact_id: int) -> Answer:
    """The contact person is there again."""
    contact = found(contact_by_id(contact_id))
    with atomic():
        restore_contact(contact, by=me(), now=utc_now())
    flash_done(_("Kept."))
    return on_to("clients.show", client_id=contact.client_id)


def _page(form: ContactForm, reasons: list[Reason], client: Client,
          contact: Contact | None) -> str:
    return render_template("clients/contact.html", form=form, reasons=reasons, client=client,
                           contact=contact)
