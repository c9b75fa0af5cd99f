"""How long requests took, counted by all web processes of this machine together.

Counts lie in memory that the processes share because they are forked from one; each process adds in
a slot of its own, held by a lock that the system takes back when the process dies, so that a killed
one leaves neither a lock behind nor a file to clean up (decision 0090). Shown by admin/metrics.py.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Upper bounds in seconds; whatever took longer than the last is counted beyond it.
BOUNDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
SUM = len(BOUNDS) + 1
CELLS = SUM + 1 + len(CLASSES)
SLOTS = 64
MOST_ROWS = 512
ELSEWHERE = ("none", "other")
Name = tuple[str, str]  # endpoint and method


@dataclass(frozen=True)
class Times:
    """What one endpoint took by one method: how many within each bound, and all together."""

    endpoint: str
    method: str
    counts: tuple[int, ...]
    seconds: float
    classes: dict[str, int]


class RequestTimes:
    """The counts. Made before the processes fork; ``names`` may be given after that, where all
    give the same."""

    def __init__(self) -> None:
        self._handle = _memory()
        weakref.finalize(self, os.close, self._handle)
        size = SLOTS * MOST_ROWS * CELLS * 8
        os.truncate(self._handle, size)
        self._cells = memoryview(mmap.mmap(self._handle, size)).cast("d")
        self._rows: dict[Name, int] = {}
        self._guard = threading.Lock()
        self._process = 0
        self._slot = 0

    def name(self, names: Sequence[Name]) -> None:
        """Say what is counted apart; everything else is counted together."""
        self._rows = {name: row for row, name in enumerate([ELSEWHERE, *names][:MOST_ROWS])}

    @property
    def is_named(self) -> bool:
        """Whether ``name`` was called."""
        return bool(self._rows)

    def observe(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        row = self._rows.get((endpoint, method), 0)
        bound = next((place for place, most in enumerate(BOUNDS) if seconds <= most), SUM - 1)
        with self._guard:
            if self._process != os.getpid():
                self._take_slot()
            start = (self._slot * MOST_ROWS + row) * CELLS
            self._cells[start + bound] += 1
            self._cells[start + SUM] += seconds
            self._cells[start + SUM + min(max(status // 100, 1), 5)] += 1

    def read(self) -> Iterator[Times]:
        """Everything that was counted, of all processes."""
        for (endpoint, method), row in self._rows.items():
            cells = [0.0] * CELLS
            for slot in range(SLOTS):
                start = (slot * MOST_ROWS + row) * CELLS
                for place, value in enumerate(self._cells[start:start + CELLS]):
                    cells[place] += value
            if any(cells):
                yield Times(endpoint, method, tuple(map(int, cells[:SUM])), cells[SUM],
                            dict(zip(CLASSES, map(int, cells[SUM + 1:]), strict=True)))

    def _take_slot(self) -> None:
        """The first slot that no living process holds; its counts go on. More processes than
        slots share the last one, and then a count may now and then be lost."""
        for slot in range(SLOTS):
            try:
                fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
            except OSError:
                continue
            break
        self._slot, self._process = slot, os.getpid()


def _memory() -> int:
    """A file without a name, in memory where the system has such."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("countersign-request-times")
    handle, path = tempfile.mkstemp()
    os.unlink(path)
    return handle
