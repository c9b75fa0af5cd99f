"""The ground of all tests: fixtures by subject in tests/ground, and what could not run, said aloud.

Tests whose part this machine lacks are taken out and the part is named at the end of the run; with
CI=true they stay and fail.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from tests.factories import NOW, House
from tests.ground.parts import SHARED, is_ci, missing_parts

pytest_plugins = (
    "tests.ground.run",
    "tests.ground.databases",
    "tests.ground.requests",
    "tests.ground.mail",
    "tests.ground.screens",
    "tests.ground.passkeys",
)

# One seed for all on CI, so that a red run can be run again; no deadline: two cores are shared.
settings.register_profile("suite", deadline=None, derandomize=is_ci(), database=None,
                          suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# Which fixture needs which part of parts.py.
NEEDS = {"browser": "browser", "violations": "axe", "shared_data": "shared_data", "disk": "disks",
         "own_postgresql": "postgresql", "cluster_test": "cluster",
         "cluster_folder": "cluster"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what cannot run here, except on CI."""
    if is_ci():
        return
    lacking = {fixture for fixture, part in NEEDS.items() if part in missing_parts()}
    out = [item for item in items if lacking.intersection(getattr(item, "fixturenames", ()))]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each part that did not run."""
    missing = missing_parts()
    if missing and not is_ci():
        terminalreporter.section("PARTS THAT DID NOT RUN", red=True, bold=True)
        for lack in missing.values():
            terminalreporter.write_line(f"DID NOT RUN: {lack}", red=True)


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning in Moscow, the same in every test."""
    return NOW


@pytest.fixture
def house(session: Session) -> House:
    """A small company in the test's own transaction."""
    return House()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the real event log; tests that use it stand or fall with it."""
    if not SHARED.is_dir():
        pytest.fail(missing_parts()["shared_data"], pytrace=False)
    return SHARED
