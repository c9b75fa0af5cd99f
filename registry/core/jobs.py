"""Jobs and duties: which function does which kind, and what becomes of a job that was tried.

A *job* is owed by an act and is a row (core/outbox.py); it is done in the transaction that claims
it. A *duty* is owed by the calendar, has no row and looks for itself what is due; it opens its
own transactions. Areas register both; registry/worker.py runs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, select

from registry.core.db import db
from registry.core.models import Job
from registry.core.retries import next_try

LONGEST_ERROR = 500


class Handler(Protocol):
    """Does one job inside the transaction that stands; raises where it cannot."""

    def __call__(self, payload: Mapping[str, Any], *, now: datetime) -> None: ...


class Duty(Protocol):
    """Looks for what the calendar owes and does it, in transactions of its own."""

    def __call__(self, *, now: datetime) -> None: ...


HANDLERS: dict[str, Handler] = {}
DUTIES: dict[str, Duty] = {}


def register(kind: str, handler: Handler) -> None:
    """Let ``handler`` do the jobs of this kind."""
    HANDLERS[kind] = handler


def register_duty(name: str, duty: Duty) -> None:
    """Let the worker look after ``duty`` in every round."""
    DUTIES[name] = duty


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition of jobs that are to be done now."""
    return and_(Job.done_at.is_(None), Job.given_up_at.is_(None), Job.due_at <= now)


def claim_job(now: datetime) -> Job | None:
    """The next due job, locked until this transaction ends; other workers pass it by."""
    query = (select(Job).where(is_due(now)).order_by(Job.due_at, Job.id).limit(1)
             .with_for_update(skip_locked=True))
    return db.session.scalars(query).first()


def do_job(job: Job, *, now: datetime) -> None:
    """Do the job and mark it done. Raises LookupError for a kind that nobody registered, and
    whatever the handler raises."""
    handler = HANDLERS.get(job.kind)
    if handler is None:
        raise LookupError(f"nobody does jobs of the kind {job.kind!r}")
    handler(job.payload, now=now)
    job.done_at, job.error = now, ""
    db.session.flush()


def job_failed(job_id: int, error: str, *, now: datetime) -> None:
    """Note a failed try: later again, or given up. Nothing where another worker has done it."""
    job = db.session.get(Job, job_id, with_for_update=True)
    if job is None or job.done_at is not None:
        return
    job.tries += 1
    job.error = error[:LONGEST_ERROR]
    later = next_try(job.tries, now)
    if later is None:
        job.given_up_at = now
    else:
        job.due_at = later
    db.session.flush()
