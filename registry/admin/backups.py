"""The verb of backups: one file with the database, its attachments and, where asked for, the keys.

Taken while people work. Written under another name and given its own only when it is whole and on
the disk, so there is never half a backup under a name that somebody relies on. How the file is
made up is archive.py's, how the database is caught at one moment snapshots.py's.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from registry.admin.archive import FORMAT, KEYS, Copied, Writer
from registry.admin.snapshots import Picture, picture
from registry.config import Settings
from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.entries import stamp
from registry.ledger.keys import verifier_of
from registry.tickets.attachments import file_of

MARKER = "backup.json"
MOST_NAMED = 20
NUMBERS = {
    "revision": "SELECT version_num FROM alembic_version",
    "entries": "SELECT count(*) FROM ledger_entry",
    "tree_size": "SELECT coalesce(max(size), 0) FROM ledger_checkpoint",
    "checkpoint": "SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1",
}


@dataclass
class Attachments:
    """What was taken of the attachments; ``sha256`` is over their digests in their order."""

    count: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    names: Any = field(default_factory=hashlib.sha256)

    @property
    def said(self) -> dict[str, Any]:
        """As the manifest says it; of those that could not be taken the first are named."""
        return {"count": self.count, "bytes": self.bytes, "sha256": self.names.hexdigest(),
                "missing": len(self.missing), "first_missing": self.missing[:MOST_NAMED]}


@dataclass(frozen=True)
class Backup:
    """A backup that was made."""

    path: Path
    bytes: int
    entries: int
    attachments: Attachments


def make_backup(path: Path, settings: Settings, *, now: datetime, with_keys: bool = False
                ) -> Backup:
    """Write a backup of the installation to ``path``, which must not exist.

    An attachment that is missing on the disk or altered is left out and named; it stops nothing.
    Raises Refused where the file is there or cannot be written.
    """
    try:
        with _whole_file(path) as file, _aside(path) as folder, picture(
                settings.database_url, folder) as taken:
            manifest, attachments = _write(Writer(file), taken, settings, now, with_keys)
    except OSError as error:
        raise Refused(Reason("backup_unwritable", N_(
            "The backup could not be written to %(path)s: %(answer)s. Nothing of it is left "
            "there."), {"path": str(path), "answer": error.strerror or str(error)})) from error
    made = Backup(path, path.stat().st_size, manifest["entries"], attachments)
    _mark(settings.data_dir / MARKER, {"at": stamp(now), "file": str(path.absolute()),
                                       "bytes": made.bytes, "entries": made.entries})
    return made


def _write(writer: Writer, taken: Picture, settings: Settings, now: datetime, with_keys: bool
           ) -> tuple[dict[str, Any], Attachments]:
    at = int(now.timestamp())
    numbers = {name: (taken.one(query) or ("",))[0] for name, query in NUMBERS.items()}
    members = {taken.member: _add(writer, taken.member, taken.path, at)}
    for name in KEYS if with_keys else ():
        key = settings.data_dir / name
        if key.exists():
            members[name] = _add(writer, name, key, at)
    attachments = _add_attachments(writer, taken, settings.attachments_dir, at)
    verifier = verifier_of(settings)
    manifest = {
        "format": FORMAT, "version": version("countersign"), "at": stamp(now),
        "database": taken.kind, **numbers, "public_key": str(verifier) if verifier else "",
        "members": {name: copied.said for name, copied in members.items()},
        "attachments": attachments.said,
    }
    writer.close(manifest, at)
    return manifest, attachments


def _add(writer: Writer, name: str, path: Path, at: int) -> Copied:
    with path.open("rb") as stream:
        return writer.add(name, stream, os.fstat(stream.fileno()).st_size, at)


def _add_attachments(writer: Writer, taken: Picture, folder: Path, at: int) -> Attachments:
    """Add every file that the picture names; one that came later is named by none."""
    found = Attachments()
    for digest in taken.digests():
        try:
            with file_of(folder, digest).open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
                    found.altered.append(digest)
                    continue
                size = stream.tell()
                stream.seek(0)
                writer.add(f"attachments/{digest[:2]}/{digest}", stream, size, at)
        except FileNotFoundError:
            found.missing.append(digest)
            continue
        found.count += 1
        found.bytes += size
        found.names.update(digest.encode())
    return found


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name only where the block ends well and all is on the disk."""
    taken = Refused(Reason("backup_there", N_(
        "%(path)s is there already. A backup overwrites nothing: choose another name."),
        {"path": str(path)}))
    if path.exists():
        raise taken
    part = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused(Reason("backup_running", N_(
                "Another backup is being written to %(path)s."), {"path": str(path)})) from error
        if not _is_still(part, file):  # the other has ended meanwhile: this is its backup
            raise taken
        try:
            file.truncate(0)  # one that was killed may have left its beginning
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.link(part, path)  # unlike renaming it replaces nothing
        except FileExistsError as error:
            raise taken from error
        finally:
            part.unlink(missing_ok=True)
    _settle(path.parent)


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A folder beside the backup for the picture, to be used while the backup's lock is held. Its
    name is always the same, so that the next backup takes away what a killed one left: the whole
    database."""
    folder = path.with_name(f".{path.name}.picture")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_still(path: Path, file: BinaryIO) -> bool:
    """Whether the open file is the one that lies under the name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _settle(folder: Path) -> None:
    """Let the new name itself be on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mark(path: Path, said: dict[str, Any]) -> None:
    """Say when the last backup was made, for ``doctor``."""
    aside = path.with_name(f"{path.name}.new")
    aside.write_text(json.dumps(said), encoding="utf-8")
    aside.replace(path)
