"""Running imports as people do, on a registry that really commits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from registry.cli import cli
from registry.core.db import atomic
from registry.tickets.lifecycles import ensure_lifecycles
from tests.factories import NOW
from tests.ground.parts import ROOT

DATA = ROOT / "tests" / "data"
Run = Callable[..., Result]


@pytest.fixture
def cut() -> Path:
    """Sixty cases of the real log."""
    return DATA / "incident_cut.csv"


@pytest.fixture
def repairs() -> Path:
    """A small log in XES."""
    return DATA / "repairs.xes"


@pytest.fixture
def registry(committed_app: Flask) -> Flask:
    """An empty registry that knows its lifecycles."""
    with committed_app.app_context(), atomic():
        ensure_lifecycles(now=NOW)
    return committed_app


@pytest.fixture
def bring_in(registry: Flask) -> Run:
    """``countersign import events FILE --mapping MAP …``."""
    runner = registry.test_cli_runner()

    def run(file: Path, mapping: str | Path = "incident_log", *options: str) -> Result:
        return runner.invoke(cli, ["import", "events", str(file), "--mapping", str(mapping),
                                   *options])

    return run
