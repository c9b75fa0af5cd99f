"""What is owed to the world after the commit: rows with a unique key, written with the act.

Asking twice under one key owes it once. The worker sends and does; nothing leaves here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Insert, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from registry.core.db import db
from registry.core.models import Job, Message

# Said to the table and not to the mapper: every act owes jobs and drops some, and none of them is
# looked at in its transaction. Both databases know the clause, each by its own dialect.
JOBS = cast(Table, Job.__table__)
OWE: dict[str, Insert] = {
    "sqlite": sqlite.insert(JOBS).on_conflict_do_nothing(index_elements=["key"]),
    "postgresql": postgresql.insert(JOBS).on_conflict_do_nothing(index_elements=["key"]),
}


def queue_job(
    kind: str, key: str, *, due_at: datetime, now: datetime,
    payload: Mapping[str, Any] | None = None, about: str = "",
) -> None:
    """Owe a job at ``due_at``; nothing where the key is owed or done already. ``about`` names what
    it waits on (see ``drop_jobs``)."""
    db.session.execute(OWE[db.session.get_bind().dialect.name], {
        "kind": kind, "key": key, "about": about, "due_at": due_at, "created_at": now,
        "payload": dict(payload or {})})


def drop_jobs(about: str) -> None:
    """Owe nothing more of what waited on ``about``; what is done stays as it was."""
    db.session.execute(delete(JOBS).where(JOBS.c.about == about, JOBS.c.done_at.is_(None)))


def queue_message(
    kind: str, key: str, *, to: str, subject: str, text: str, now: datetime, html: str = "",
    attachments: list[dict[str, str]] | None = None, language: str = "",
) -> Message | None:
    """Owe a mail to ``to``; None where the key is owed or sent already.

    An attachment is {"name", "media_type", "text"}; ``language`` is the reader's.
    """
    if db.session.scalar(select(Message.id).where(Message.key == key)):
        return None
    message = Message(kind=kind, key=key, recipient=to, subject=subject, text=text, html=html,
                      language=language, attachments=attachments or [], created_at=now, due_at=now)
    db.session.add(message)
    return message
