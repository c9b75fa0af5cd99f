"""Opens a log as it lies there, packed with gzip or not, within bounds; judged by its content.

Nothing is unpacked to the disk and nothing is taken into memory whole. A file that unpacks to more
than anybody's log, or out of all proportion, is refused while it is read.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from registry.core.errors import Reason, Refused
from registry.core.words import N_

GZIP = b"\x1f\x8b"
OTHERS = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z",
          b"\x28\xb5\x2f\xfd": "zstd", b"Rar!": "rar"}
MEGABYTE = 1024 * 1024

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Bounds:
    """The most that is taken: bytes unpacked, how many times the packed size that may be (beyond
    ``free`` bytes), bytes of a line and of a tag, characters of a cell, events of a case."""

    unpacked: int = 4096 * MEGABYTE
    ratio: int = 200
    free: int = 16 * MEGABYTE
    line: int = MEGABYTE
    cell: int = 64 * 1024
    events: int = 10_000


def open_log(file: BinaryIO, bounds: Bounds, progress: Progress) -> io.BufferedReader:
    """The bytes of the log, from its beginning. ``progress`` is told of the bytes of ``file`` that
    were read. Raises Refused, also while it is read, for what is no log or breaks a bound."""
    file.seek(0)
    head = file.read(6)
    file.seek(0)
    other = next((name for mark, name in OTHERS.items() if head.startswith(mark)), None)
    if other is not None:
        raise refused("log_packed", N_("The file is packed with %(name)s. Unpack it, or pack it "
                                       "with gzip."), name=other)
    watched = _Watched(file, progress)
    if head.startswith(GZIP):
        return io.BufferedReader(_Unpacked(watched, bounds))
    return io.BufferedReader(_Bounded(watched, bounds))


def digest_of(file: BinaryIO) -> str:
    """SHA-256 of the file as it lies there, as hex."""
    file.seek(0)
    digest = hashlib.sha256()
    while data := file.read(MEGABYTE):
        digest.update(data)
    return digest.hexdigest()


def refused(code: str, text: str, **params: object) -> Refused:
    """The refusal of a whole log."""
    return Refused(Reason(code, text, params, "file"))


class _Watched(io.RawIOBase):
    """A file whose reading is watched."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file, self._progress, self.count = file, progress, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[:len(data)] = data
        self.count += len(data)
        self._progress(len(data))
        return len(data)


class _Bounded(io.RawIOBase):
    """Counts what comes out of a file that is not packed."""

    def __init__(self, watched: _Watched, bounds: Bounds) -> None:
        self.watched, self.bounds, self.count = watched, bounds, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._next(len(buffer))
        buffer[:len(data)] = data
        self.count += len(data)
        self._judge()
        return len(data)

    def _next(self, size: int) -> bytes:
        return self.watched.read(size) or b""

    def _judge(self) -> None:
        if self.count > self.bounds.unpacked:
            raise refused("log_large", N_("The log is larger than %(limit)d MB. Split it by "
                                          "cases."), limit=self.bounds.unpacked // MEGABYTE)


class _Unpacked(_Bounded):
    """Unpacks gzip, a buffer at a time."""

    def __init__(self, watched: _Watched, bounds: Bounds) -> None:
        super().__init__(watched, bounds)
        self._gzip = gzip.GzipFile(fileobj=io.BufferedReader(watched))

    def _next(self, size: int) -> bytes:
        try:
            return self._gzip.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise refused("gzip_broken", N_("The gzip file is damaged or was cut off. Fetch it "
                                            "again.")) from None

    def _judge(self) -> None:
        super()._judge()
        if self.count > self.bounds.free + self.bounds.ratio * self.watched.count:
            raise refused("gzip_bomb", N_("The gzip file unpacks to more than %(ratio)d times its "
                                          "size: no log does that."), ratio=self.bounds.ratio)
