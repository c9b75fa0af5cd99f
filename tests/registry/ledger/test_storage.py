"""A byte changed in the file of an embedded registry, past all triggers and indexes, is found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from registry import create_app
from registry.core.db import atomic, db
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.findings import Verdict
from registry.ledger.keys import signer_of, verifier_of
from registry.ledger.stored import snapshot
from registry.ledger.verify import verify
from tests.factories import NOW, House, a_ticket
from tests.ground.databases import migrate, settings_for


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the registry."""
    return tmp_path / "registry.sqlite3"


@pytest.fixture
def embedded(path: Path, tmp_path: Path) -> Iterator[Flask]:
    """An embedded registry whose whole content is in the one file."""
    url = f"sqlite:///{path}"
    migrate(url, tmp_path)
    app = create_app(settings_for(url, tmp_path))
    with app.app_context():
        with atomic():
            a_ticket(House(), "returned")
            make_checkpoint(now=NOW, signer=signer_of(app.config["SETTINGS"]))
        db.session.remove()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    yield app
    with app.app_context():
        db.engine.dispose()


def verdict_on(app: Flask) -> Verdict:
    """What ``countersign verify`` would find."""
    with app.app_context():
        db.engine.dispose()  # a connection that is kept knows the pages that it has read
        with snapshot():
            return verify(verifier=verifier_of(app.config["SETTINGS"]))


def test_each_of_these_bytes_is_missed(embedded: Flask, path: Path) -> None:
    assert verdict_on(embedded).is_sound
    whole = path.read_bytes()
    # Texts that only the ledger's tables and their indexes hold.
    for known in (b"lifecycle:bank_complaint", b'"kind":"logged"', b"handoff_signed",
                  b"/countersign\n", b"lifecycle_published"):
        places = [at for at in range(len(whole)) if whole.startswith(known, at)]
        assert places, f"{known!r} is not in the file"
        for at in places:
            middle = at + len(known) // 2
            path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:])
            assert not verdict_on(embedded).is_sound, f"{known!r} at {at}"
    path.write_bytes(whole)
    assert verdict_on(embedded).is_sound


def test_a_file_that_cannot_be_read_to_its_end_is_a_finding(embedded: Flask, path: Path) -> None:
    whole = path.read_bytes()
    at = whole.index(b'"kind":"logged"') // 4096 * 4096
    path.write_bytes(whole[:at] + bytes(4096) + whole[at + 4096:])

    assert "storage" in {each.code for each in verdict_on(embedded).findings}
