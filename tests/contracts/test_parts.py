"""Which parts of the suite ran: on CI all of them, elsewhere what is missing has been said."""

import os
from pathlib import Path

import pytest

from registry.servers.programs import postgresql_programs
from tests.ground.parts import chromium, is_ci, missing_parts, parts


def test_on_ci_no_part_is_missing():
    assert not is_ci(os.environ) or missing_parts() == {}


@pytest.mark.parametrize(("value", "strict"), [("true", True), ("1", True), ("", False),
                                                ("false", False)])
def test_ci_is_what_the_environment_says(value: str, strict: bool):
    assert is_ci({"CI": value}) is strict


def test_a_missing_program_is_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    chromium.cache_clear()
    try:
        assert "apt-get install chromium" in missing_parts()["browser"]
    finally:
        monkeypatch.undo()
        chromium.cache_clear()


def test_each_part_is_known_by_one_name():
    names = [part.name for part in parts()]
    assert len(names) == len(set(names))
    assert postgresql_programs() is None or "postgresql" not in missing_parts()
