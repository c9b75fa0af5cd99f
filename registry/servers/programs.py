"""Which server programs this machine has, and as whom they run.

Debian keeps some of them where an ordinary PATH does not lead. What is needed for what, and what to
do where it is missing, is said by whoever needs it; starts nothing.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

from registry.servers.processes import NotUp

PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@cache
def program(name: str) -> str | None:
    """Where the program is, or None."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{PLACES}")


@cache
def postgresql_programs() -> Path | None:
    """The newest folder that holds ``postgres`` and ``initdb``, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    initdb = program("initdb")
    return Path(initdb).resolve().parent if initdb else None


def server_user() -> pwd.struct_passwd:
    """Who runs the servers: ourselves, or where we are root ``postgres`` or ``nobody``, for
    PostgreSQL and PgBouncer refuse root. Raises NotUp where root finds neither."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise NotUp("PostgreSQL refuses root, and there is no user postgres or nobody here")


def give_to_server_user(path: Path) -> None:
    """Let the servers' user own it, and all in it where it is a folder."""
    if os.geteuid() == 0:
        user = server_user()
        for each in (path, *path.rglob("*")):
            os.chown(each, user.pw_uid, user.pw_gid)


def as_server_user(last: str = "TERM") -> list[str]:
    """The beginning of a command line that becomes ``server_user`` and gets the signal ``last``
    when its parent is gone."""
    rights: list[str] = []
    if os.geteuid() == 0:
        user = server_user()
        rights = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [*_setpriv(), *rights, f"--pdeathsig={last}", "--"]


def ending_with_us() -> list[str]:
    """The beginning of a command line that is told to end when its parent is gone."""
    return [*_setpriv(), "--pdeathsig=TERM", "--"]


def _setpriv() -> list[str]:
    return [program("setpriv") or "setpriv"]
