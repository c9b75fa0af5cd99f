"""Daily reports as they were made: frozen as data, so that each can be shown as it was sent.

Also what the last whole check of the ledger found, which the report tells its readers.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.core.model import Base, BigId


class DailyReport(Base):
    """The report on one working day; one for each day, whoever reads it.

    ``note`` is the signed checkpoint that went out with it.
    """

    __tablename__ = "daily_report"

    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(default="")


class DailyReportCopy(Base):
    """The report as it was addressed to one reader; unique, so it is owed once."""

    __tablename__ = "daily_report_copy"
    __table_args__ = (UniqueConstraint("day", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date] = mapped_column(ForeignKey("daily_report.day"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))


class LedgerCheck(Base):
    """One whole check of the ledger, one a night; ``ended_at`` is empty while it runs, or where
    the worker that ran it was stopped."""

    __tablename__ = "ledger_check"

    day: Mapped[date] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    entries: Mapped[int] = mapped_column(BigId, default=0)
    findings: Mapped[int] = mapped_column(default=0)
    first_findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
