"""Files that no ticket names: begun by a process that was killed, or kept for an act that was then
refused. Swept once a day by each worker.

A file is written before the entry that names it, so one that lies there for a day unnamed was
forgotten; a younger one may belong to an act that is not at its end yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from registry.core.db import db, only_reading
from registry.core.settings import current_settings
from registry.tickets.models import Attachment

FORGOTTEN = timedelta(days=1)
AT_A_TIME = 500


class Sweeping:
    """The duty: sweep once a day. Each worker process remembers by itself when it did; sweeping
    twice takes away nothing more."""

    def __init__(self) -> None:
        self._done_on: date | None = None

    def __call__(self, *, now: datetime) -> None:
        """Sweep where today was not swept yet."""
        if self._done_on == now.date():
            return
        with only_reading():
            swept(current_settings().attachments_dir, now)
        self._done_on = now.date()


def swept(folder: Path, now: datetime) -> list[Path]:
    """Take away every forgotten file of ``folder``; which they were."""
    gone = []
    waiting: list[Path] = []
    for path in _old(folder, now):
        waiting.append(path)
        if len(waiting) == AT_A_TIME:
            gone += _sweep(waiting, now)
            waiting = []
    return gone + _sweep(waiting, now)


def _old(folder: Path, now: datetime) -> Iterator[Path]:
    """Every file that nobody has written for a day."""
    if not folder.is_dir():
        return
    for path in folder.rglob("*"):
        if path.is_file() and _is_old(path, now):
            yield path


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > FORGOTTEN
    except FileNotFoundError:
        return False  # whoever was writing it has given it its name


def _sweep(paths: list[Path], now: datetime) -> list[Path]:
    named = set(db.session.scalars(select(Attachment.digest).where(
        Attachment.digest.in_([path.name for path in paths]))))
    gone = []
    for path in paths:
        # Somebody may have attached the same file again since we asked: it is young then.
        if path.name not in named and _is_old(path, now):
            path.unlink(missing_ok=True)
            gone.append(path)
    return gone
