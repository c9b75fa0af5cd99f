"""The one thing that each reader must act on, or that nothing needs them (the domain, 3).

The commercial director hears of a ledger that does not verify and of broken promises, those to
key clients first; the head of sales of broken promises and of clients not called back; the
programme lead of what nobody has taken. What is said is a code and a line; lines.py makes the
sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry.clients.models import Tier
from registry.people.models import Person, Role
from registry.reports.figures import Figures
from registry.reports.rows import rows_of

NOTHING = "nothing"
# Who reads, and whose part counts where somebody has several roles.
READERS = (Role.COMMERCIAL_DIRECTOR, Role.HEAD_OF_SALES, Role.LEAD)
# What comes first for whom; the first that there is, is said.
ORDER = {
    Role.COMMERCIAL_DIRECTOR: ("ledger_damaged", "broken_of_key_client", "broken"),
    Role.HEAD_OF_SALES: ("broken", "unchecked"),
    Role.LEAD: ("untaken", "unchecked"),
}


def reader_role(person: Person) -> Role | None:
    """In which of the readers' roles the person reads; None for who is not sent the report."""
    return next((role for role in READERS if role in person.roles), None)


def needs_of(figures: Figures, *, ledger_is_damaged: bool) -> dict[str, dict[str, Any]]:
    """For each reader's role the code of the need, and the ticket's line where it is about one."""
    found = dict(_needs(figures))
    if ledger_is_damaged:
        found["ledger_damaged"] = {"code": "ledger_damaged", "row": None}
    nothing = {"code": NOTHING, "row": None}
    return {role.value: next((found[code] for code in ORDER[role] if code in found), nothing)
            for role in READERS}


def _needs(figures: Figures) -> Iterator[tuple[str, dict[str, Any]]]:
    of_key = [each for each in figures.broken if figures.tier_of(each) is Tier.KEY]
    for code, standings, since in (
        ("broken_of_key_client", of_key, "promise"), ("broken", figures.broken, "promise"),
        ("untaken", figures.untaken, "untaken"), ("unchecked", figures.unchecked, "mended"),
    ):
        if standings:
            row = rows_of(standings[:1], figures.ends_at, since=since)[0]
            yield code, {"code": code, "row": row.frozen()}
