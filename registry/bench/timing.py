"""How long something takes: median, 95th percentile, and how many queries it asks.

Wall clock and processor time are both kept: on a machine that others use as well only the second
compares with another day.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

NOT_QUERIES = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA")
WARM = 3


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one thing, over ``times`` runs after warming; ``cpu`` is of this process."""

    median: float
    p95: float
    cpu: float
    queries: int
    times: int


def timed(act: Callable[[], Any], times: int) -> Timing:
    """Run ``act`` so often after warming, and once more to count its queries."""
    for _ in range(min(WARM, times)):
        act()
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        cpus.append((time.process_time() - cpu) * 1000)
        walls.append((time.perf_counter() - wall) * 1000)
    return Timing(statistics.median(walls), percentile(walls, 0.95), statistics.median(cpus),
                  queries_of(act), times)


def once(act: Callable[[], Any]) -> Timing:
    """Run ``act`` one time, unwarmed: for what takes minutes."""
    wall, cpu = time.perf_counter(), time.process_time()
    count = queries_of(act)
    spent = (time.perf_counter() - wall) * 1000
    return Timing(spent, spent, (time.process_time() - cpu) * 1000, count, 1)


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of the values lie (the nearest of them)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def queries_of(act: Callable[[], Any]) -> int:
    """How many statements ``act`` sends to any database, but for the marks of transactions."""
    count = 0

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal count
        count += not statement.lstrip().upper().startswith(NOT_QUERIES)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return count
