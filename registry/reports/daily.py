"""The daily report as data: made once, frozen, and shown ever after as it was made.

Holds no words of any language but names and what people wrote; lines.py makes sentences of it for
each reader. A number that cannot be computed is None, and the sentence then says so.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from registry.core.db import db
from registry.people.models import Person
from registry.reports.figures import Figures, figures_of, fullest_hands
from registry.reports.history import FLOWS
from registry.reports.ledger_state import ledger_state
from registry.reports.needs import needs_of
from registry.reports.rows import rows_of
from registry.reports.rules import is_damaged

SCHEMA = 1
# Lines in the mail; the number opens the whole list.
MOST_LINES = 6


def make_report(day: date, *, now: datetime) -> tuple[dict[str, Any], str]:
    """The report on ``day`` as data for JSON, and the checkpoint's note. Makes the checkpoint."""
    ledger, note = ledger_state(now=now)
    return report_data(day, ledger, now=now), note


def report_data(day: date, ledger: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """The report's data around a given state of the ledger; changes nothing."""
    figures = figures_of(day)
    return {
        "v": SCHEMA, "day": day.isoformat(), "before": figures.before.isoformat(),
        "made_at": now.isoformat(), "late": None,
        "flows": {name: [len(figures.flows[name]), len(figures.flows_before[name])]
                  for name in FLOWS},
        "free_days": [{"day": free.isoformat(),
                       "flows": {name: len(flows[name]) for name in FLOWS}}
                      for free, flows in figures.free_days.items()],
        "broken": {"count": len(figures.broken), "that_day": _broken_that_day(figures),
                   "rows": _rows(figures, "broken", since="promise")},
        "danger": {"count": len(figures.danger),
                   "rows": _rows(figures, "danger", since="promise")},
        "unpromised": {"count": len(figures.unpromised)},
        "untaken": {"count": len(figures.untaken),
                    "rows": _rows(figures, "untaken", since="untaken")},
        "unchecked": {"count": len(figures.unchecked)},
        "hands": _hands(figures),
        "ledger": ledger,
        "needs": needs_of(figures, ledger_is_damaged=is_damaged(ledger)),
    }


def _rows(figures: Figures, name: str, *, since: str) -> list[dict[str, Any]]:
    standings = getattr(figures, name)[:MOST_LINES]
    return [row.frozen() for row in rows_of(standings, figures.ends_at, since=since)]


def _broken_that_day(figures: Figures) -> int:
    """How many of the broken promises were still whole when the working day before had ended."""
    return sum(each.promised_at is not None and each.promised_at >= figures.before_ended_at
               for each in figures.broken)


def _hands(figures: Figures) -> dict[str, Any]:
    """How many are in whose hands: the fullest first, then all others together."""
    most = fullest_hands(figures.hands)
    query = select(Person.id, Person.name).where(Person.id.in_([person for person, _ in most]))
    names = dict(db.session.execute(query).all())
    return {
        "open": figures.open,
        "rows": [{"person": person, "name": names[person], "count": count}
                 for person, count in most],
        "others": figures.open - sum(count for _, count in most),
    }
