"""Taking a backup apart into a folder of its own, and judging all of it before anything changes.

Bounded by the room on the disk and not by what the file says of itself. Every attachment must have
the digest that its name says, every other member the one in the manifest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.admin.archive import (
    ATTACHMENT,
    DATABASES,
    KEYS,
    MANIFEST,
    Member,
    members,
    plain,
    read_manifest,
)
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.words import N_

# Room that must be left on the disk: the machine has other work.
SPARE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Unpacked:
    """A backup in ``folder``: the database, ``attachments/`` and the keys that it holds."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def database(self) -> Path:
        """The database as a file."""
        return self.folder / DATABASES[self.manifest["database"]]

    @property
    def came_keys(self) -> Iterator[Path]:
        """The keys that came with the backup."""
        yield from (path for name in KEYS if (path := self.folder / name).exists())


def unpack(path: Path, folder: Path, *, kind: str, revisions: tuple[str, ...]) -> Unpacked:
    """Take the backup at ``path`` apart into the empty ``folder``.

    ``kind`` is the database of this installation, ``revisions`` those that the program knows.
    Raises Refused for a file that is damaged, changed, too large for the disk or not for here.
    """
    room = _Room(shutil.disk_usage(folder).free - SPARE)
    hashes: dict[str, dict[str, Any]] = {}
    count, names, manifest = 0, hashlib.sha256(), b""
    with path.open("rb") as file:
        for member in members(file):
            if member.name == MANIFEST:
                manifest = b"".join(member.blocks)
                continue
            digest = _keep(member, folder, room)
            attachment = ATTACHMENT.fullmatch(member.name)
            if attachment is None:
                hashes[member.name] = {"bytes": member.size, "sha256": digest}
            elif digest != attachment.group(2):
                raise _unlike(member.name)
            else:
                count += 1
                names.update(digest.encode())
    found = read_manifest(manifest)
    refuse_if(*_faults(found, kind, revisions))
    said = found["attachments"]
    if said.get("count") != count or said.get("sha256") != names.hexdigest():
        raise _unlike("attachments")
    for name in hashes.keys() | found["members"].keys() | {DATABASES[found["database"]]}:
        if hashes.get(name) is None or found["members"].get(name) != hashes[name]:
            raise _unlike(name)
    return Unpacked(folder, found)


class _Room:
    """What may still be written."""

    def __init__(self, free: int) -> None:
        self._free = free

    def take(self, size: int) -> None:
        self._free -= size
        if self._free < 0:
            raise Refused(Reason("no_room", N_(
                "The backup is larger than the room on the disk. Make room, then restore.")))


def _keep(member: Member, folder: Path, room: _Room) -> str:
    """Write the member into the folder and return its digest."""
    path = folder / member.name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise _unlike(member.name) from error
    with os.fdopen(handle, "wb") as file:
        for block in member.blocks:
            room.take(len(block))
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _faults(manifest: dict[str, Any], kind: str, revisions: tuple[str, ...]
            ) -> Iterator[Reason]:
    if manifest["database"] != kind:
        yield Reason("other_database", N_(
            "This is a backup of a registry on %(theirs)s, and this installation runs on "
            "%(ours)s. A backup goes back to the kind of database that it came from."),
            {"theirs": manifest["database"], "ours": kind})
    if manifest["revision"] not in revisions:
        yield Reason("newer_revision", N_(
            "The backup is of revision %(theirs)s, which this program does not know (its own is "
            "%(ours)s). Start the newest checkout, then restore."),
            {"theirs": plain(manifest["revision"])[:20], "ours": revisions[0]})


def _unlike(name: str) -> Refused:
    return Refused(Reason("backup_altered", N_(
        "“%(name)s” in the backup is not what its manifest says: the file is damaged or was "
        "changed. Nothing was restored."), {"name": plain(name)}))
