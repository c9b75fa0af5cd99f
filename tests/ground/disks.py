"""Small real disks that can be filled up and made read-only: tmpfs, mounted by root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

MEGABYTES = 24
BLOCK = 64 * 1024


class Disk:
    """A disk of its own under ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave not one byte."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (BLOCK, 4096, 1):
                with suppress(OSError):
                    while True:
                        file.write(b"\0" * size)

    def empty(self) -> None:
        """Take away what fills it."""
        self._filler.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Nobody can write while the block runs."""
        _mount("remount,ro", self.folder)
        try:
            yield
        finally:
            _mount("remount,rw", self.folder)


@contextmanager
def a_disk(folder: Path) -> Iterator[Disk]:
    """A small empty disk at ``folder``; gone at the end."""
    folder.mkdir()
    _mount(f"size={MEGABYTES}m", folder)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@cache
def why_no_disks() -> str:
    """Why no disk can be mounted here; empty where it can."""
    if os.geteuid() != 0:
        return "tests of full and read-only disks: only root may mount; run them as root"
    probe = Path(f"/tmp/countersign-disk-{os.getpid()}")
    try:
        with a_disk(probe):
            return ""
    except (OSError, subprocess.CalledProcessError):
        return "tests of full and read-only disks: this machine lets root mount nothing"
    finally:
        with suppress(OSError):
            probe.rmdir()


def _mount(options: str, folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "countersign", folder], check=True,
                   capture_output=True)
