"""``countersign key``: the procedures of docs/keys.md, as the operator runs them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from registry.cli import cli
from registry.config import Settings
from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.ledger import key_commands, rotation
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.entries import record
from registry.ledger.keys import FILE_NAME, signer_of
from registry.ledger.models import LedgerCheckpoint
from registry.ledger.rotation import rotate_key
from tests.factories import House, a_ticket

Run = Callable[..., Result]


@pytest.fixture
def registry(committed_app: Flask) -> Flask:
    """A registry whose last checkpoint, of an hour ago, lies in a mailbox."""
    with committed_app.app_context(), atomic():
        house = House()
        a_ticket(house, "returned")
        make_checkpoint(now=utc_now() - timedelta(hours=1),
                        signer=signer_of(committed_app.config["SETTINGS"]))
        record(house.lead, "noted", by="system", at=utc_now(), content={"number": 1})
    return committed_app


@pytest.fixture
def run(registry: Flask) -> Run:
    runner = registry.test_cli_runner()
    return lambda *words: runner.invoke(cli, [str(word) for word in words])


@pytest.fixture
def mail(registry: Flask, tmp_path: Path) -> Path:
    """The first checkpoint as a director keeps it."""
    with registry.app_context():
        note = db.session.scalars(select(LedgerCheckpoint.note).order_by(
            LedgerCheckpoint.size)).first()
    kept = tmp_path / "mail.txt"
    kept.write_text(str(note), encoding="utf-8")
    return kept


def settings_of(registry: Flask) -> Settings:
    return registry.config["SETTINGS"]  # type: ignore[no-any-return]


def test_the_key_is_rotated_and_the_old_mail_still_holds(run: Run, mail: Path) -> None:
    before = run("key", "show").output.split()[-1]
    told = run("key", "rotate")
    after = run("key", "show").output

    assert told.exit_code == 0, told.output
    assert "The new key signs from now on:" in told.output
    assert before in after
    assert after.split()[-1] != before
    assert run("checkpoint").exit_code == 0
    for words in ((), ("--against", mail), ("--against", mail, "--key", before)):
        answer = run("verify", *words)
        assert answer.exit_code == 0, answer.output


def test_a_rotation_that_was_broken_off_is_ended(
        run: Run, registry: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine went down after the commit: the file still holds the old key."""
    def down(settings: Settings) -> None:
        raise OSError("power")

    with monkeypatch.context() as broken:
        broken.setattr(rotation, "put_in_place", down)
        assert run("key", "rotate").exit_code == 1
    refused = run("checkpoint")
    assert refused.exit_code == 0 or "countersign key rotate" in refused.output

    told = run("key", "rotate")
    assert told.exit_code == 0
    assert "had been replaced already" in told.output
    assert run("verify").exit_code == 0
    assert run("checkpoint").exit_code == 0


def test_who_replaces_the_key_meanwhile_waits_for_the_first(
        run: Run, registry: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins when the first has laid its key aside and has not committed."""
    outcomes: list[str] = []

    def rotate() -> None:
        with registry.app_context():
            try:
                key_commands._replace(lambda settings, now: rotate_key(settings, now=now))
                outcomes.append("done")
            except Exception as error:
                outcomes.append(repr(error))
            finally:
                db.session.remove()

    second = threading.Thread(target=rotate)

    def meanwhile(*values: Any, **named: Any) -> Any:
        if second.ident is None:
            second.start()
            second.join(0.5)
        return record(*values, **named)

    monkeypatch.setattr(rotation, "record", meanwhile)
    rotate()
    second.join(60)
    assert outcomes == ["done", "done"]
    assert run("checkpoint").exit_code == 0
    assert run("verify").exit_code == 0


def test_a_lost_key_is_replaced_and_said_so(run: Run, registry: Flask, mail: Path) -> None:
    refused = run("key", "lost")
    assert refused.exit_code == 1
    assert "not lost" in refused.output

    key = run("key", "show").output.split()[-1]
    (settings_of(registry).data_dir / FILE_NAME).unlink()
    told = run("key", "lost")
    assert told.exit_code == 0, told.output
    assert run("verify", "--against", mail).exit_code == 0
    answer = run("verify", "--against", mail, "--key", key)
    assert answer.exit_code == 1
    assert "signed for no other" in answer.output


def test_a_stolen_key_is_replaced_and_a_later_mail_confirmed(run: Run, mail: Path) -> None:
    told = run("key", "stolen", "--since", "2026-01-01T08:00", "--mail", mail)
    assert told.exit_code == 0, told.output
    assert run("verify").exit_code == 0
    assert run("verify", "--against", mail).exit_code == 0


def test_a_mail_that_nobody_confirmed_is_refused_after_a_theft(run: Run, mail: Path) -> None:
    told = run("key", "stolen", "--since", "2026-01-01")
    assert told.exit_code == 0, told.output
    answer = run("verify", "--against", mail)
    assert answer.exit_code == 1
    assert "no mail confirmed" in answer.output


@pytest.mark.parametrize("command", [("lost",), ("stolen", "--since", "2026-01-01")])
def test_what_is_no_key_is_refused(run: Run, command: tuple[str, ...]) -> None:
    answer = run("key", *command, "--old", "key")
    assert answer.exit_code == 1
    assert "not a public key" in answer.output
