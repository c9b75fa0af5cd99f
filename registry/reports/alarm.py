"""The mail to the administrators on the night on which the ledger no longer verifies.

The directors read of it in the morning; whoever can do something is told at once, with the first
places. What was found is kept with the check (ledger_state.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from registry.core.db import db
from registry.core.languages import say
from registry.core.outbox import queue_message
from registry.core.words import N_
from registry.people.models import Person, PersonRole, Role
from registry.reports.models import LedgerCheck

SUBJECT = N_("The ledger does not verify; faults found: %(count)s")
BODY = N_("The nightly check of the ledger found %(count)s faults in %(entries)s entries. The "
          "first of them:")
ADVICE = N_("Leave the database as it is, keep a copy of it, and run: countersign verify")


def raise_alarm(check: LedgerCheck, *, now: datetime) -> None:
    """Queue one mail to each administrator about what the check found."""
    query = (select(Person).join(PersonRole).where(
        PersonRole.role == Role.ADMINISTRATOR, Person.is_active, Person.email != "")
        .order_by(Person.id))
    for person in db.session.scalars(query):
        numbers = {"count": check.findings, "entries": check.entries}
        lines = [say(BODY, numbers, person.language), "",
                 *(_place(each, person.language) for each in check.first_findings), "",
                 say(ADVICE, None, person.language)]
        queue_message("ledger_alarm", f"ledger_alarm:{check.day.isoformat()}:{person.id}",
                      to=person.email, subject=say(SUBJECT, numbers, person.language),
                      text="\n".join(lines) + "\n", language=person.language, now=now)


def _place(finding: dict[str, object], language: str) -> str:
    place = "/".join(str(each) for each in (finding["chain"], finding["seq"]) if each)
    sentence = say(str(finding["text"]), finding["params"], language)  # type: ignore[arg-type]
    return f"{place}: {sentence}" if place else sentence
