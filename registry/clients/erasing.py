"""What an erasure by law takes of a client or of a contact person there.

Their rows keep number, client and tier, so tickets and counts stay whole. Where else their names
stand is found by admin/erasing.py.
"""

from __future__ import annotations

from registry.clients.models import Client, Contact
from registry.core.db import db
from registry.people.erasing import Personal, personal_words


def personal_of_contact(contact: Contact) -> Personal:
    """By what a contact person is known."""
    return personal_words((contact.name,), (contact.email, contact.phone))


def personal_of_client(client: Client) -> Personal:
    """By what a client is known: its own name, its contact persons, the addresses of its sites
    (but not one of a single word, as the name of a town)."""
    contacts = [personal_of_contact(each) for each in client.contacts]
    addresses = personal_words((site.address for site in client.sites), ())
    found = [addresses, *contacts]
    return Personal((client.name,),
                    tuple(sorted({word for each in found for word in each.words})),
                    tuple(sorted({word for each in found for word in each.shared})))


def erase_contact(contact: Contact, stand_in: str) -> None:
    """Empty the contact's row; they are asked nothing any more."""
    contact.name, contact.position = stand_in, ""
    contact.phone = contact.email = ""
    contact.is_key = contact.is_active = False
    db.session.flush()


def erase_client(client: Client, stand_in: str) -> None:
    """Empty the client's row and those of its contacts and sites; nobody of ours knows it now."""
    client.name, client.note, client.is_active = stand_in, "", False
    client.persons = []
    for contact in client.contacts:
        erase_contact(contact, stand_in)
    for number, site in enumerate(client.sites, start=1):
        site.name, site.address = f"{stand_in} / {number}", ""
    db.session.flush()
