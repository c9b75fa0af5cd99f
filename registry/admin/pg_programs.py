"""The programs of PostgreSQL that dump and restore: where they lie, whether they fit the server.

They are looked for on the PATH and where Debian puts every version. Passwords reach them through
the environment, never through the list of arguments that everybody on the machine can read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from registry.core.errors import Reason, Refused
from registry.core.words import N_

DEBIAN = Path("/usr/lib/postgresql")
LONGEST_ANSWER = 400


def connection_parts(url: str) -> dict[str, str]:
    """What libpq wants to know, from the setting; the password among it."""
    asked = make_url(url)
    parts = {"host": asked.host, "port": asked.port, "user": asked.username,
             "password": asked.password, "dbname": asked.database, **asked.query}
    return {name: str(value) for name, value in parts.items() if value}


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of our own beside the pool; nothing is committed by itself."""
    return psycopg.connect(make_conninfo(**connection_parts(url)))


def server_major(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    """The server's version: 15."""
    return connection.info.server_version // 10000


def program(name: str, server: int) -> str:
    """The path of ``pg_dump`` or ``pg_restore`` for a server of this version: the oldest that is
    not older than it. Raises Refused where there is none."""
    found: dict[int, str] = {}
    for path in (shutil.which(name), *map(str, sorted(DEBIAN.glob(f"*/bin/{name}")))):
        version = _major(path) if path else None
        if path and version is not None:
            found.setdefault(version, path)
    fitting = [version for version in found if version >= server]
    if fitting:
        return found[min(fitting)]
    if found:
        raise Refused(Reason("program_old", N_(
            "The server is PostgreSQL %(server)s, but the newest %(name)s here is of version "
            "%(version)s. Install postgresql-client-%(server)s."),
            {"server": server, "name": name, "version": max(found)}))
    raise Refused(Reason("program_missing", N_(
        "%(name)s is not on this machine. Install postgresql-client-%(server)s."),
        {"server": server, "name": name}))


def run(url: str, path: str, *arguments: str) -> None:
    """Run the program on the database at ``url``. Raises Refused with what it answered."""
    parts = connection_parts(url)
    password = parts.pop("password", "")
    env = os.environ | ({"PGPASSWORD": password} if password else {}) | {"LC_ALL": "C"}
    done = subprocess.run(
        [path, "--no-password", f"--dbname={make_conninfo(**parts)}",
         *arguments], env=env, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise Refused(Reason("program_failed", N_("%(name)s failed: %(answer)s"), {
            "name": Path(path).name, "answer": done.stderr.strip()[:LONGEST_ANSWER]}))


def _major(path: str) -> int | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True,
                              timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(version.group(1)) if version else None
