"""Waiting for other processes: until something holds, until one of them is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120  # seconds, on two cores that others use too


def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until it holds; the test fails where it does not within so many seconds."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def is_there(pid: int) -> bool:
    """Whether the process still runs (one that waits for its parent to notice does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
