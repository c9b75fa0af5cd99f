"""Files of attachments that no ticket names are swept after a day, and no others."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from registry.config import Settings
from registry.tickets.attachments import Upload, attach_file, path_of
from registry.tickets.leftovers import Sweeping, swept
from tests.factories import NOW, House, a_ticket

LATER = NOW + timedelta(days=2)


def aged(path: Path) -> Path:
    """The file as it was written at ``NOW``."""
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return path


def an_attachment(settings: Settings) -> Path:
    house = House()
    attachment = attach_file(
        a_ticket(house), Upload("trace.txt", io.BytesIO(b"measured")), by=house.visitor, now=NOW,
        folder=settings.attachments_dir, limit=settings.attachment_limit)
    return aged(path_of(attachment, settings.attachments_dir))


def test_what_a_ticket_names_stays(session: Session, settings: Settings) -> None:
    kept = an_attachment(settings)
    assert swept(settings.attachments_dir, LATER) == []
    assert kept.exists()


def test_what_was_begun_and_what_nobody_names_goes(session: Session, settings: Settings) -> None:
    kept = an_attachment(settings)
    begun = settings.attachments_dir / "tmpabc"
    unnamed = kept.parent / ("0" * 64)
    for path in (begun, unnamed):
        path.write_bytes(b"x")
        aged(path)
    assert sorted(swept(settings.attachments_dir, LATER)) == sorted([begun, unnamed])
    assert [path for path in settings.attachments_dir.rglob("*") if path.is_file()] == [kept]


def test_what_is_young_may_belong_to_an_act_that_is_not_at_its_end(
    session: Session, settings: Settings
) -> None:
    settings.attachments_dir.mkdir()
    young = settings.attachments_dir / "tmpabc"
    young.write_bytes(b"x")
    aged(young)
    assert swept(settings.attachments_dir, NOW + timedelta(hours=23)) == []
    assert young.exists()


def test_many_files_are_asked_about_many_at_a_time(
    session: Session, settings: Settings, count_queries
) -> None:
    settings.attachments_dir.mkdir()
    for number in range(1100):
        (settings.attachments_dir / f"{number:064}").touch()
        aged(settings.attachments_dir / f"{number:064}")
    with count_queries() as queries:
        assert len(swept(settings.attachments_dir, LATER)) == 1100
    assert len(queries) == 3


def test_a_worker_sweeps_once_a_day(session: Session, settings: Settings) -> None:
    duty = Sweeping()
    settings.attachments_dir.mkdir()
    for day, goes in ((LATER, True), (LATER + timedelta(minutes=1), False),
                      (LATER + timedelta(days=1), True)):
        left = settings.attachments_dir / "tmpabc"
        left.write_bytes(b"x")
        aged(left)
        duty(now=day)
        assert left.exists() is not goes


def test_without_a_folder_there_is_nothing_to_sweep(session: Session, settings: Settings) -> None:
    assert swept(settings.attachments_dir, LATER) == []
