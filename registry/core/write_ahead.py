"""SQLite's write-ahead log stays where it is while the pages are served.

We open a connection for each piece of work and close it again (core/db.py says why). Who closes the
last connection to a file folds the log into it and deletes the log: two more waits for the disk,
and on a quiet registry everybody is the last. So the first web process holds the two locks by which
a connection says that it is there, and holds nothing else: no connection, whose knowledge of the
disk would outlive the disk's state, and no file open for writing, which would keep the disk from
being made read-only. The log is folded every thousand pages by whoever writes then, as always.

The bytes are those of https://www.sqlite.org/fileformat2.html#wal_locks and os_unix.c: the shared
range of the file, and the "dead man's switch" of the log's index.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import Engine

SHARED_FIRST, SHARED_SIZE = 0x40000000 + 2, 510
SWITCH = 128
# Locks of the open file and not of the process: closing another file of the same name, as SQLite
# does all the time, does not lose them.
OWN_LOCK: int = getattr(fcntl, "F_OFD_SETLK", 0)


@contextmanager
def log_kept(engine: Engine) -> Iterator[None]:
    """Keep the log of the engine's database while the block runs; it is folded at the end.

    Does nothing on PostgreSQL, in memory, or where the system or the disk gives no such locks: all
    works without, only slower. Processes forked in the block keep the log too, until they end.
    """
    path = Path(engine.url.database or "")
    if not OWN_LOCK or engine.dialect.name != "sqlite" or not path.is_file():
        yield
        return
    held, holder = _hold(path), os.getpid()
    try:
        yield
    finally:
        if os.getpid() == holder:
            _let_go(held, path)


def _hold(path: Path) -> list[int]:
    """Take both locks while a connection is open: log and index are there then, and valid. The
    index comes first: where there is none the file has no such log, and the other lock would keep
    everybody from writing."""
    held: list[int] = []
    with suppress(OSError, sqlite3.Error), closing(_look_at(path)):
        for each, first, size in ((path.with_name(f"{path.name}-shm"), SWITCH, 1),
                                  (path, SHARED_FIRST, SHARED_SIZE)):
            held.append(os.open(each, os.O_RDONLY | os.O_CLOEXEC))
            fcntl.fcntl(held[-1], OWN_LOCK,
                        struct.pack("hhqqi", fcntl.F_RDLCK, os.SEEK_SET, first, size, 0))
    return held


def _let_go(held: list[int], path: Path) -> None:
    """A stopped registry is one whole file again. On a sick disk the next start folds."""
    for each in held:
        os.close(each)
    with suppress(sqlite3.Error):
        _look_at(path).close()


def _look_at(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=15)
    connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    return connection
