"""Where a list waits between its report and its confirmation: a file named by its digest.

Only a file that was read and found good is kept, for the one person who brought it, for a day at
most. Whoever reads it back proves that it is the same by its digest.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from registry.core.errors import NotFound
from registry.core.words import N_

KEPT_FOR = timedelta(days=1)
KEY = re.compile(r"[0-9a-f]{64}\.(csv|xlsx)")


def keep(data: bytes, name: str, folder: Path, *, owner: int, now: datetime) -> str:
    """Keep the file; gives the key under which the same person gets it back."""
    sweep(folder, now=now)
    ending = "xlsx" if PurePath(name).suffix.lower() in (".xlsx", ".xlsm") else "csv"
    key = f"{hashlib.sha256(data).hexdigest()}.{ending}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.utime(temporary, (now.timestamp(), now.timestamp()))
        os.replace(temporary, _path(key, folder, owner))
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return key


def kept(key: str, folder: Path, *, owner: int) -> bytes:
    """The file. Raises NotFound where it waits no more, or was changed on the disk."""
    try:
        data = _path(key, folder, owner).read_bytes()
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != key.partition(".")[0]:
        raise NotFound(N_("This file is not kept any more. Choose it again."))
    return data


def forget(key: str, folder: Path, *, owner: int) -> None:
    """Take the file away; no matter if it is gone already."""
    _path(key, folder, owner).unlink(missing_ok=True)


def sweep(folder: Path, *, now: datetime) -> None:
    """Take away files that were never confirmed."""
    if folder.is_dir():
        for path in folder.iterdir():
            if path.stat().st_mtime < (now - KEPT_FOR).timestamp():
                path.unlink(missing_ok=True)


def _path(key: str, folder: Path, owner: int) -> Path:
    if not KEY.fullmatch(key):
        raise NotFound()
    return folder / f"{owner}-{key}"
