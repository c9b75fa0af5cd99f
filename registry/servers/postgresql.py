"""A PostgreSQL of our own: on a socket in a folder, never on the network, ended with its starter.

Runs as an unprivileged user also where root starts it (PostgreSQL refuses root). Whether it is
durable is said by its switches; which databases it holds is its starter's business.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psycopg

from registry.servers.processes import NotUp, Process, wait_for
from registry.servers.programs import as_server_user, give_to_server_user, postgresql_programs

PATIENCE = 60.0


class PostgreSQL:
    """One server over ``data``, answering in ``sockets``, which is there already. A switch is
    ``name=value`` of its configuration."""

    def __init__(self, data: Path, sockets: Path, switches: Sequence[str]) -> None:
        self.data, self.sockets = data, sockets
        self.switches = ("listen_addresses=", *switches)
        self._process: Process | None = None

    def start(self) -> None:
        """Make the data where there is none yet, start, wait until it answers. Raises NotUp with
        the reason where it does not."""
        give_to_server_user(self.sockets)
        if not (self.data / "PG_VERSION").exists():
            self._make_data()
        self.launch()

    def _make_data(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        give_to_server_user(self.data)
        synced = ["--no-sync"] if "fsync=off" in self.switches else []
        made = subprocess.run(
            [*as_server_user(), _program("initdb"), "--pgdata", self.data, *synced,
             "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
            cwd=self.sockets, check=False, capture_output=True, text=True)
        if made.returncode:
            raise NotUp(f"PostgreSQL made no data folder: {made.stderr.strip()}")

    def launch(self) -> None:
        """Start over the data that is there, and wait until it answers. Raises NotUp."""
        switches = [part for each in self.switches for part in ("-c", each)]
        self._process = Process("postgresql", [
            *as_server_user("INT"), str(_program("postgres")), "-D", str(self.data),
            "-k", str(self.sockets), *switches], self.sockets)
        wait_for("PostgreSQL", self._answers, PATIENCE, [self._process])

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), connect(self.sockets):
            return True
        return False

    def halt(self) -> None:
        """End it at once, whoever is connected; ``launch`` starts it again."""
        if self._process is not None:
            self._process.end(signal.SIGINT, PATIENCE)


def connect(sockets: Path) -> psycopg.Connection[tuple[object, ...]]:
    """A connection that commits each statement, to the maintenance database."""
    return psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", autocommit=True)


def url_of(sockets: Path, name: str) -> str:
    """How SQLAlchemy finds the database ``name``."""
    return f"postgresql+psycopg://postgres@/{name}?host={sockets}"


def _program(name: str) -> Path:
    folder = postgresql_programs()
    if folder is None:
        raise NotUp("no PostgreSQL here; as root: apt-get install postgresql")
    return folder / name
