"""A person's chain: what its entries say, and the heads that ``verify`` compares it with.

Login, name, e-mail, telephone, the words of absences and the names of passkeys are personal data:
the entry carries their seals, and erasing them by law breaks nothing (the design, 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from registry.core.db import db
from registry.ledger.entries import record, seal
from registry.people.models import Person
from registry.people.rules import Details

PERSONAL = frozenset({"login", "name", "email", "phone", "reason", "label"})

Content = Mapping[str, object]


def enter(
    person: Person, kind: str, content: Content, *, by: Person | None, now: datetime
) -> None:
    """Append an entry to the person's chain, personal data under seals, and flush.

    ``by`` is None where the operator of the installation acts at the command line.
    """
    sealed = {key: seal(str(value)) if key in PERSONAL else value
              for key, value in content.items()}
    record(person, kind, by=by.ref if by else "system", at=now, content=sealed)
    db.session.flush()


def written(details: Details) -> dict[str, object]:
    """The details as entries say them."""
    department = details.department
    return {
        "login": details.login, "name": details.name, "email": details.email,
        "phone": details.phone, "language": details.language,
        "roles": sorted(role.value for role in details.roles),
        "department": f"department:{department.id}" if department is not None else "",
    }


def details_of(person: Person) -> Details:
    """The person as written down now."""
    return Details(person.login, person.name, person.email, person.phone, person.language,
                   person.department, person.roles)
