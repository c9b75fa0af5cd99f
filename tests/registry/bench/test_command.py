"""The whole benchmark once, on a tiny registry: that it measures everything, not how fast."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from registry.bench import benchmark as benchmark_module
from registry.bench.subjects import SUBJECTS
from registry.bench.table import lines_of
from registry.bench.timing import percentile, timed
from registry.bench.turns import in_turns
from registry.cli import cli


def test_a_quick_run_measures_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_DATA_DIR", str(tmp_path))
    kept = tmp_path / "figures.json"
    done = CliRunner().invoke(cli, ["bench", "--quick", "--database", "sqlite", "--skip", "verify",
                                    "--json", str(kept)])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(kept.read_text())
    (run,) = found["runs"]
    assert run["server"].keys() == {each.name for each in SUBJECTS} - {"verify"}
    assert all(each["median"] > 0 for each in run["server"].values())
    assert run["served"]["ticket pages, 8 clients"]["count"] > 0
    assert run["served"]["memory"] > 0
    assert run["served"]["weight"]["bytes"] > 1000
    faced = run["served"]["weight with the face"]
    assert sum(".woff2" in part for part in faced["parts"]) == 4
    assert faced["bytes"] > run["served"]["weight"]["bytes"] + 100_000
    assert found["machine"]["cores"] > 0
    for each in SUBJECTS:
        assert each.name in done.output
    with benchmark_module.environment("sqlite", run["size"], tmp_path / "bench") as settings:
        turns = in_turns([settings, settings], {"desk": 2, "checkpoint": 1})
    assert turns.keys() == {"desk", "checkpoint"}
    for one, other in turns.values():
        assert one["cpu"] > 0
        assert other["median"] > 0


def test_the_table_says_what_was_met_missed_and_how_much_it_grew() -> None:
    def a_run(size: int, ms: float) -> dict[str, Any]:
        timing = {"median": ms, "p95": ms, "cpu": ms, "queries": 3, "times": 5}
        load = {"per_second": 1000.0, "median": 1.0, "p95": 2.0, "count": 9}
        names = [f"{what}, {clients} clients" for what in ("ticket pages", "lists")
                 for clients in (1, 8)]
        return {"database": "sqlite", "size": size, "open": 9, "seeded_in": 0,
                "server": {each.name: timing for each in SUBJECTS},
                "served": {**dict.fromkeys(names, load), "memory": 200.0,
                           "weight": {"requests": 4, "bytes": 100},
                           "weight with the face": {"requests": 9, "bytes": 180_000}}}

    grew = {"database": "sqlite", "sizes": [10, 100], "subjects": {
        "ticket page": [{"median": 4.0, "cpu": 4.0}, {"median": 5.0, "cpu": 6.0}]}}

    lines = list(lines_of({"machine": benchmark_module.facts(),
                           "runs": [a_run(10, 4.0), a_run(100, 6.0)],
                           "growth": [grew]}))
    pages = [line for line in lines if line.startswith("ticket page  ")]
    assert pages[0].endswith("met")
    assert pages[-1].split()[-2:] == ["1.50", "MISSED"]
    weights = [line.split()[-1] for line in lines if " cold, " in line or " face, " in line]
    assert weights == ["met", "met", "MISSED", "MISSED"] * 2
    assert any(line.startswith("memory") and line.endswith("MISSED") for line in lines)
    assert not any(line.startswith("verify") and "MISSED" in line for line in lines)


def test_a_timing_has_median_p95_and_queries() -> None:
    runs: list[int] = []
    timing = timed(lambda: runs.append(1), 10)
    assert len(runs) == 14
    assert timing.times == 10
    assert timing.queries == 0
    assert percentile([float(each) for each in range(100)], 0.95) == 95.0
