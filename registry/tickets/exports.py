"""The registry's list as a table to take away: the same tickets, in the same order, as CSV or XLSX.

Read in pieces by key, so that a long list is never in memory; bounded, and where the bound cuts
something off, the last line of the table says so. Cells are made safe by core/tables.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from flask_babel import gettext as _

from registry.core.languages import language
from registry.core.tables import Cell
from registry.people.models import Person
from registry.tickets.filters import Filters
from registry.tickets.models import Opinion
from registry.tickets.places import Place
from registry.tickets.registry_queries import Row, registry_page
from registry.tickets.state_names import StateNames

MOST_ROWS = {"csv": 100_000, "xlsx": 30_000}
PIECE = 500


def export_rows(
    filters: Filters, names: StateNames, *, me: Person, now: datetime, most: int
) -> Iterator[list[Cell]]:
    """The head of the table, then one line for each ticket, at most ``most`` of them."""
    yield _head()
    place: Place | None = None
    written = 0
    while True:
        size = min(PIECE, most - written)
        page = registry_page(filters, place, names, me=me, now=now, size=size)
        for row in page.rows:
            yield _cells(row, names, now)
        written += len(page.rows)
        place = page.following
        if place is None:
            return
        if written >= most:
            yield [_("The table ends here, after %(count)d tickets; there are more. Narrow the "
                     "filters to take the rest.", count=written)]
            return


def _head() -> list[Cell]:
    return [
        _("No."), _("What is wrong"), _("Client"), _("Site"), _("Criterion"), _("Measured"),
        _("Norm"), _("Unit"), _("The client's opinion"), _("State"), _("In hands of"),
        _("In these hands since"), _("Department"), _("Originator"), _("Logged"),
        _("Promised by"), _("Late"), _("Mended"), _("Ended"), _("Times reopened"),
        _("Offered to"),
    ]


def _cells(row: Row, names: StateNames, now: datetime) -> list[Cell]:
    state = names.states.get(row.state)
    return [
        row.number, row.summary, row.client, row.site, row.criterion, _tidy(row.measured),
        _tidy(row.norm), row.unit, opinion_text(row.opinion),
        state.title.said(language()) if state else row.state, row.holder.name, row.holder_since,
        row.department, row.originator, row.logged_at, row.promised_at,
        _("yes") if row.is_late(now) else _("no"), row.mended_at, row.ended_at, row.reopen_count,
        row.offered_to,
    ]


def _tidy(value: Decimal | None) -> Decimal | None:
    """A measure without needless zeros: 12.000 → 12."""
    return None if value is None else value.normalize()


def opinion_text(opinion: Opinion) -> str:
    """The client's own opinion in a word, beside what was measured."""
    return {Opinion.CONTENT: _("content"), Opinion.DISCONTENT: _("discontent"),
            Opinion.NOT_ASKED: _("not asked")}[opinion]
