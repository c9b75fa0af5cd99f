"""A PostgreSQL of our own for one run of the tests: on a socket in a temporary folder.

Runs as an unprivileged user also when the tests are run by root (PostgreSQL refuses root), never
listens on the network, is not made durable, and ends with the process that started it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200",
        "listen_addresses=", "shared_buffers=64MB", "autovacuum=off")


class Cluster:
    """One server; ``start`` before all else, ``stop`` takes everything away."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="countersign-pg-", dir="/tmp"))
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the data folder, start, wait. RuntimeError with the log where it does not."""
        owner = unprivileged_user()
        if owner:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        run_as = switch_to(owner)
        subprocess.run(
            [*run_as, self.programs / "initdb", "--pgdata", self.folder / "data", "--no-sync",
             "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
            cwd=self.folder, check=True, capture_output=True)
        switches = [part for option in FAST for part in ("-c", option)]
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [*run_as, self.programs / "postgres", "-D", self.folder / "data",
                 "-k", self.folder, *switches],
                cwd=self.folder, stdout=log, stderr=log)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError), connect(self.folder):
                return
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not start: " + (self.folder / "log").read_text())

    def stop(self) -> None:
        """End the server at once and remove its folder."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)


def connect(folder: Path) -> psycopg.Connection[tuple[object, ...]]:
    """A connection that commits each statement, to the maintenance database."""
    return psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True)


def url_of(folder: Path, name: str) -> str:
    """How SQLAlchemy finds the database ``name``."""
    return f"postgresql+psycopg://postgres@/{name}?host={folder}"


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


def unprivileged_user() -> pwd.struct_passwd | None:
    """Who runs the server where we are root; None where we are not."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL refuses root, and there is no user postgres or nobody here")


def switch_to(owner: pwd.struct_passwd | None) -> list[str]:
    """The beginning of a command line that becomes ``owner`` and dies with its parent."""
    rights = [] if owner is None else [
        f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    return ["setpriv", *rights, "--pdeathsig=INT", "--"]
