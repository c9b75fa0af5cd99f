"""How much longer a large registry takes than a small one, measured in turns.

What an hour lies between cannot be compared on a machine that others use as well. So two processes,
each with its registry, do the same thing by turns: what disturbs the one disturbs the other. And
processor time is kept beside the clock's, that of PostgreSQL's backends with it: a process that
waits for its turn has not become slower.
``python -m registry.bench.turns`` is such a process; it is told what to do line by line.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from registry import create_app
from registry.bench.subjects import doings
from registry.core.db import db
from registry.core.write_ahead import log_kept
from registry.running import prepare

WARM = 2
Spent = tuple[float, float]


class Worker:
    """A process that does things in one registry when it is told to."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "registry.bench.turns"], env=dict(environment),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()

    def do(self, name: str) -> Spent:
        """Do it once; milliseconds by the clock and of the processor. RuntimeError where the
        process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name}: the process ended")
        wall, cpu = json.loads(line)
        return wall, cpu


def in_turns(environments: Sequence[Mapping[str, str]],
             times: Mapping[str, int]) -> dict[str, list[dict[str, float]]]:
    """Do each thing so often in each registry, by turns; the medians by name, as the registries
    stand."""
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(each)) for each in environments]
        return {name: _medians(workers, name, count) for name, count in times.items()}


def _medians(workers: Sequence[Worker], name: str, count: int) -> list[dict[str, float]]:
    rounds = [[worker.do(name) for worker in workers] for _ in range(WARM + count)][WARM:]
    return [{"median": median(wall for wall, _ in of_one), "cpu": median(cpu for _, cpu in of_one)}
            for of_one in zip(*rounds, strict=True)]


class Processor:
    """The processor time of this process and of the backends that it talks to."""

    def __init__(self) -> None:
        self._backends: set[int] = set()
        event.listen(Engine, "connect", self._note)

    def spent(self) -> float:
        """Seconds since the beginning."""
        return time.process_time() + sum(map(_seconds_of, self._backends))

    def _note(self, connection: Any, _record: Any) -> None:
        if hasattr(connection, "info"):  # psycopg's; SQLite works in this process
            self._backends.add(connection.info.backend_pid)


def _seconds_of(backend: int) -> float:
    """What Linux has counted for a process, to the nanosecond; 0 for one that is no more."""
    try:
        return int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def work() -> None:
    """Do what is asked until nothing more comes."""
    processor = Processor()
    app = create_app()
    prepare(app)
    with app.app_context(), log_kept(db.engine):
        acts = doings(app)
        for line in sys.stdin:
            wall, cpu = time.perf_counter(), processor.spent()
            acts[line.rstrip("\n")]()
            spent = (time.perf_counter() - wall) * 1000, (processor.spent() - cpu) * 1000
            sys.stdout.write(json.dumps(spent) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    work()
