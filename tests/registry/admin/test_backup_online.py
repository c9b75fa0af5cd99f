"""A backup taken while people hand over and attach is the registry as of one moment, whole."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.admin import backups
from registry.admin.backups import make_backup
from registry.admin.snapshots import Picture, picture
from registry.core.db import atomic, db
from registry.ledger.models import LedgerEntry
from registry.tickets.attachments import Upload, attach_file
from tests.factories import NOW, House, a_ticket, accept, offer
from tests.registry.admin.installations import Installation

PATIENCE = 30


class AtWork(threading.Thread):
    """People who offer, accept and attach, one ticket after the other, until told to stop."""

    def __init__(self, there: Installation) -> None:
        super().__init__()
        self.there = there
        self.acts = 0
        self._done, self._over = threading.Condition(), threading.Event()

    def run(self) -> None:
        with self.there.app.app_context():
            with atomic():
                house = House("2")
            while not self._over.is_set():
                self._a_round(house)
            db.session.remove()

    def _a_round(self, house: House) -> None:
        now = NOW + timedelta(minutes=self.acts)
        with atomic():
            ticket = a_ticket(house)
        with atomic():
            offered = offer(ticket, "take", house.engineer, witness=house.registrar, now=now)
        self._count()
        with atomic():
            accept(offered, now=now)
        self._count()
        with atomic():
            attach_file(ticket, Upload("trace.txt", io.BytesIO(b"measured %d" % self.acts)),
                        by=house.engineer, now=now, limit=10**6,
                        folder=self.there.settings.attachments_dir)
        self._count()

    def _count(self) -> None:
        with self._done:
            self.acts += 1
            self._done.notify_all()

    def wait_for(self, further: int) -> None:
        """Until so many further acts are done."""
        with self._done:
            wanted = self.acts + further
            assert self._done.wait_for(lambda: self.acts >= wanted, PATIENCE), "nobody is at work"

    def end(self) -> None:
        """Let them finish and go."""
        self._over.set()
        self.join(PATIENCE)


@pytest.fixture
def at_work(lived: Installation) -> Iterator[AtWork]:
    people = AtWork(lived)
    people.start()
    yield people
    people.end()


def test_what_is_done_meanwhile_is_wholly_in_it_or_wholly_not(
    lived: Installation, empty: Installation, at_work: AtWork, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @contextmanager
    def watched(url: str, folder: Path) -> Iterator[Picture]:
        """They go on before the picture is taken and before it is written."""
        at_work.wait_for(3)
        with picture(url, folder) as taken:
            at_work.wait_for(6)
            yield taken

    monkeypatch.setattr(backups, "picture", watched)
    before = len(entries(lived))
    made = make_backup(tmp_path / "file", lived.settings, now=NOW, with_keys=True)
    after = len(entries(lived))
    at_work.end()

    assert before < made.entries < after
    assert made.attachments.missing == made.attachments.altered == []
    assert made.attachments.count > 1
    done = empty.run("restore", tmp_path / "file")
    assert done.exit_code == 0, done.output
    assert len(entries(empty)) == made.entries
    looked = empty.run("verify", "--attachments")
    assert looked.exit_code == 0, looked.output
    assert entries(empty) < entries(lived)


def entries(there: Installation) -> set[tuple[str, int, str]]:
    """What its ledger holds: chain, number and hash of each."""
    with there.app.app_context():
        return {tuple(row) for row in db.session.execute(select(
            LedgerEntry.chain, LedgerEntry.seq, LedgerEntry.hash))}
