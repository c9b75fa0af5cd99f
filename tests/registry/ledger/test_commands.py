"""``verify`` and ``checkpoint`` say in sentences what is so, and end with 1 where it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from registry.cli import cli
from registry.core.db import atomic, db
from registry.ledger.entries import record
from registry.ledger.owners import owners
from registry.ledger.spoken import KINDS
from registry.ledger.triggers import create_triggers, drop_triggers
from registry.ledger.verify import OURS
from registry.people.models import Person
from tests.factories import NOW, House, a_ticket

Run = Callable[..., Result]


@pytest.fixture
def registry(committed_app: Flask) -> Flask:
    """A registry with two tickets that nobody has signed a checkpoint over."""
    with committed_app.app_context(), atomic():
        house = House()
        a_ticket(house, "returned")
        a_ticket(house)
    return committed_app


@pytest.fixture
def run(registry: Flask) -> Run:
    """Run a command of the installation."""
    runner = registry.test_cli_runner()
    return lambda *words: runner.invoke(cli, list(words))


def spoil(registry: Flask, statement: str) -> None:
    """Change the ledger past its triggers."""
    with registry.app_context(), atomic():
        connection = db.session.connection()
        drop_triggers(connection)
        db.session.execute(text(statement))
        create_triggers(connection)


def test_a_sound_ledger_is_said_to_verify(run: Run) -> None:
    signed, again, answer = run("checkpoint"), run("checkpoint"), run("verify")

    assert signed.output == "Signed: 14 entries.\n"
    assert again.output == "No entry waited; the last checkpoint stands.\n"
    assert answer.exit_code == 0, answer.output
    assert answer.output == ("Entries 14, chains 4, signatures 7, checkpoints 1: everything "
                             "verifies.\n")


def test_a_changed_entry_is_named_by_ticket_and_number(registry: Flask, run: Run) -> None:
    spoil(registry, "UPDATE ledger_entry SET kind = 'denied' WHERE chain = 'ticket:1' AND seq = 3")

    for answer in (run("verify"), run("verify", "--chain", "ticket:1")):
        assert answer.exit_code == 1
        assert "Ticket 1, entry 3: The column kind says something else than the entry." in (
            answer.output)
        assert "NOT everything verifies, findings: 1." in answer.output
    assert run("verify", "--chain", "ticket:2").exit_code == 0


def test_a_kept_checkpoint_is_compared(registry: Flask, run: Run, tmp_path: Path) -> None:
    run("checkpoint")
    shown = run("checkpoint", "--show").output
    note, _, key = shown.partition("\nPublic key: ")
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(note, encoding="utf-8")

    answer = run("verify", "--against", str(kept), "--key", key.strip())
    assert answer.exit_code == 0, answer.output
    assert "still holds, unchanged, all that your checkpoint covers: the first 14 entries." in (
        answer.output)

    spoil(registry, f"UPDATE ledger_leaf SET {_other_place(registry)} WHERE \"index\" = 0")
    answer = run("verify", "--against", str(kept))
    assert answer.exit_code == 1
    assert "The first 14 entries are no longer those that the note covers" in answer.output
    assert "still holds" not in answer.output


def _other_place(registry: Flask) -> str:
    """Set a leaf to an entry that has no place: one that was appended after the checkpoint."""
    with registry.app_context(), atomic():
        person = db.session.scalars(select(Person).limit(1)).one()
        entry = record(person, "noted", by="system", at=NOW, content={})
        return f"chain = '{entry.chain}', seq = {entry.seq}"


@pytest.mark.parametrize(("words", "sentence"), [
    (("--chain", "ticket:77"), "There is no chain ticket:77."),
    (("--key", "nonsense"), "This is not a public key"),
    (("--against", __file__), "neither a checkpoint nor a mail"),
    (("--against", __file__, "--chain", "ticket:1"), "give either --against or --chain"),
    (("--attachments", "--chain", "ticket:1"), "give either --attachments or --chain"),
])
def test_what_cannot_be_looked_at_is_refused_in_a_sentence(
    run: Run, words: tuple[str, ...], sentence: str
) -> None:
    answer = run("verify", *words)

    assert answer.exit_code == 1
    assert sentence in answer.output


@pytest.mark.parametrize("name", ["abc", "", "9" * 30, "-1"])
def test_a_chain_that_no_row_can_have_is_not_there(run: Run, name: str) -> None:
    for kind in owners():
        answer = run("verify", "--chain", f"{kind}:{name}")
        assert (answer.exit_code, f"There is no chain {kind}:{name}." in answer.output) == (1, True)


def test_every_kind_of_chain_has_a_name_for_people() -> None:
    assert KINDS.keys() == owners().keys() | OURS.keys()


def test_without_the_key_it_is_said_that_signatures_cannot_be_checked(
    registry: Flask, run: Run
) -> None:
    run("checkpoint")
    (registry.config["SETTINGS"].data_dir / "ledger.key").unlink()

    answer = run("verify")

    assert answer.exit_code == 1
    assert "Checkpoint of 14 entries: The registry's key is missing" in answer.output


def test_there_is_a_key_to_show_before_the_first_checkpoint(run: Run) -> None:
    answer = run("checkpoint", "--show")

    assert answer.exit_code == 0
    assert answer.output.startswith("There is no checkpoint yet.\nPublic key: ")
