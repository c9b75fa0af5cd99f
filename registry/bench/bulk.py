"""Rows by the thousand into either database: COPY on PostgreSQL, one prepared statement on SQLite.

Values go through the columns' own types, so that what stands in a table does not tell whether a
verb or the seeder wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table

Rows = Sequence[dict[str, Any]]
Bind = Callable[[Any], Any] | None


def pour(connection: Connection, model: type, rows: Rows) -> None:
    """Insert the rows; all have the keys of the first. Columns that they leave out get what the
    database gives them."""
    if not rows:
        return
    table: Table = model.__table__  # type: ignore[attr-defined]
    names = list(rows[0])
    values = _bound(table, names, connection.dialect, rows)
    quoted = ", ".join(f'"{name}"' for name in names)
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(
                f'COPY "{table.name}" ({quoted}) FROM STDIN') as copy:
            for each in values:
                copy.write_row(each)
        return
    places = ", ".join("?" * len(names))
    raw.executemany(f'INSERT INTO "{table.name}" ({quoted}) VALUES ({places})', values)


def _bound(table: Table, names: Sequence[str], dialect: Any, rows: Rows) -> Iterator[list[Any]]:
    """The values of each row as the driver takes them."""
    binds: list[tuple[str, Bind]] = [
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    for row in rows:
        yield [row[name] if bind is None else bind(row[name]) for name, bind in binds]
