"""Rows as they are stored, for ``verify``: no conversion that could smooth over a changed byte.

A column type would read ``2026-11-24T07:40`` like ``2026-11-24 07:40``, and a driver would fail at
bytes that are no text; here everything comes as it is, in streams of bounded size.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, Text, cast, column, func, select, table
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.expression import ColumnClause, ColumnElement, TableClause

from registry.core.db import db, reading

AT_A_TIME = 1000


def _table(name: str, *columns: str) -> TableClause:
    return table(name, *map(column, columns))


ENTRY = _table("ledger_entry", "chain", "seq", "at", "kind", "actor", "body", "prev_hash", "hash")
LEAF = _table("ledger_leaf", "index", "chain", "seq")
PENDING = _table("ledger_pending", "chain", "seq")
CHECKPOINT = _table("ledger_checkpoint", "size", "root", "frontier", "note", "at")
SEALED = _table("sealed_text", "seal", "salt", "words", "erased_at")
SIGNATURE = _table("signature", "chain", "act", "meaning", "signer_id", "for_id", "role", "method",
                   "at", "nonce", "statement", "statement_hash", "proof")
TABLES = (ENTRY, LEAF, PENDING, CHECKPOINT, SEALED, SIGNATURE)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything in the block as of one moment, taking no lock; nothing may be written."""
    db.session.rollback()
    token = reading.set(True)
    try:
        if db.engine.dialect.name == "postgresql":
            db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield
    finally:
        db.session.rollback()
        reading.reset(token)


@contextmanager
def any_bytes(connection: Connection) -> Iterator[None]:
    """Let SQLite give texts that are not UTF-8 instead of failing at them."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw.text_factory = lambda value: value.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = str


class Stored:
    """Reads the tables of the ledger over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"

    def stream(self, query: Select[Any]) -> Iterator[Row[Any]]:
        """The rows of ``query``, a thousand in memory at a time."""
        yield from self.connection.execute(query, execution_options={"yield_per": AT_A_TIME})

    def moment(self, stored: ColumnClause[Any]) -> ColumnElement[Any]:
        """A column with a moment, for ``stamped``."""
        if self.is_sqlite:
            return stored
        form = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
        return func.to_char(func.timezone("UTC", stored), form).label(stored.name)

    def stamped(self, value: object) -> object:
        """A stored moment as ``stamp`` would write it; anything else unchanged."""
        if self.is_sqlite and isinstance(value, str) and len(value) == 26 and value[10] == " ":
            return f"{value[:10]}T{value[11:]}Z"
        return value

    def text(self, stored: ColumnClause[Any]) -> ColumnElement[Any]:
        """A column of JSON as the text that is stored."""
        return cast(stored, Text).label(stored.name)

    def count(self, rows: TableClause) -> int:
        """How many rows the table has."""
        return int(self.connection.scalar(select(func.count()).select_from(rows)) or 0)
