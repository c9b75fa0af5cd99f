"""A backup taken while people work goes back whole into an empty installation, on both databases,
and is sound there; it is never half under its name, and what is restored repeats nothing."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from registry.admin import backups
from registry.admin.archive import Writer, members
from registry.admin.backups import make_backup
from registry.admin.snapshots import Picture, picture
from registry.clients.models import Contact
from registry.config import Settings
from registry.core.db import db
from registry.core.errors import Refused
from registry.ledger.models import LedgerCheckpoint
from registry.tickets.models import Ticket
from tests.factories import NOW
from tests.registry.admin.installations import DIGEST, PHOTO, Installation


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
    (folder := tmp_path / "backups").mkdir()
    there = folder / "there"
    there.write_text("older")
    again = lived.run("backup", there)
    nowhere = lived.run("backup", tmp_path / "no such folder" / "file")

    assert again.exit_code == nowhere.exit_code == 1
    assert "overwrites nothing" in again.output
    assert there.read_text() == "older"
    assert [path.name for path in folder.iterdir()] == ["there"]


def test_what_a_killed_backup_left_goes_with_the_next(
    lived: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be a copy of the whole database, in which passwords and persons stand."""
    (folder := tmp_path / "backups").mkdir()
    file = folder / "night"
    killed_while_writing(file, lived.settings)
    (left,) = folder.rglob("database*")
    left.parent.chmod(0o755)  # as a copy of the folder may have it
    monkeypatch.setattr(backups, "picture", modes := Modes())
    done = lived.run("backup", file)

    assert done.exit_code == 0, done.output
    assert modes.seen == [0o700]
    assert [path.name for path in folder.iterdir()] == ["night"]


def killed_while_writing(path: Path, settings: Settings) -> None:
    """A backup in a process of its own that is killed when all but the manifest is written."""
    child = os.fork()
    if child == 0:
        try:
            Writer.close = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign,assignment]
            make_backup(path, settings, now=NOW)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


class Modes:
    """Takes pictures, and notes who else could read them."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, url: str, folder: Path) -> AbstractContextManager[Picture]:
        self.seen.append(folder.stat().st_mode & 0o777)
        return picture(url, folder)


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
