"""The database itself refuses to change what the ledger has taken in; erasing by law it allows."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from registry.ledger.triggers import create_triggers, drop_triggers, expected_triggers, standing
from tests.registry.ledger.conftest import KeptLedger

TABLES = ("ledger_entry", "ledger_leaf", "ledger_checkpoint", "signature", "sealed_text")
FIRST_COLUMN = {"ledger_entry": "kind", "ledger_leaf": "chain", "ledger_checkpoint": "note",
                "signature": "role", "sealed_text": "words"}


def attempt(kept: KeptLedger, statement: str) -> None:
    """Run the statement as somebody would who has a connection to the database."""
    with kept.session.begin_nested():
        kept.session.execute(text(statement))


def test_every_trigger_stands_after_the_migrations(kept: KeptLedger) -> None:
    connection = kept.session.connection()

    assert standing(connection) == expected_triggers(connection.dialect.name)
    assert set(expected_triggers(connection.dialect.name).values()) == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_changed_or_deleted(kept: KeptLedger, table: str) -> None:
    for statement in (f"UPDATE {table} SET {FIRST_COLUMN[table]} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match=f"rows of {table} are never"):
            attempt(kept, statement)
    assert kept.verify().is_sound


@pytest.mark.parametrize("table", TABLES)
def test_no_table_is_emptied_and_no_row_replaced(kept: KeptLedger, table: str) -> None:
    if kept.session.connection().dialect.name == "postgresql":
        statement, refusal = f"TRUNCATE {table} CASCADE", "are never"
    else:
        statement, refusal = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}", "UNIQUE"
    with pytest.raises(IntegrityError, match=refusal):
        attempt(kept, statement)
    assert kept.verify().is_sound


@pytest.mark.parametrize("changes", [
    "words = NULL, erased_at = '2026-11-24 10:00:00.000000'",
    "words = 'x', salt = NULL, erased_at = '2026-11-24 10:00:00.000000'",
    "words = NULL, salt = NULL",
    "seal = 'seal:x', words = NULL, salt = NULL, erased_at = '2026-11-24 10:00:00.000000'",
    "erased_at = '2026-11-24 10:00:00.000000'",
])
def test_sealed_words_are_erased_whole_or_not_at_all(kept: KeptLedger, changes: str) -> None:
    with pytest.raises(IntegrityError, match="only erased"):
        attempt(kept, f"UPDATE sealed_text SET {changes} WHERE erased_at IS NULL")


def test_what_was_erased_stays_as_it_is(kept: KeptLedger) -> None:
    with pytest.raises(IntegrityError, match="only erased"):
        attempt(kept, "UPDATE sealed_text SET words = 'back again' WHERE erased_at IS NOT NULL")


def test_verify_names_each_trigger_that_is_gone(kept: KeptLedger) -> None:
    connection = kept.session.connection()
    expected = expected_triggers(connection.dialect.name)
    drop_triggers(connection)

    gone = {finding.params["name"] for finding in kept.verify().findings}
    assert gone == set(expected)

    create_triggers(connection)
    assert kept.verify().is_sound


def test_verify_sees_through_a_trigger_that_no_longer_refuses(kept: KeptLedger) -> None:
    connection = kept.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_no_update"))
        connection.execute(text(
            "CREATE OR REPLACE FUNCTION ledger_only_erase() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RETURN NEW; END'"))
        lamed = {"ledger_entry_no_update", "sealed_text_no_update"}
    else:
        connection.execute(text("DROP TRIGGER ledger_entry_no_update"))
        connection.execute(text("CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON "
                                "ledger_entry BEGIN SELECT 1; END"))
        lamed = {"ledger_entry_no_update"}

    assert {finding.params["name"] for finding in kept.verify().findings} == lamed
