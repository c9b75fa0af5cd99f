"""From the rows of a list to what it says of each client: rows that repeat a client are one.

Knows nothing of the database. Every bad cell is named with its line and column; two rows that
contradict each other are named too, because nobody could say which of them was meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.clients.import_columns import (
    Bad,
    Column,
    cell_faults,
    columns_of,
    logins_of,
    tier_of,
    yes_or_no,
)
from registry.clients.models import Tier
from registry.clients.names import folded
from registry.core.errors import Reason
from registry.core.table_bounds import Row
from registry.core.words import N_


@dataclass
class Said:
    """What the list says of one contact or site: its name, and a text for each column."""

    line: int
    name: str
    values: dict[Column, str] = field(default_factory=dict)


@dataclass
class SaidClient:
    """What the list says of one client; without a name it is our own network."""

    line: int
    name: str
    tier: Tier | None = None
    logins: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, Said] = field(default_factory=dict)
    sites: dict[str, Said] = field(default_factory=dict)
    key_contact: str = ""


@dataclass(frozen=True)
class ClientList:
    """A list as it was read: clients by their name key, and everything that keeps it out."""

    rows: int
    clients: Mapping[str, SaidClient]
    bad: tuple[Bad, ...]
    titles: Mapping[Column, str]


def read_rows(rows: list[Row]) -> ClientList:
    """Read the header and then every row, gathering all that is bad."""
    head, *rest = rows
    places, bad = columns_of(head)
    titles = {column: head.cells[at].strip() for column, at in places.items()}
    gatherer = _Gatherer(titles, bad)
    if not bad:
        for row in rest:
            gatherer.take(row, places, len(head.cells))
    return ClientList(len(rest), gatherer.clients, tuple(gatherer.bad), titles)


class _Gatherer:
    """Collects clients row by row."""

    def __init__(self, titles: Mapping[Column, str], bad: list[Bad]) -> None:
        self.titles = titles
        self.bad = bad
        self.clients: dict[str, SaidClient] = {}

    def take(self, row: Row, places: Mapping[Column, int], width: int) -> None:
        values = dict.fromkeys(Column, "")
        values |= {column: row.cells[at].strip() for column, at in places.items()
                   if at < len(row.cells)}
        if any(cell.strip() for cell in row.cells[width:]):
            self.bad.append(Bad(row.line, "", Reason("row_long", N_(
                "The row has more cells than there are columns."))))
            return
        faults = cell_faults(values)
        for column in sorted(faults, key=list(Column).index):
            self._say(row.line, column, faults[column])
        if not faults:
            self._gather(row.line, values)

    def _gather(self, line: int, values: Mapping[Column, str]) -> None:
        key = folded(values[Column.CLIENT])
        client = self.clients.setdefault(key, SaidClient(line, values[Column.CLIENT]))
        self._tier(client, line, tier_of(values[Column.TIER]))
        for login in logins_of(values[Column.PERSONS]):
            client.logins.setdefault(login, line)
        if values[Column.CONTACT]:
            name = values[Column.CONTACT]
            self._merge(client.contacts, line, name, values,
                        (Column.POSITION, Column.PHONE, Column.EMAIL))
            self._key(client, line, name, bool(yes_or_no(values[Column.KEY])))
        if values[Column.SITE]:
            self._merge(client.sites, line, values[Column.SITE], values,
                        (Column.ADDRESS, Column.FED_BY))

    def _merge(self, known: dict[str, Said], line: int, name: str,
               values: Mapping[Column, str], columns: tuple[Column, ...]) -> None:
        said = known.setdefault(folded(name), Said(line, name))
        for column in columns:
            text = values[column]
            before = said.values.get(column, "")
            if text and before and folded(text) != folded(before):
                self._say(line, column, Reason("contradicts", N_(
                    "Line %(line)d says “%(value)s” of the same. Leave one of them."),
                    {"line": said.line, "value": before[:60]}))
            elif text:
                said.values[column] = before or text

    def _tier(self, client: SaidClient, line: int, tier: Tier | None) -> None:
        if tier is None:
            return
        if client.tier not in (None, tier):
            self._say(line, Column.TIER, Reason("tier_contradicts", N_(
                "An earlier row gives this client another tier. Leave one of them.")))
        client.tier = client.tier or tier

    def _key(self, client: SaidClient, line: int, name: str, is_key: bool) -> None:
        if not is_key:
            return
        if client.key_contact not in ("", folded(name)):
            self._say(line, Column.KEY, Reason("two_keys", N_(
                "A client has one key person; an earlier row names another.")))
        client.key_contact = client.key_contact or folded(name)

    def _say(self, line: int, column: Column, reason: Reason) -> None:
        self.bad.append(Bad(line, self.titles.get(column, column), reason))
