"""The benchmark's own PostgreSQL: durable as in earnest, kept for the next time.

How a server is started and ended is the business of registry/servers; here is how it is set.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.servers.postgresql import PostgreSQL, connect, url_of

SWITCHES = ("shared_buffers=512MB", "max_wal_size=4GB", "work_mem=16MB",
            "checkpoint_timeout=15min", "random_page_cost=1.1")
DATABASE = "countersign"


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A server over ``folder`` (made where it is not yet); gives the URL of its database. Raises
    NotUp where there is no PostgreSQL, or it does not start."""
    sockets = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
    postgresql = PostgreSQL(folder, sockets, SWITCHES)
    try:
        postgresql.start()
        _ensure_database(sockets)
        yield url_of(sockets, DATABASE)
    finally:
        postgresql.halt()
        shutil.rmtree(sockets, ignore_errors=True)


def _ensure_database(sockets: Path) -> None:
    with connect(sockets) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
