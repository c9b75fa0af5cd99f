"""Any single value changed behind our back is found by ``verify``, which names chain and entry.

Every column of every table of the ledger is changed, in every row, past the triggers. What a test
expects is read from the rows before the change, so a finding elsewhere does not satisfy it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, and_, select, text, type_coerce, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Text

from registry.core.model import Base
from registry.ledger import owners
from registry.ledger.entries import seals_in
from registry.ledger.findings import CHECKPOINT, Finding
from registry.ledger.queries import chain_of
from registry.ledger.stored import TABLES
from tests.registry.ledger.conftest import KeptLedger

COLUMNS = {each.name: [column.name for column in each.c] for each in TABLES}
TABLE_NAMES = list(COLUMNS)
KEYS = {name: [each.name for each in Base.metadata.tables[name].primary_key]
        for name in TABLE_NAMES}

Place = tuple[str, int | None]
Known = dict[tuple[str, object], set[Place]]


class Hand:
    """Somebody who owns the database and changes one value of one row."""

    def __init__(self, kept: KeptLedger, table: str, column: str) -> None:
        self.session = kept.session
        self.table, self.name = Base.metadata.tables[table], column
        self.column = self.table.c[column]
        self.is_sqlite = kept.session.connection().dialect.name == "sqlite"

    def rows(self) -> list[Row[Any]]:
        """Every row with its stored value; on SQLite moments and JSON are texts."""
        stored = type_coerce(self.column, Text) if self.is_sqlite else self.column
        keys = [self.table.c[name] for name in KEYS[self.table.name]]
        return list(self.session.execute(
            select(*keys, stored.label("stored")).order_by(*keys)))

    def write(self, row: Row[Any], value: Any) -> None:
        """Change the value in the row."""
        keys = KEYS[self.table.name]
        here = and_(*(self.table.c[name] == row[at] for at, name in enumerate(keys)))
        # Text on SQLite, whose columns take anything; bytes go in as they are.
        raw = self.is_sqlite and not isinstance(value, bytes)
        self.session.execute(update(self.table).where(here).values(
            {self.name: type_coerce(value, Text()) if raw and isinstance(value, str) else value}))

    def write_sql(self, row: Row[Any], value: str) -> None:
        """Change the value in the row to what an expression of SQL gives."""
        keys = KEYS[self.table.name]
        where = " AND ".join(f'"{name}" = :{name}' for name in keys)
        self.session.execute(
            text(f'UPDATE {self.table.name} SET "{self.name}" = {value} WHERE {where}'),
            dict(zip(keys, row, strict=False)))


def others(value: Any) -> list[Any]:
    """Values that differ from ``value`` by as little as the column's type lets them."""
    if value is None:
        return []
    if isinstance(value, bool | int):
        return [value + 1000]
    if isinstance(value, datetime):
        return [value + timedelta(microseconds=1)]
    if isinstance(value, dict):
        return [value | {"method": "passkey"}, value | {"proved_at": "2026-11-24T07:41:00.000001Z"}]
    if isinstance(value, bytes):
        middle = len(value) // 2
        return [value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1:]]
    return [changed(value, len(value) // 2)] if value else ["x"]


def changed(value: str, at: int) -> str:
    """The text with another character at one place: a digit for a digit, a letter for a letter."""
    old = value[at]
    new = "7" if old != "7" and old.isdigit() else "b" if old != "b" else "c"
    return value[:at] + new + value[at + 1:]


def places(kept: KeptLedger) -> Known:
    """For every row of the ledger, by table and key: which entries a finding may name."""
    found: Known = {}
    chains = {row.chain for row in kept.session.execute(select(TABLES[0].c.chain))}
    for chain in chains:
        for entry in chain_of(chain):
            place = (chain, entry.seq)
            for table in ("ledger_entry", "ledger_pending"):
                found[table, place] = {place}
            found["ledger_leaf", entry.place] = {place}
            for statement in entry.statements:
                found.setdefault(("signature", statement), set()).add(place)
            for seal in seals_in(entry.content):
                found.setdefault(("sealed_text", seal), set()).add(place)
    return found


def expected(known: Known, table: str, row: Row[Any]) -> set[Place]:
    """Which entries a finding about the row may name."""
    key = row[0] if len(KEYS[table]) == 1 else (row[0], row[1])
    return known[table, key] if table != "ledger_checkpoint" else {(CHECKPOINT, row[0])}


@pytest.fixture
def known(kept: KeptLedger) -> Known:
    """Where each row belongs, before anything is changed."""
    return places(kept)


def test_an_untouched_ledger_verifies(kept: KeptLedger) -> None:
    verdict = kept.verify()

    assert verdict.is_sound, verdict.findings
    assert (verdict.checkpoints, verdict.chains) == (2, 7)
    assert verdict.entries > 30
    assert verdict.signatures > 15


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_a_changed_value_is_found_in_every_column_of_every_row(
    kept: KeptLedger, known: Known, table: str
) -> None:
    for column in COLUMNS[table]:
        hand = Hand(kept, table, column)
        rows = hand.rows()
        assert rows, f"no row of {table} to change"
        for row, value in _changes(kept, rows, column):
            with kept.altered():
                hand.write(row, value)
                found = {(each.chain, each.seq) for each in kept.found()}

            wanted = {(CHECKPOINT, value)} if column == "size" else expected(known, table, row)
            assert wanted & found, f"{table}.{column} of {row} became {value!r}: {found}"
    assert not kept.found()


def _changes(
    kept: KeptLedger, rows: list[Row[Any]], column: str
) -> Iterator[tuple[Row[Any], Any]]:
    for row in rows:
        yield from ((row, value) for value in others(row.stored))
        if row.stored is None and column in ("for_id", "erased_at", "salt", "words"):
            yield row, kept.left.id if column == "for_id" else _something(kept, column)


def _something(kept: KeptLedger, column: str) -> Any:
    if column != "erased_at":
        return "words put in"
    is_sqlite = kept.session.connection().dialect.name == "sqlite"
    moment = datetime.fromisoformat("2026-11-24T07:41:00+00:00")
    return "2026-11-24 07:41:00.000000" if is_sqlite else moment


@pytest.mark.parametrize(("table", "column"), [
    ("ledger_entry", "body"), ("ledger_entry", "hash"), ("signature", "statement"),
    ("ledger_checkpoint", "note"), ("ledger_checkpoint", "frontier"), ("sealed_text", "words"),
])
def test_a_change_is_found_all_along_a_value(
    kept: KeptLedger, known: Known, table: str, column: str
) -> None:
    hand = Hand(kept, table, column)
    row = min((each for each in hand.rows() if each.stored), key=lambda each: len(each.stored))
    for at in range(0, len(row.stored), 1 + len(row.stored) // 40):
        value = (changed(row.stored, at) if isinstance(row.stored, str)
                 else row.stored[:at] + bytes([row.stored[at] ^ 1]) + row.stored[at + 1:])
        with kept.altered():
            hand.write(row, value)
            found = {(each.chain, each.seq) for each in kept.found()}

        assert expected(known, table, row) & found, f"{table}.{column} at {at}: {value!r}"


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_what_does_not_even_belong_into_a_column_is_refused_or_found(
    kept: KeptLedger, table: str
) -> None:
    # SQLite keeps anything in any column but in the key by which it finds a row.
    for column in set(COLUMNS[table]) - {"index", "size"}:
        hand = Hand(kept, table, column)
        for row in hand.rows()[:2]:
            if hand.is_sqlite:
                for odd in ("CAST(x'ff41' AS TEXT)", "x'00ff'", "1.5", "'12 monkeys'"):
                    with kept.altered():
                        hand.write_sql(row, odd)
                        assert kept.found(), f"{table}.{column} of {row} became {odd}"
            else:
                with kept.altered(), pytest.raises(DBAPIError):
                    hand.write_sql(row, r"E'\xff41'")


def test_damage_that_stops_the_areas_from_replaying_is_a_finding_too(
    kept: KeptLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replay(only: str | None) -> Iterator[Finding]:
        yield Finding("ticket:1", None, "row_differs", "It differs.")
        raise ValueError("an entry that cannot be read")

    monkeypatch.setattr(owners, "_projections", {"ticket": replay})
    hand = Hand(kept, "ledger_entry", "kind")
    with kept.altered():
        hand.write(hand.rows()[0], "x")
        assert {"column", "row_differs", "not_replayed"} == {each.code for each in kept.found()}


def test_a_fault_of_an_area_is_not_taken_for_damage(
    kept: KeptLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replay(only: str | None) -> Iterator[Finding]:
        yield from ()
        raise ValueError("a fault in the code")

    monkeypatch.setattr(owners, "_projections", {"ticket": replay})
    with pytest.raises(ValueError, match="in the code"):
        kept.verify()
