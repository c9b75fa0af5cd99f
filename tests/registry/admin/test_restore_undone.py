"""A restore that is refused or fails takes nothing away, and says the truth about the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from registry.admin import places
from registry.core.db import db
from registry.tickets.models import Ticket
from tests.registry.admin.installations import Installation

SCHEMAS = ("SELECT nspname FROM pg_namespace WHERE nspname IN (current_schema(), :former) "
           "ORDER BY 1")


def test_what_waits_since_a_restore_was_cut_off_is_neither_dropped_nor_taken_back(
    lived: Installation, kept: Path
) -> None:
    """The registry went on for days beside what a killed restore had left; on PostgreSQL alone
    anything is left."""
    with lived.app.app_context():
        if db.session.connection().dialect.name != "postgresql":
            return
        db.session.execute(text(f"CREATE SCHEMA {places.FORMER}"))
        db.session.execute(text(f"CREATE TABLE {places.FORMER}.ticket AS SELECT 'of old' AS was"))
        db.session.commit()
    refused = lived.run("restore", kept, "--over", "--yes")

    assert refused.exit_code == 1
    assert "waits in the schema countersign_before_restore" in refused.output
    assert lived.count(Ticket) == 2
    with lived.app.app_context():
        assert db.session.scalars(text(SCHEMAS), {"former": places.FORMER}).all() == [
            places.FORMER, "public"]
        former = text(f"SELECT was FROM {places.FORMER}.ticket")
        assert db.session.scalars(former).all() == ["of old"]


def test_a_restore_that_fails_at_its_last_step_moves_no_key(
    lived: Installation, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_place: object) -> None:
        raise OSError("the disk is gone")

    assert lived.run("key", "rotate").exit_code == 0
    before = keys_of(lived)
    for place in (places.OnSqlite, places.OnPostgresql):
        monkeypatch.setattr(place, "keep", fails)
    failed = lived.run("restore", kept, "--over", "--yes")

    assert isinstance(failed.exception, OSError)
    assert keys_of(lived) == before
    assert lived.run("verify").exit_code == 0


def keys_of(there: Installation) -> dict[str, bytes]:
    """The keys that lie in its data folder, secret and public."""
    return {path.name: path.read_bytes() for path in there.settings.data_dir.iterdir()
            if ".key" in path.name or path.suffix == ".pub"}


def test_without_its_key_a_restored_registry_makes_no_other_and_is_said_to_wait_for_it(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    assert lived.run("backup", tmp_path / "plain").exit_code == 0
    done = empty.run("restore", tmp_path / "plain")

    assert "No checkpoint is signed until you put it back" in done.output
    assert empty.run("checkpoint").exit_code == 1
    assert not (empty.settings.data_dir / "ledger.key").exists()
    key = (lived.settings.data_dir / "ledger.key").read_bytes()
    (empty.settings.data_dir / "ledger.key").write_bytes(key)
    assert empty.run("checkpoint").exit_code == 0


def test_a_registry_that_never_had_a_key_is_not_said_to_lack_one(
    make_app: object, tmp_path: Path
) -> None:
    first, second = (Installation(make_app()) for _ in range(2))  # type: ignore[operator]
    assert first.run("backup", tmp_path / "bare").exit_code == 0
    done = second.run("restore", tmp_path / "bare", "--over", "--yes")
    assert done.exit_code == 0, done.output
    assert "ledger.key" not in done.output
