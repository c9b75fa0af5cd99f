"""The lived registry served to a browser, one for each test and language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ground.databases import sqlite_database
from tests.ground.run import GROUND
from tests.lived.registry import Lived, lived_registry


@pytest.fixture
def lived(
    request: pytest.FixtureRequest, worker_id: str, tmp_path: Path
) -> Callable[[str], Lived]:
    """The lived registry in a language; on SQLite, as the pages are the same on both."""
    ground = request.config.stash[GROUND]
    return lambda language: lived_registry(
        language, sqlite_database(ground, worker_id), ground.folder, tmp_path)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What a test opens and leaves open until its end."""
    with ExitStack() as stack:
        yield stack
