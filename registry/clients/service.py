"""The verbs of a client's card: the client, who of ours knows it, its contact persons.

Sites are in sites.py, the criteria of service in criteria.py, bringing in a whole list in
imports.py. Which clients a person may see or change at all stands in people/permissions.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from registry.clients import rules
from registry.clients.models import Client, Contact, Tier
from registry.clients.names import folded
from registry.core.db import db
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.words import N_
from registry.people.models import Person
from registry.people.permissions import require


@dataclass(frozen=True)
class ClientFacts:
    """What is said of a client itself."""

    name: str
    tier: Tier = Tier.ORDINARY
    note: str = ""


@dataclass(frozen=True)
class ContactFacts:
    """What is said of a person at the client's."""

    name: str
    position: str = ""
    phone: str = ""
    email: str = ""


def add_client(facts: ClientFacts, *, by: Person, now: datetime,
               persons: Iterable[Person] = ()) -> Client:
    """Enter a client; ``persons`` are those of ours who know it.

    Raises Forbidden, or Refused with every fault; a name counts as taken in whatever case.
    """
    require(by, "manage_clients")
    known = unique_persons(persons)
    refuse_if(*_client_faults(facts, None), *map(_gone_fault, known))
    client = Client(name=facts.name.strip(), tier=facts.tier, note=facts.note.strip(),
                    created_at=now, persons=known)
    db.session.add(client)
    db.session.flush()
    return client


def change_client(client: Client, facts: ClientFacts, *, by: Person, now: datetime) -> None:
    """Correct name, tier or note. Raises Forbidden, or Refused with every fault."""
    require(by, "manage_clients")
    refuse_if(*_client_faults(facts, client))
    client.name, client.tier, client.note = facts.name.strip(), facts.tier, facts.note.strip()
    db.session.flush()


def retire_client(client: Client, *, by: Person, now: datetime) -> None:
    """The client is served no more. The card stays, with everything that ever happened."""
    require(by, "manage_clients")
    client.is_active = False
    db.session.flush()


def restore_client(client: Client, *, by: Person, now: datetime) -> None:
    """The client is served again."""
    require(by, "manage_clients")
    client.is_active = True
    db.session.flush()


def name_persons(client: Client, persons: Iterable[Person], *, by: Person,
                 now: datetime) -> Reason | None:
    """Say who of ours knows the client; replaces what was said before.

    Fewer than two is no refusal (the domain, 1.10): the warning for the card comes back.
    Raises Forbidden, and Refused for somebody newly named who has left.
    """
    require(by, "manage_clients")
    known = unique_persons(persons)
    refuse_if(*(_gone_fault(each) for each in known if each not in client.persons))
    client.persons = known
    db.session.flush()
    return rules.few_know(sum(each.is_active for each in known))


def add_contact(client: Client, facts: ContactFacts, *, by: Person, now: datetime,
                is_key: bool = False) -> Contact:
    """Enter a person at the client's. Raises Forbidden, or Refused with every fault."""
    require(by, "manage_clients")
    refuse_if(*contact_faults(facts))
    contact = Contact(client=client, is_active=True)
    _fill(contact, facts)
    db.session.add(contact)
    db.session.flush()
    if is_key:
        name_key_person(contact, by=by, now=now)
    return contact


def change_contact(contact: Contact, facts: ContactFacts, *, by: Person, now: datetime,
                   is_key: bool | None = None) -> None:
    """Correct what is said of the person; ``is_key`` None leaves that as it is.

    Raises Forbidden, or Refused with every fault.
    """
    require(by, "manage_clients")
    refuse_if(*contact_faults(facts))
    _fill(contact, facts)
    if is_key and not contact.is_key:
        name_key_person(contact, by=by, now=now)
    elif is_key is False:
        contact.is_key = False
    db.session.flush()


def name_key_person(contact: Contact, *, by: Person, now: datetime) -> None:
    """Make the contact the client's one key person. Raises Forbidden, and Refused for a contact
    who has left the client."""
    require(by, "manage_clients")
    if not contact.is_active:
        raise Refused(Reason("contact_left", N_("%(name)s does not work at this client any more. "
                                                "Choose another key person."),
                             {"name": contact.name}))
    others = select(Contact).where(Contact.client_id == contact.client_id, Contact.is_key)
    for other in db.session.scalars(others):
        other.is_key = False
    contact.is_key = True
    db.session.flush()


def retire_contact(contact: Contact, *, by: Person, now: datetime) -> None:
    """The person does not work at the client any more; old tickets still name them."""
    require(by, "manage_clients")
    contact.is_active = contact.is_key = False
    db.session.flush()


def restore_contact(contact: Contact, *, by: Person, now: datetime) -> None:
    """The person is at the client again, or was retired by mistake."""
    require(by, "manage_clients")
    contact.is_active = True
    db.session.flush()


def contact_faults(facts: ContactFacts) -> list[Reason | None]:
    """Everything that is wrong with what is said of a contact."""
    return [rules.name_fault(facts.name), rules.text_fault(facts.position, "position"),
            rules.phone_fault(facts.phone.strip()), rules.email_fault(facts.email.strip())]


def client_named(name: str) -> Client | None:
    """The client of that name, in whatever case and spacing."""
    return db.session.scalar(select(Client).where(Client.name_key == folded(name)))


def unique_persons(persons: Iterable[Person]) -> list[Person]:
    """The persons by name, each once."""
    return sorted({each.id: each for each in persons}.values(), key=lambda each: each.name)


def _client_faults(facts: ClientFacts, present: Client | None) -> list[Reason | None]:
    named = client_named(facts.name)
    taken = named is not None and named is not present
    return [
        rules.name_fault(facts.name),
        rules.text_fault(facts.note, "note", rules.LONGEST_NOTE),
        Reason("name_taken", N_("There is a client of this name already: open its card."),
               field="name") if taken else None,
    ]


def _gone_fault(person: Person) -> Reason | None:
    if person.is_active:
        return None
    return Reason("person_left", N_("%(name)s has left. Name somebody who works here."),
                  {"name": person.name}, "persons")


def _fill(contact: Contact, facts: ContactFacts) -> None:
    contact.name, contact.position = facts.name.strip(), facts.position.strip()
    contact.phone, contact.email = facts.phone.strip(), facts.email.strip()
