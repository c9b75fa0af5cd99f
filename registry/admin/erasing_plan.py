"""Looking for everything that is personal of somebody, before it is erased by law.

Reads only, and a whole registry: nobody can say where a name was written down. What is erased of it
and how is admin/erasing.py's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import select

from registry.clients.erasing import personal_of_client, personal_of_contact
from registry.clients.models import Client, Contact
from registry.core.db import db
from registry.core.languages import say
from registry.core.settings import current_settings
from registry.core.words import N_
from registry.ledger.entries import seals_of
from registry.ledger.erasing import chains_naming, seals_holding, seals_kept
from registry.people import erasing as of_people
from registry.people.erasing import Emptied, Personal
from registry.people.erasures import Subject
from registry.people.models import Person
from registry.tickets import erasing as of_tickets
from registry.tickets.models import Ticket

SHORTEST = 4  # letters; shorter words stand inside too many others
FEWEST_DIGITS = 7  # of a number; shorter ones stand inside other numbers
STAND_IN = {
    Subject.PERSON: N_("Erased person No. %(number)s"),
    Subject.CONTACT: N_("Erased contact No. %(number)s"),
    Subject.CLIENT: N_("Erased client No. %(number)s"),
}


@dataclass
class Plan:
    """What would be erased. ``seals``, ``statements`` and ``files`` are by chain."""

    what: Subject
    subject: Person | Contact | Client
    personal: Personal
    seals: dict[str, set[str]] = field(default_factory=dict)
    statements: dict[str, list[Emptied]] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)
    emptied_tickets: list[int] = field(default_factory=list)

    @property
    def chains(self) -> list[str]:
        """Every chain in which something would be erased."""
        return sorted({*self.seals, *self.statements, *self.files})

    @property
    def stand_in(self) -> str:
        """What stands in the place of the name from then on, in the company's language."""
        return say(STAND_IN[self.what], {"number": self.subject.id},
                   current_settings().language or "en")


def plan_erasure(
    what: Subject, subject: Person | Contact | Client, *, further: tuple[str, ...] = (),
    tickets: bool = False,
) -> Plan:
    """Look for everything that is personal of the subject. Reads only, and a whole registry.

    ``further`` are other words by which they are known, be it a first name alone; with ``tickets``
    every word and file of a client's tickets goes, whatever it says.
    """
    found = _personal(what, subject)
    personal = Personal(_telling(found.names + further), _telling(found.others),
                        _telling(found.shared))
    plan = Plan(what, subject, personal)
    seals = seals_holding(personal.words)
    if isinstance(subject, Person):
        plan.seals[subject.chain] = seals_kept(seals_of(subject.chain))
    if tickets and isinstance(subject, Client):
        _take_tickets(plan, subject)
    for chain, named in chains_naming(seals_kept(seals)).items():
        plan.seals.setdefault(chain, set()).update(named)
    emptied = of_people.statements_holding(personal.words)
    plan.statements = {chain: list(each) for chain, each in groupby(emptied, lambda it: it.chain)}
    return plan


def _take_tickets(plan: Plan, client: Client) -> None:
    for ticket in db.session.scalars(select(Ticket).where(Ticket.client_id == client.id)):
        plan.seals[ticket.chain] = seals_kept(seals_of(ticket.chain))
        plan.files[ticket.chain] = of_tickets.files_of(ticket)
        plan.emptied_tickets.append(ticket.id)


def _personal(what: Subject, subject: Person | Contact | Client) -> Personal:
    if isinstance(subject, Person):
        return of_people.personal_of(subject)
    return personal_of_client(subject) if isinstance(subject, Client) else (
        personal_of_contact(subject))


def _telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the words that are long enough to tell of somebody wherever they stand."""
    return tuple(sorted({word for word in words if _is_long(word)}))


def _is_long(word: str) -> bool:
    is_number = not any(letter.isalpha() for letter in word)
    return (sum(map(str.isdigit, word)) >= FEWEST_DIGITS if is_number
            else len(word) >= SHORTEST)
