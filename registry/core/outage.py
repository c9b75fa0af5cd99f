"""What fails outside of the program, and what people are told of it: the database is away or busy,
the disk is full or only read.

Such a fault is no fault of ours and none of the act's: the edge answers 503 with one sentence, the
worker waits. What is not known here is a fault of the program (500).
"""

from __future__ import annotations

import errno

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from registry.core.errors import OutOfService, Reason
from registry.core.words import N_

AWAY = Reason("database_away", N_(
    "The registry is busy or its database is away. Nothing was lost; try again in a minute."))
DISK = Reason("disk_full", N_(
    "The disk of the registry is full or cannot be written to. Nothing of this was kept, and "
    "nothing kept before is lost. Tell the administrator, and do it again when the disk is well."))

OF_DISKS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
# How SQLite says it; it has no codes of its own in what it raises through SQLAlchemy.
SQLITE_DISK = ("database or disk is full", "disk i/o error", "readonly database",
               "unable to open database file")
POSTGRESQL_DISK_FULL, POSTGRESQL_READ_ONLY = "53100", "25006"


def outage(error: BaseException | None) -> OutOfService | None:
    """What to tell of the error; None where it is a fault of the program."""
    if isinstance(error, OutOfService):
        return error
    if isinstance(error, OSError):
        return OutOfService(DISK) if error.errno in OF_DISKS else None
    if isinstance(error, NoConnection):
        return OutOfService(AWAY)
    if isinstance(error, DBAPIError):
        return _of_database(error)
    return None


def _of_database(error: DBAPIError) -> OutOfService | None:
    said, code = str(error.orig).lower(), getattr(error.orig, "sqlstate", None)
    if code == POSTGRESQL_DISK_FULL or (code is None and any(
            each in said for each in SQLITE_DISK)):
        return OutOfService(DISK)
    # A server that became the standby takes no writing: the balancer finds the other one soon.
    if (code == POSTGRESQL_READ_ONLY or isinstance(error, OperationalError)
            or error.connection_invalidated):
        return OutOfService(AWAY)
    return None
