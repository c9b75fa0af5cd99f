"""One run of the tests, in however many processes: its shared folder and its PostgreSQL.

The process that runs the workers owns both and takes them away at the end. Where a run is narrowed
(``--database=sqlite`` or ``postgresql``), and what is left out where the machine has no PostgreSQL,
is decided here; databases.py makes the databases.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.core.catalogues import compile_all
from registry.servers.programs import postgresql_programs
from tests.ground import postgresql
from tests.ground.parts import is_ci, missing_parts

KINDS = ("sqlite", "postgresql")


@dataclass
class Ground:
    """What all processes of one test run share: a folder, and the folder of PostgreSQL."""

    folder: Path
    cluster: Path | None = None


GROUND = pytest.StashKey[Ground]()
CLUSTER = pytest.StashKey[postgresql.Cluster]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=(*KINDS, "both"), default="both",
                     help="run tests that need a database on this one only")


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)
    if given is None:
        compile_all()
        config.stash[GROUND] = Ground(Path(tempfile.mkdtemp(prefix="countersign-tests-")))
    else:
        cluster = Path(given["cluster"]) if given["cluster"] else None
        config.stash[GROUND] = Ground(Path(given["ground"]), cluster)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give each worker the shared folders; PostgreSQL belongs to the process that runs them all."""
    config = node.config
    if "postgresql" in kinds_of(config) and postgresql_programs():
        start_cluster(config)
    ground = config.stash[GROUND]
    node.workerinput["ground"] = str(ground.folder)
    node.workerinput["cluster"] = str(ground.cluster or "")


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    if CLUSTER in config.stash:
        config.stash[CLUSTER].stop()
    if GROUND in config.stash:
        shutil.rmtree(config.stash[GROUND].folder, ignore_errors=True)


def start_cluster(config: pytest.Config) -> Path:
    """The folder of the run's PostgreSQL, started at the first call."""
    ground = config.stash[GROUND]
    if ground.cluster is None:
        if postgresql_programs() is None:
            pytest.fail(missing_parts()["postgresql"], pytrace=False)
        config.stash[CLUSTER] = cluster = postgresql.Cluster()
        cluster.start()
        ground.cluster = cluster.folder
    return ground.cluster


def kinds_of(config: pytest.Config) -> list[str]:
    """On which databases tests run: all asked for, less what the machine lacks (never on CI)."""
    asked = config.getoption("--database")
    kinds = [kind for kind in KINDS if asked in (kind, "both")]
    lacking = "postgresql" in missing_parts() and not is_ci() and asked == "both"
    return ["sqlite"] if lacking else kinds


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", kinds_of(metafunc.config), indirect=True, scope="session")
