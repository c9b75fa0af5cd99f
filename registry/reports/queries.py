"""Reads reports, their copies, mails and jobs for the pages; lists are paged by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, literal, or_, select

from registry.core.db import db
from registry.core.models import Job, Message, MessageState, WorkerBeat
from registry.people.models import Person
from registry.reports.models import DailyReport, DailyReportCopy

PAGE = 40
MOST_COUNTED = 9_999


@dataclass(frozen=True)
class ReportRow:
    """One report of the list; ``data`` as it was frozen."""

    day: date
    made_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True)
class CopyRow:
    """To whom a report was addressed, and what became of the mail."""

    name: str
    message_id: int
    state: MessageState
    sent_at: datetime | None


@dataclass(frozen=True)
class MessageRow:
    """One mail of the list, without its body."""

    id: int
    recipient: str
    subject: str
    state: MessageState
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    tries: int
    answer: str
    held_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """How many mails wait, were refused and are held after a restore, how many jobs are due and
    were given up (each at most MOST_COUNTED + 1); when mail was tried last, when a worker was seen
    last."""

    waiting: int
    refused: int
    held: int
    jobs_due: int
    jobs_given_up: int
    tried_at: datetime | None
    seen_at: datetime | None


def reports_page(before: date | None) -> list[ReportRow]:
    """The newest reports, or those on days before ``before``."""
    query = select(DailyReport.day, DailyReport.made_at, DailyReport.data)
    if before is not None:
        query = query.where(DailyReport.day < before)
    query = query.order_by(DailyReport.day.desc()).limit(PAGE + 1)
    return [ReportRow(*row) for row in db.session.execute(query)]


def copies_of(day: date) -> list[CopyRow]:
    """Whom the report on ``day`` was sent to."""
    query = (select(Person.name, Message.id, Message.state, Message.sent_at)
             .join(DailyReportCopy, DailyReportCopy.person_id == Person.id)
             .join(Message, Message.id == DailyReportCopy.message_id)
             .where(DailyReportCopy.day == day).order_by(Person.name))
    return [CopyRow(*row) for row in db.session.execute(query)]


def messages_page(state: MessageState | None, before: int | None) -> list[MessageRow]:
    """The newest mails (of one state), or those older than ``before``."""
    query = select(Message.id, Message.recipient, Message.subject, Message.state,
                   Message.created_at, Message.due_at, Message.sent_at, Message.tries,
                   Message.answer, Message.held_at)
    if state is not None:
        query = query.where(Message.state == state)
    if before is not None:
        query = query.where(Message.id < before)
    query = query.order_by(Message.id.desc()).limit(PAGE + 1)
    return [MessageRow(**row._mapping) for row in db.session.execute(query)]


def counts(now: datetime) -> Counts:
    """The numbers above the lists of mails and jobs, in one query."""
    waits = Message.state == MessageState.WAITING
    open_job = (Job.done_at.is_(None), Job.given_up_at.is_(None))
    row = db.session.execute(select(
        _count(Message, waits, Message.held_at.is_(None)),
        _count(Message, Message.state == MessageState.REFUSED),
        _count(Message, waits, Message.held_at.is_not(None)),
        _count(Job, *open_job, Job.due_at <= now), _count(Job, Job.given_up_at.is_not(None)),
        select(func.max(Message.tried_at)).scalar_subquery(),
        select(func.max(WorkerBeat.seen_at)).scalar_subquery())).one()
    return Counts(*row)


def jobs_that_need_a_look(now: datetime) -> Sequence[Job]:
    """Jobs that were given up, failed and wait for another try, or are due and not done yet."""
    query = (select(Job).where(Job.done_at.is_(None), or_(
        Job.given_up_at.is_not(None), Job.tries > 0, Job.due_at <= now))
        .order_by(Job.due_at, Job.id).limit(PAGE))
    return db.session.scalars(query).all()


def coming_jobs(now: datetime) -> Sequence[Job]:
    """The next jobs whose time has not come."""
    query = (select(Job).where(Job.done_at.is_(None), Job.given_up_at.is_(None), Job.due_at > now,
                               Job.tries == 0)
             .order_by(Job.due_at, Job.id).limit(PAGE))
    return db.session.scalars(query).all()


def _count(table: Any, *conditions: Any) -> Any:
    found = select(literal(1)).select_from(table).where(*conditions).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()
