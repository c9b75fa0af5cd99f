"""Reads for the pages of erasing by law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from registry.clients.models import Client, Contact
from registry.core.db import db
from registry.people.erasures import Erasure, Subject
from registry.people.models import Person

PAGE = 50
MODELS: dict[Subject, Any] = {
    Subject.PERSON: Person, Subject.CONTACT: Contact, Subject.CLIENT: Client}


@dataclass(frozen=True)
class ErasureRow:
    """One line of the list; ``by`` is empty for the operator at the command line."""

    id: int
    what: Subject
    subject_id: int
    at: datetime
    by: str
    reason: str
    chains: int


def erasures_page(before: int | None) -> list[ErasureRow]:
    """The newest erasures, or those before ``before``; one more than a page if there are more."""
    query = (select(Erasure.id, Erasure.what, Erasure.subject_id, Erasure.at, Person.name,
                    Erasure.reason, Erasure.chains)
             .outerjoin(Person, Person.id == Erasure.by_id)
             .order_by(Erasure.id.desc()).limit(PAGE + 1))
    if before is not None:
        query = query.where(Erasure.id < before)
    return [ErasureRow(key, what, subject, at, by or "", reason, chains)
            for key, what, subject, at, by, reason, chains in db.session.execute(query)]


def subject_of(what: Subject, number: int) -> Person | Contact | Client | None:
    """The row of whoever is to be erased."""
    found: Person | Contact | Client | None = db.session.get(MODELS[what], number)
    return found
