"""A backup taken while people work goes back whole into an empty installation, on both databases,
and is sound there; it is never half under its name, and what is restored repeats nothing."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import flask_migrate
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import NullPool, create_engine, func, select, text

from registry.admin.archive import members
from registry.admin.backups import make_backup
from registry.cli import cli
from registry.clients.models import Contact
from registry.config import Settings
from registry.core.db import atomic, db
from registry.core.errors import Refused
from registry.core.models import Job, Message, MessageState
from registry.core.outbox import queue_job, queue_message
from registry.core.revision import known_revisions
from registry.core.times import utc_now
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import signer_of
from registry.ledger.models import LedgerCheckpoint
from registry.people.models import SignInSession
from registry.tickets.attachments import Upload, attach_file
from registry.tickets.models import Ticket
from tests.factories import NOW, House, a_ticket

PHOTO = b"a note about the cable\n" * 400
DIGEST = hashlib.sha256(PHOTO).hexdigest()


@dataclass
class Installation:
    """An application with data of its own."""

    app: Flask

    @property
    def settings(self) -> Settings:
        return self.app.config["SETTINGS"]

    def run(self, *words: str, **options: str) -> Result:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        return self.app.test_cli_runner().invoke(cli, [str(word) for word in words], **options)

    def count(self, model: type) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def lived(make_app: Callable[..., Flask]) -> Installation:
    """A registry with tickets, a checkpoint, an attachment, a mail and a job that wait."""
    there = Installation(make_app())
    with there.app.app_context():
        with atomic():
            house = House()
            ticket = a_ticket(house, "returned")
            attach_file(ticket, Upload("cable.txt", io.BytesIO(PHOTO)), by=house.visitor, now=NOW,
                        folder=there.settings.attachments_dir, limit=10**6)
        with atomic():
            make_checkpoint(now=NOW, signer=signer_of(there.settings))
        with atomic():
            a_ticket(house)
            queue_message("note", "waits", to="a@example.org", subject="S", text="T", now=NOW)
            queue_job("ticket_timer", "past", due_at=NOW, now=NOW)
            queue_job("ticket_timer", "to come", due_at=utc_now() + timedelta(days=9), now=NOW)
            db.session.add(SignInSession(
                id="s" * 64, person_id=house.visitor.id, created_at=NOW, seen_at=NOW,
                expires_at=NOW + timedelta(days=999)))
    return there


@pytest.fixture
def empty(make_app: Callable[..., Flask]) -> Installation:
    """An installation whose database is prepared and holds nothing."""
    return Installation(make_app())


@pytest.fixture
def kept(lived: Installation, tmp_path: Path) -> Path:
    """A backup of it, with the keys."""
    path = tmp_path / "night.backup"
    done = lived.run("backup", path, "--with-keys")
    assert done.exit_code == 0, done.output
    return path


def test_a_backup_goes_back_whole_and_sound(
    lived: Installation, empty: Installation, kept: Path
) -> None:
    done = empty.run("restore", kept)

    assert done.exit_code == 0, done.output
    assert "everything verifies" in done.output
    assert empty.count(Ticket) == lived.count(Ticket) == 2
    assert (empty.settings.data_dir / "ledger.key").read_bytes() == (
        lived.settings.data_dir / "ledger.key").read_bytes()
    assert not (empty.settings.data_dir / ".restore").exists()
    looked = empty.run("verify", "--attachments")
    assert looked.exit_code == 0, looked.output


def test_a_backup_of_before_a_change_of_keys_goes_back_and_the_history_goes_on(
    lived: Installation, tmp_path: Path
) -> None:
    """Its key is known beside the new; that its secret is gone is said, and mended as a loss."""
    assert lived.run("backup", tmp_path / "before").exit_code == 0
    assert lived.run("key", "rotate").exit_code == 0
    done = lived.run("restore", tmp_path / "before", "--over", "--yes")

    assert done.exit_code == 0, done.output
    assert lived.run("verify").exit_code == 1
    assert "key lost" in lived.run("doctor").output
    assert lived.run("key", "lost").exit_code == 0
    assert lived.run("verify").exit_code == 0
    assert lived.run("checkpoint").exit_code == 0


def test_a_backup_of_after_a_change_of_keys_holds_the_old_ones_too(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    with lived.app.app_context():
        note = db.session.scalar(select(LedgerCheckpoint.note))
    (tmp_path / "mail").write_text(str(note), encoding="utf-8")
    assert lived.run("key", "rotate").exit_code == 0
    assert lived.run("backup", tmp_path / "after", "--with-keys").exit_code == 0
    done = empty.run("restore", tmp_path / "after")

    assert done.exit_code == 0, done.output
    looked = empty.run("verify", "--against", tmp_path / "mail")
    assert looked.exit_code == 0, looked.output
    assert empty.run("key", "rotate").exit_code == 0
    assert empty.run("verify", "--against", tmp_path / "mail").exit_code == 0


def test_the_marker_says_when_it_was_made(lived: Installation, kept: Path) -> None:
    said = json.loads((lived.settings.data_dir / "backup.json").read_text())

    assert said["file"] == str(kept)
    assert said["bytes"] == kept.stat().st_size
    assert said["entries"] > 10
    assert kept.stat().st_mode & 0o077 == 0


def test_keys_stay_outside_unless_they_are_asked_for(lived: Installation, tmp_path: Path) -> None:
    done = lived.run("backup", tmp_path / "plain")
    with (tmp_path / "plain").open("rb") as file:
        names = [member.name for member in members(file) if list(member.blocks)]

    assert "keep a copy of them apart" in done.output
    assert not [name for name in names if name.endswith(".key")]
    assert names[-1] == "manifest.json"


def test_nothing_is_overwritten_and_no_half_is_left(lived: Installation, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("older")
    again = lived.run("backup", there)
    nowhere = lived.run("backup", tmp_path / "no such folder" / "file")

    assert again.exit_code == nowhere.exit_code == 1
    assert "overwrites nothing" in again.output
    assert there.read_text() == "older"
    assert not list(tmp_path.glob("*.part"))
    assert not list(tmp_path.glob(".backup-*"))


def test_a_backup_that_another_has_just_ended_is_left_as_it_is(
    lived: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening the file and locking it the other gives it its name and lets go."""
    file, part = tmp_path / "file", tmp_path / "file.part"
    part.write_bytes(b"the other's")

    def lock(handle: Any, _how: int) -> None:
        os.link(part, file)
        part.unlink()

    monkeypatch.setattr(fcntl, "flock", lock)
    with lived.app.app_context(), pytest.raises(Refused, match="is there already"):
        make_backup(file, lived.settings, now=NOW)
    assert file.read_bytes() == b"the other's"


