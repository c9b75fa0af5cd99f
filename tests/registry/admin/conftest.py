"""Installations to take backups of and to restore into."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from registry.core.db import atomic, db
from registry.core.outbox import queue_job, queue_message
from registry.core.times import utc_now
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import signer_of
from registry.people.models import SignInSession
from registry.tickets.attachments import Upload, attach_file
from tests.factories import NOW, House, a_ticket
from tests.registry.admin.installations import PHOTO, Installation


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
