"""All registries in turn, each in a process of its own, and the facts of the machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from timeit import repeat
from typing import Any

from registry.bench.postgresql import server
from registry.bench.subjects import SUBJECTS
from registry.bench.turns import in_turns

LIBRARIES = ("flask", "sqlalchemy", "jinja2", "werkzeug", "gunicorn", "psycopg")
LONGEST = 6 * 3600
SLOW = ("daily report", "handoff with argon2")
TURNS, TURNS_OF_SLOW = 41, 15


def benchmark(sizes: Sequence[int], kinds: Sequence[str], folder: Path, *,
              skipped: Sequence[str] = (), quick: bool) -> dict[str, Any]:
    """Measure every size on every database, then the growth from the first size to the last;
    registries that stand in ``folder`` are used again."""
    machine = facts()
    runs = [{"database": kind, **_measured(kind, size, folder, skipped, quick)}
            for kind in kinds for size in sizes]
    ends = (sizes[0], sizes[-1])
    growth = [{"database": kind, "sizes": ends, "subjects": grown(kind, ends, folder, skipped)}
              for kind in kinds if len(sizes) > 1]
    return {"machine": machine, "runs": runs, "growth": growth}


def grown(kind: str, sizes: Sequence[int], folder: Path,
          skipped: Sequence[str]) -> dict[str, list[dict[str, float]]]:
    """What is to take the same at each of the sizes, measured in turns: the medians by name.
    The registries must stand."""
    times = {each.name: TURNS_OF_SLOW if each.name in SLOW else TURNS
             for each in SUBJECTS if not each.grows and each.name not in skipped}
    with ExitStack() as stack:
        environments = [stack.enter_context(environment(kind, size, folder)) for size in sizes]
        return in_turns(environments, times)


def facts() -> dict[str, Any]:
    """What the figures depend on."""
    model = next((line.partition(":")[2].strip() for line in
                  Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(), "processor": model, "memory_gib": round(total / 2**30, 1),
        "load": [round(each, 2) for each in os.getloadavg()], "squares": _squares(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES}}


def _squares() -> float:
    """Milliseconds of a loop that is the same everywhere, the best of five: by it the figures of
    two machines, or of one on two days, compare."""
    return min(repeat(lambda: sum(each * each for each in range(1_000_000)),
                      number=1, repeat=5)) * 1000


def _measured(kind: str, size: int, folder: Path, skipped: Sequence[str],
              quick: bool) -> dict[str, Any]:
    with environment(kind, size, folder) as found:
        done = subprocess.run(
            [sys.executable, "-m", "registry.bench.run", str(size), "quick" if quick else "whole",
             *skipped],
            env=found, stdout=subprocess.PIPE, text=True, timeout=LONGEST, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


@contextmanager
def environment(kind: str, size: int, folder: Path) -> Iterator[dict[str, str]]:
    """The settings under which a process works in this registry, while its database is up."""
    data = folder / f"{kind}-{size}"
    data.mkdir(parents=True, exist_ok=True)
    with _database(kind, data) as url:
        yield {**os.environ, "COUNTERSIGN_DATA_DIR": str(data), "COUNTERSIGN_DATABASE_URL": url,
               "COUNTERSIGN_SMTP_URL": "", "COUNTERSIGN_DEMO": "0"}


@contextmanager
def _database(kind: str, data: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{data / 'registry.sqlite3'}"
        return
    with server(data / "postgresql") as url:
        yield url