def test_a_missing_attachment_is_named_and_stops_nothing(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    shutil.rmtree(lived.settings.attachments_dir)
    done = lived.run("backup", tmp_path / "file")
    looked = lived.run("verify", "--attachments")
    back = empty.run("restore", tmp_path / "file")

    assert done.exit_code == 1
    assert "1 attachments are missing or altered" in done.output
    assert "is not on the disk" in looked.output
    assert back.exit_code == 1, "the restored registry lacks a file that its ledger names"
    assert empty.count(Ticket) == 0
    assert empty.run("restore", tmp_path / "file", "--unsound").exit_code == 0
    assert empty.count(Ticket) == 2


def test_a_file_of_which_only_the_name_was_erased_is_in_the_backup(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    """The law took a name that the file's name held; the file itself was not taken."""
    with lived.app.app_context():
        contact = db.session.scalars(select(Contact.id)).first()
    erased = lived.run("erase", "contact", contact, "--words", "cable.txt", "--reason", "law 152")
    assert erased.exit_code == 0, erased.output
    done = lived.run("backup", tmp_path / "file")
    assert "1 attachments" in done.output
    back = empty.run("restore", tmp_path / "file")
    assert back.exit_code == 0, back.output
    (path,) = empty.settings.attachments_dir.glob("*/*")
    assert path.read_bytes() == PHOTO


def test_a_file_that_the_law_has_taken_is_in_no_backup(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    with lived.app.app_context():
        client = db.session.scalars(select(Ticket.client_id)).first()
    lived.run("erase", "client", client, "--tickets", "--reason", "law 152")
    (folder,) = [lived.settings.attachments_dir / DIGEST[:2]]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DIGEST).write_bytes(PHOTO)  # as if the erasing had been killed before its end
    done = lived.run("backup", tmp_path / "file")
    assert "0 attachments" in done.output
    assert empty.run("restore", tmp_path / "file").exit_code == 0
    assert not list(empty.settings.attachments_dir.glob("*/*"))


def test_an_altered_attachment_is_a_finding(lived: Installation) -> None:
    path = next(lived.settings.attachments_dir.glob("*/*"))
    path.write_bytes(PHOTO[:-1] + b"!")
    looked = lived.run("verify", "--attachments")

    assert looked.exit_code == 1
    assert "is not the file that was attached" in looked.output
    assert lived.run("verify").exit_code == 0


def test_a_registry_in_use_is_lost_only_where_its_name_is_typed(
    lived: Installation, kept: Path
) -> None:
    with lived.app.app_context(), atomic():
        db.session.execute(text("UPDATE ticket SET summary = 'changed since'"))
    refused = lived.run("restore", kept)
    other = lived.run("restore", kept, "--over", input="something else\n")

    assert refused.exit_code == other.exit_code == 1
    assert "There is a registry here already" in refused.output
    assert "That is not its name" in other.output
    done = lived.run("restore", kept, "--over", "--yes")
    assert done.exit_code == 0, done.output
    with lived.app.app_context():
        assert "changed since" not in set(db.session.scalars(select(Ticket.summary)))


def test_what_waited_is_held_and_nobody_stays_signed_in(
    empty: Installation, kept: Path
) -> None:
    done = empty.run("restore", kept)

    assert "Held, to be looked at under Settings: mails 1, webhooks 0, jobs " in done.output
    with empty.app.app_context():
        message = db.session.scalars(select(Message)).one()
        assert (message.state, message.held_at is None) == (MessageState.WAITING, False)
        jobs = {job.key: job.given_up_at is None for job in db.session.scalars(select(Job))
                if job.done_at is None}
        assert (jobs["past"], jobs["to come"]) == (False, True)
        assert db.session.scalars(select(SignInSession.ended_at)).one() is not None


def test_a_report_whose_hour_is_over_is_not_owed_again(empty: Installation, kept: Path) -> None:
    from registry.reports.owed import owe_reports

    empty.run("restore", kept)
    with empty.app.app_context():
        owe_reports(now=utc_now())
        owed = select(Job).where(Job.kind == "daily_report", Job.done_at.is_(None))
        assert db.session.scalars(owed).all() == []


def test_what_waited_goes_on_where_that_is_asked_for(empty: Installation, kept: Path) -> None:
    empty.run("restore", kept, "--send")
    with empty.app.app_context():
        assert db.session.scalars(select(Message.held_at)).one() is None


def test_a_damaged_ledger_is_not_put_in_place(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    from registry.ledger.triggers import create_triggers, drop_triggers

    with lived.app.app_context(), atomic():
        drop_triggers(db.session.connection())
        db.session.execute(text("UPDATE ledger_entry SET kind = 'x' WHERE chain = 'ticket:1'"))
        create_triggers(db.session.connection())
    lived.run("backup", tmp_path / "file")
    done = empty.run("restore", tmp_path / "file")

    assert done.exit_code == 1
    assert "Nothing was restored" in done.output
    assert empty.count(Ticket) == 0
    assert not list(empty.settings.attachments_dir.glob("*/*"))


def test_an_older_backup_is_brought_to_the_program_s_revision(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    with lived.app.app_context():
        flask_migrate.downgrade(revision="0005")
        db.session.remove()
        db.engine.dispose()
    assert lived.run("backup", tmp_path / "older").exit_code == 0
    done = empty.run("restore", tmp_path / "older")

    assert done.exit_code == 0, done.output
    with empty.app.app_context():
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        assert revision == known_revisions()[0]


def test_a_worker_at_work_stops_a_restore(lived: Installation, kept: Path) -> None:
    from registry.core.models import WorkerBeat

    with lived.app.app_context(), atomic():
        db.session.add(WorkerBeat(name="w", seen_at=utc_now()))

    assert "Stop pages and workers" in lived.run("restore", kept, "--over", "--yes").output


def test_who_is_connected_stops_a_restore_and_who_just_leaves_does_not(
    lived: Installation, empty: Installation, kept: Path
) -> None:
    """On PostgreSQL tables are exchanged: whoever looks meanwhile finds none. SQLite writes all in
    one transaction."""
    engine = create_engine(empty.settings.database_url, poolclass=NullPool)
    with engine.connect() as stays:
        stays.execute(text("SELECT 1"))
        stays.rollback()
        if engine.dialect.name == "postgresql":
            refused = empty.run("restore", kept)
            assert "1 others are connected" in refused.output
            assert empty.count(Ticket) == 0
        leaving = Timer(0.5, stays.close)
        leaving.start()
        done = empty.run("restore", kept)
        leaving.join()
    assert done.exit_code == 0, done.output
    assert empty.count(Ticket) == 2
