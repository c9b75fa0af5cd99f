"""Where a restored database is put: beside the one in use, then in its place in one step.

Until ``keep`` the installation is as it was, whatever fails; ``undo`` takes away what was put
beside it. SQLite: the file is looked at where it lies, and written over the one in use by a single
transaction. PostgreSQL: the tables in use wait under another schema, unread, until all is well.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Protocol

from psycopg import Connection, sql

from registry.admin.pg_programs import connect, program, run, server_major
from registry.core.errors import Reason, Refused
from registry.core.words import N_

FORMER = "countersign_before_restore"
# In which of these there is a row, the installation is in use.
TELLING = ("person", "ticket", "ledger_entry")
OTHERS = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
          "AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
LEAVING = 2.0  # seconds


class Place(Protocol):
    """Where a database is restored to."""

    def is_empty(self) -> bool:
        """Whether nothing would be lost."""

    def load(self, dump: Path) -> str:
        """Put the dump beside the database in use; the address under which it can be looked at."""

    def keep(self) -> None:
        """Put what was loaded in the place of what was there."""

    def undo(self) -> None:
        """Forget what was loaded."""


def place_for(url: str) -> Place:
    """The place for the database of this installation."""
    return OnSqlite(url) if url.startswith("sqlite") else OnPostgresql(url)


class OnSqlite:
    """A file."""

    def __init__(self, url: str) -> None:
        self._path = Path(url.removeprefix("sqlite:///"))
        self._loaded = Path()

    def is_empty(self) -> bool:
        if not self._path.exists():
            return True
        with closing(sqlite3.connect(self._path, timeout=15)) as connection:
            there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            return not any(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {name})").fetchone()[0]
                           for name in TELLING if name in there)

    def load(self, dump: Path) -> str:
        self._loaded = dump
        return f"sqlite:///{dump}"

    def keep(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._loaded, isolation_level=None)) as source, closing(
                sqlite3.connect(self._path, isolation_level=None, timeout=60)) as target:
            target.execute("PRAGMA synchronous=FULL")
            source.backup(target)
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def undo(self) -> None:
        """The file beside goes with its folder."""


class OnPostgresql:
    """A schema. Nobody else may be connected: they would find no tables meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._schema = ""  # named once it waits under FORMER by our hand: only then is it undone

    def is_empty(self) -> bool:
        with connect(self._url) as connection:
            return not any(
                _first(connection, "SELECT to_regclass(%s) IS NOT NULL", name)
                and _first(connection, sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(
                    sql.Identifier(name)))
                for name in TELLING)

    def load(self, dump: Path) -> str:
        with connect(self._url) as connection:
            _alone(connection)
            schema = str(_first(connection, "SELECT current_schema()"))
            if _first(connection, "SELECT to_regnamespace(%s) IS NOT NULL", FORMER):
                raise Refused(Reason("restore_cut_off", N_(
                    "A restore was cut off: what stood here before waits in the schema %(name)s. "
                    "Look at it, rename it back or drop it, then restore."), {"name": FORMER}))
            path = program("pg_restore", server_major(connection))
            _rename(connection, schema, FORMER)
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        self._schema = schema
        run(self._url, path, "--single-transaction", "--exit-on-error", "--no-owner",
            "--no-privileges", f"--schema={schema}", str(dump))
        return self._url

    def keep(self) -> None:
        with connect(self._url) as connection:
            _drop(connection, FORMER)

    def undo(self) -> None:
        if not self._schema:
            return
        with connect(self._url) as connection:
            if _first(connection, "SELECT to_regnamespace(%s) IS NOT NULL", FORMER):
                _drop(connection, self._schema)
                _rename(connection, FORMER, self._schema)


def _alone(connection: Connection[tuple[object, ...]]) -> None:
    """Refuse where others are connected. One that has just left is still listed for a moment."""
    until = monotonic() + LEAVING
    while (others := _first(connection, OTHERS)) and monotonic() < until:
        sleep(LEAVING / 20)
        connection.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction looks once
    if others:
        raise Refused(Reason("others_connected", N_(
            "%(count)s others are connected to the database. Stop pages and workers on all "
            "machines, then restore."), {"count": others}))


def _first(connection: Connection[tuple[object, ...]], query: object, *values: object) -> object:
    row = connection.execute(query, values or None).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def _rename(connection: Connection[tuple[object, ...]], name: str, other: str) -> None:
    connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
        sql.Identifier(name), sql.Identifier(other)))


def _drop(connection: Connection[tuple[object, ...]], name: str) -> None:
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
