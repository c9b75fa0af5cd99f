"""Rows that every area may write: messages to send, jobs to do, days that differ.

A message or job has a unique key, so that the act that causes it twice owes it once.
It is written in the transaction of that act; the worker does the rest.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.core.model import Base, BigId, enum_column


class MessageState(StrEnum):
    """``sent`` means that the mail server took it; nothing less."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


class Message(Base):
    """One mail to one person, complete as it will leave.

    ``claimed_until`` is set while a worker has it in hand (core/delivery.py); ``language`` is the
    reader's, for the line that says that a mail is late. ``held_at`` is set where it waits for a
    hand: after a restore nobody can know whether it was sent.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_due", "due_at", postgresql_where=text("state = 'waiting'"),
              sqlite_where=text("state = 'waiting'")),
        Index("ix_message_state_id", "state", "id"),
        Index("ix_message_tried_at", "tried_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str]
    language: Mapped[str] = mapped_column(String(8), default="")
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str] = mapped_column(default="")
    attachments: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    state: Mapped[MessageState] = mapped_column(enum_column(MessageState),
                                                default=MessageState.WAITING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")


class Job(Base):
    """One thing to do at a time; ``kind`` names the function that does it.

    ``given_up_at`` is set where it failed too often: then somebody has to look at it. ``about``
    names what the job waits on, so that it falls away when that is over.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "due_at",
              postgresql_where=text("done_at IS NULL AND given_up_at IS NULL"),
              sqlite_where=text("done_at IS NULL AND given_up_at IS NULL")),
        Index("ix_job_given_up", "given_up_at", postgresql_where=text("given_up_at IS NOT NULL"),
              sqlite_where=text("given_up_at IS NOT NULL")),
        Index("ix_job_about", "about", postgresql_where=text("done_at IS NULL"),
              sqlite_where=text("done_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(120), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")


class DayException(Base):
    """A day that the administrator declared working or free, against the calendar."""

    __tablename__ = "day_exception"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    reason: Mapped[str]


class Counter(Base):
    """A number without holes, taken under its row's lock (numbers of tickets)."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int] = mapped_column(BigId)


class WorkerBeat(Base):
    """When a worker was last seen."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    seen_at: Mapped[datetime]
