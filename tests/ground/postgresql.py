"""The PostgreSQL of one run of the tests: fast instead of durable, in a temporary folder.

How a server is started and ended is the business of registry/servers; here is how it is set, and
how its databases are made and dropped.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from psycopg import sql

from registry.servers.postgresql import PostgreSQL, connect

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200",
        "shared_buffers=64MB", "autovacuum=off")


class Cluster(PostgreSQL):
    """One server in a folder of its own; ``start`` before all else, ``stop`` takes everything
    away."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="countersign-pg-", dir="/tmp"))
        super().__init__(self.folder / "data", self.folder, FAST)

    def stop(self) -> None:
        """End the server at once and remove its folder."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)


def create_database(folder: Path, name: str, template: str = "template0") -> None:
    """Make ``name`` as a copy of ``template``."""
    with connect(folder) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)))


def drop_database(folder: Path, name: str) -> None:
    """Remove ``name``, whoever is still connected to it."""
    with connect(folder) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
            sql.Identifier(name)))
