"""The verb of restoring: a backup takes the place of what is there, or everything stays as it was.

Taken apart and judged first, restored beside, brought to the program's revision, held back from
sending, verified with its own checkpoint, and only then put in place. What it waits for and how
each database is swapped stands in places.py.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import flask_migrate

from registry.admin.holding import Held, hold_back
from registry.admin.places import Place, place_for
from registry.admin.unpacking import Unpacked, unpack
from registry.config import Settings
from registry.core.db import atomic, db
from registry.core.errors import Reason, Refused
from registry.core.revision import known_revisions
from registry.core.words import N_
from registry.ledger.findings import Verdict
from registry.ledger.keys import known_verifiers, remember, verifier_of
from registry.ledger.note import NoteError, Verifier
from registry.ledger.stored import snapshot
from registry.ledger.verify import verify

STAGING = ".restore"


@dataclass(frozen=True)
class Restored:
    """What was restored, and how it was found."""

    manifest: dict[str, Any]
    verdict: Verdict
    held: Held
    is_kept: bool


def restore(
    path: Path, settings: Settings, make_app: Any, *, now: datetime, over: bool = False,
    send: bool = False, unsound: bool = False,
) -> Restored:
    """Put the backup at ``path`` in the place of this installation's data.

    ``make_app`` makes an application for given settings. ``over`` permits an installation that is
    in use, ``send`` lets waiting mails and jobs go on, ``unsound`` keeps a ledger that does not
    verify. Where ``is_kept`` is False the verdict says why, and all is as it was. Raises Refused.
    """
    place = place_for(settings.database_url)
    kind = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if not over and not place.is_empty():
        raise Refused(Reason("not_empty", N_(
            "There is a registry here already. Restore into an empty installation, or give --over "
            "to lose what is here.")))
    with _staging(settings.data_dir) as folder:
        unpacked = unpack(path, folder, kind=kind, revisions=known_revisions())
        _judge_keys(unpacked, settings, over)
        try:
            verdict, held = _look(unpacked, place, settings, make_app, now, send)
            if is_kept := verdict.is_sound or unsound:
                _move_attachments(unpacked, settings)
                place.keep()
            else:
                place.undo()
        except BaseException:
            place.undo()
            raise
        if is_kept:
            _move_keys(unpacked, settings)
        return Restored(unpacked.manifest, verdict, held, is_kept)


def _look(unpacked: Unpacked, place: Place, settings: Settings, make_app: Any, now: datetime,
          send: bool) -> tuple[Verdict, Held]:
    """Load the database beside, bring it up to date, hold it back and verify it."""
    url = place.load(unpacked.database)
    beside = replace(settings, database_url=url, data_dir=unpacked.folder)
    app = make_app(beside)
    with app.app_context():
        try:
            flask_migrate.upgrade()
            with atomic():
                held = hold_back(now=now, mails_and_jobs=not send)
            note = unpacked.manifest["checkpoint"].encode()
            with snapshot():
                verdict = verify(verifier=_verifier(unpacked, settings), files=True,
                                 against=note or None)
        finally:
            db.session.remove()
            db.engine.dispose()
    return verdict, held


def _verifier(unpacked: Unpacked, settings: Settings) -> Verifier | None:
    """The key to verify with: the backup's own where it was ours once, else ours, else the one that
    came with the backup or is named in it."""
    named = _named(unpacked)
    if named in known_verifiers(settings):
        return named
    return (verifier_of(settings) or verifier_of(replace(settings, data_dir=unpacked.folder))
            or named)


def _named(unpacked: Unpacked) -> Verifier | None:
    """The public key that the backup's manifest names, if it can be read."""
    try:
        return Verifier.parse(unpacked.manifest["public_key"])
    except NoteError:
        return None


def _judge_keys(unpacked: Unpacked, settings: Settings, over: bool) -> None:
    """A key that is in use is replaced only where that was asked for."""
    for key in unpacked.came_keys:
        present = settings.data_dir / key.name
        if (key.name == "ledger.key" and present.exists() and not over
                and present.read_bytes() != key.read_bytes()):
            raise Refused(Reason("other_key", N_(
                "The key %(name)s here is not the one in the backup. Move it away, or give --over "
                "to replace it."), {"name": key.name}))


def _move_attachments(unpacked: Unpacked, settings: Settings) -> None:
    """Before the database, so that it never names a file that is not there. A file that the
    installation had already, by its digest, is written anew; one too many names nothing."""
    source = unpacked.folder / "attachments"
    for path in sorted(source.glob("*/*")):
        target = settings.attachments_dir / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)


def _move_keys(unpacked: Unpacked, settings: Settings) -> None:
    """After the database, so that a registry that stays as it was keeps the key that it signs
    with. Where this is cut off nothing wrong is signed: no other key fits what was restored."""
    for key in unpacked.came_keys:
        present = settings.data_dir / key.name
        if present.exists() and present.read_bytes() != key.read_bytes():
            os.replace(present, present.with_name(f"{key.name}.before-restore"))
        os.replace(key, present)
    if (named := _named(unpacked)) is not None:
        remember(settings, named)


@contextmanager
def _staging(data_dir: Path) -> Iterator[Path]:
    """A folder on the disk of the data, for one restore at a time; gone afterwards."""
    folder = data_dir / STAGING
    with (data_dir / f"{STAGING}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused(Reason("restore_running", N_(
                "Another restore is running in this installation."))) from error
        shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
