"""The file of a backup: a compressed tar whose last member, the manifest, tells of all the others.

Written and read as a stream, so it needs no memory whatever its size. Reading trusts nothing: only
plain files of the few names that a backup has, each once; no links, devices, paths or extensions of
the format. What belongs into a backup is decided in backups.py, what becomes of it in restoring.py.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.entries import moment

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
KEYS = ("ledger.key", "secret.key")
ATTACHMENT = re.compile(r"attachments/([0-9a-f]{2})/(\1[0-9a-f]{62})")
LONGEST_MANIFEST = 1 << 20
LONGEST_KEY = 1 << 14
LONGEST_END = 1 << 16
BLOCK = 1 << 20
RECORD = 512
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, tarfile.HeaderError, UnicodeDecodeError)


@dataclass(frozen=True)
class Copied:
    """How many bytes a member has, and their SHA-256."""

    bytes: int
    sha256: str

    @property
    def said(self) -> dict[str, Any]:
        """As the manifest says it."""
        return {"bytes": self.bytes, "sha256": self.sha256}


class _Hashing:
    """A stream that is hashed while it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._hash, self.bytes = stream, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        self._hash.update(block)
        self.bytes += len(block)
        return block

    @property
    def copied(self) -> Copied:
        return Copied(self.bytes, self._hash.hexdigest())


class Writer:
    """Writes members one after the other into ``file``; ``close`` with the manifest ends it."""

    def __init__(self, file: BinaryIO) -> None:
        self._packed = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=5)
        # Without the extensions of PAX: the reader then needs to know none.
        self._tar = tarfile.open(  # noqa: SIM115 - closed with the manifest
            fileobj=self._packed, mode="w|", format=tarfile.GNU_FORMAT)

    def add(self, name: str, stream: BinaryIO, size: int, at: int) -> Copied:
        """Add a member of just ``size`` bytes. Raises OSError where the stream has fewer."""
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, at, 0o600
        read = _Hashing(stream)
        self._tar.addfile(info, cast(IO[bytes], read))
        self._tar.members = []  # type: ignore[attr-defined] # kept by tarfile for ever, and there may be a million
        return read.copied

    def close(self, manifest: dict[str, Any], at: int) -> None:
        """Add the manifest and end the file."""
        said = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mtime, info.mode = len(said), at, 0o600
        self._tar.addfile(info, cast(IO[bytes], _Bytes(said)))
        self._tar.close()
        self._packed.close()


class _Bytes:
    """A stream over bytes, for tarfile."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def read(self, size: int = -1) -> bytes:
        said, self._said = self._said[:size], self._said[size:]
        return said


@dataclass
class Member:
    """One member while its turn lasts: read all of ``blocks`` before the next is asked for."""

    name: str
    size: int
    blocks: Iterator[bytes]


def members(file: BinaryIO) -> Iterator[Member]:
    """The members of a backup in their order; the manifest is the last.

    Raises Refused for a file that is no backup, is damaged, or has been made to do harm.
    """
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as packed:
            yield from _members(cast(BinaryIO, packed))
    except DAMAGED as error:
        raise _damaged() from error


def _members(stream: BinaryIO) -> Iterator[Member]:
    last = ""
    while (record := _exactly(stream, RECORD)) != bytes(RECORD):
        if last == MANIFEST:
            raise _strange(MANIFEST)
        info = tarfile.TarInfo.frombuf(record, "utf-8", "strict")
        _judge(info)
        yield Member(info.name, info.size, _blocks(stream, info.size))
        _exactly(stream, -info.size % RECORD)
        last = info.name
    if last != MANIFEST:
        raise _damaged()
    # To its very end, where the sum of the whole stands; a tar is filled up with a few zeros.
    if any(stream.read(LONGEST_END)) or stream.read(1):
        raise _damaged()


def _judge(info: tarfile.TarInfo) -> None:
    """Refuse whatever a backup of ours never has."""
    if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or info.size < 0:
        raise _strange(info.name)
    longest = {MANIFEST: LONGEST_MANIFEST, **dict.fromkeys(KEYS, LONGEST_KEY)}.get(info.name)
    if longest is not None:
        if info.size > longest:
            raise _strange(info.name)
    elif info.name not in DATABASES.values() and not ATTACHMENT.fullmatch(info.name):
        raise _strange(info.name)


def _blocks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size:
        try:
            block = stream.read(min(size, BLOCK))
        except DAMAGED as error:  # read by whoever has the member, not by ``members``
            raise _damaged() from error
        if not block:
            raise _damaged()
        size -= len(block)
        yield block


def _exactly(stream: BinaryIO, size: int) -> bytes:
    return b"".join(_blocks(stream, size))


def read_manifest(said: bytes) -> dict[str, Any]:
    """The manifest. Raises Refused where it is none of ours."""
    try:
        manifest = json.loads(said.decode("utf-8"))
        if manifest["format"] != FORMAT:
            raise Refused(Reason("backup_format", N_(
                "This backup was made by a newer program (its format is %(format)s). Start the "
                "newest checkout, then restore."), {"format": plain(manifest["format"])[:20]}))
        moment(manifest["at"])
        fits = (all(isinstance(manifest[name], str) for name in (
                    "version", "revision", "database", "at", "checkpoint", "public_key"))
                and all(isinstance(manifest[name], int) for name in ("entries", "tree_size"))
                and manifest["database"] in DATABASES
                and isinstance(manifest["members"], dict)
                and isinstance(manifest["attachments"], dict))
    except (ValueError, LookupError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise _damaged()
    return cast(dict[str, Any], manifest)


def _damaged() -> Refused:
    return Refused(Reason("backup_damaged", N_(
        "This file is no backup of ours, or it is damaged or cut off. Nothing was changed; take "
        "another backup.")))


def plain(name: object) -> str:
    """What a file says, for a terminal: of what somebody made up no sign moves a cursor."""
    return "".join(each if each.isprintable() else "?" for each in str(name)[:80])


def _strange(name: str) -> Refused:
    return Refused(Reason("backup_strange", N_(
        "The backup holds “%(name)s”, which no backup of ours has: somebody has changed it. "
        "Nothing was restored."), {"name": plain(name)}))
