"""A picture of the database as of one moment, taken while people work, for a backup.

On SQLite a copy by VACUUM INTO; on PostgreSQL pg_dump over an exported snapshot. What the manifest
says and which attachments belong to it are read from that same picture.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.admin.archive import DATABASES
from registry.admin.pg_programs import connect, program, run, server_major
from registry.ledger.entries import ERASED

AT_A_TIME = 1000
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Picture:
    """``path`` is the database as a file; ``one`` asks it for one row, ``digests`` tells the
    attachments that it names."""

    kind: str
    path: Path
    one: Callable[[str], tuple[Any, ...] | None]
    digests: Callable[[], Iterator[str]]

    @property
    def member(self) -> str:
        """How the file is called in a backup."""
        return DATABASES[self.kind]


@contextmanager
def picture(url: str, folder: Path) -> Iterator[Picture]:
    """Take a picture of the database at ``url`` into ``folder``; it holds for the block.

    Raises Refused where PostgreSQL's own programs are missing or fail.
    """
    taken = _of_sqlite if url.startswith("sqlite") else _of_postgresql
    yield from taken(url, folder)


# A file that the law has taken is named in an entry of its ticket. That its name is gone says
# nothing: a name may be erased alone.
DIGESTS = ("SELECT a.digest, t.number FROM attachment a JOIN ticket t ON t.id = a.ticket_id "
           "ORDER BY a.digest")
ERASURES = f"SELECT chain, body FROM ledger_entry WHERE kind = '{ERASED}'"


def _digests(named: Iterable[Row], erasures: Iterable[Row]) -> Iterator[str]:
    """The attachments that some ticket still has, each once, in their order."""
    erased = {(chain, digest) for chain, body in erasures
              for digest in json.loads(bytes(body))["content"].get("files", ())}
    last = ""
    for digest, number in named:
        if digest != last and (f"ticket:{number}", digest) not in erased:
            last = digest
            yield digest


def _of_sqlite(url: str, folder: Path) -> Iterator[Picture]:
    path = folder / DATABASES["sqlite"]
    original = Path(url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(f"{original.absolute().as_uri()}?mode=rw", uri=True,
                                 isolation_level=None, timeout=60)) as source:
        # Unlike a copy of the pages it leaves behind what was deleted and not yet overwritten.
        source.execute("VACUUM INTO ?", (str(path),))
    path.chmod(0o600)
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:

        def one(query: str) -> tuple[Any, ...] | None:
            row: tuple[Any, ...] | None = copy.execute(query).fetchone()
            return row

        yield Picture("sqlite", path, one, lambda: _digests(
            copy.execute(DIGESTS), copy.execute(ERASURES)))


def _of_postgresql(url: str, folder: Path) -> Iterator[Picture]:
    path = folder / DATABASES["postgresql"]
    with connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        exported = connection.execute("SELECT pg_export_snapshot(), current_schema()").fetchone()
        assert exported is not None
        path.touch(0o600)
        run(url, program("pg_dump", server_major(connection)), "--format=custom", "--no-owner",
            "--no-privileges", f"--schema={exported[1]}", f"--snapshot={exported[0]}",
            f"--file={path}")

        def digests() -> Iterator[str]:
            with connection.cursor("digests") as rows:
                rows.itersize = AT_A_TIME
                yield from _digests(rows.execute(DIGESTS), connection.execute(ERASURES))

        yield Picture("postgresql", path, lambda query: connection.execute(query).fetchone(),
                      digests)
