"""Which reports are owed: one job for each working day, made by whichever worker sees it first.

The job's key is (report, day), so restarts and further workers owe it only once; the job machine
does it once and tries again where it fails. Here too it is decided whether it is late, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from registry.config import clock
from registry.core.calendar import company_calendar
from registry.core.db import atomic, db, only_reading
from registry.core.models import Job, WorkerBeat
from registry.core.outbox import queue_job
from registry.core.settings import current_settings
from registry.reports.models import DailyReport
from registry.reports.rules import Owed, is_late, latest_owed, owed_since, why_late
from registry.reports.service import KIND, keep_report, send_report


def owe_reports(*, now: datetime) -> None:
    """The duty: owe each report whose hour has come and that nobody owed yet."""
    settings = current_settings()
    report_at = clock(settings.report_at)
    with only_reading():
        calendar = company_calendar()
        newest = latest_owed(calendar, report_at, now)
        if _is_owed(newest):
            return
        found = owed_since(calendar, report_at, now, _last_day())
        seen_at = db.session.scalar(select(func.max(WorkerBeat.seen_at)))
    try:
        with atomic():
            for owed in found:
                queue_job(KIND, _key(owed), due_at=owed.due_at, now=now, payload={
                    "day": owed.day.isoformat(), "due_at": owed.due_at.isoformat(),
                    "found_at": now.isoformat(),
                    "seen_at": seen_at.isoformat() if seen_at else ""})
    except IntegrityError:
        return  # another worker owed the same at the same moment


def settle_owed(*, now: datetime) -> int:
    """Owe none of the reports whose hour has come, as if they had been sent; how many those are.

    For a registry that was restored: its readers have had them, or read of those days what the
    backup no longer knows. Each can still be made and sent by hand.
    """
    report_at = clock(current_settings().report_at)
    found = [each for each in owed_since(company_calendar(), report_at, now, _last_day())
             if not _is_owed(each)]
    for owed in found:
        db.session.add(Job(kind=KIND, key=_key(owed), due_at=owed.due_at, created_at=now,
                           done_at=now))
    db.session.flush()
    return len(found)


def make_owed(payload: Mapping[str, Any], *, now: datetime) -> None:
    """The job: make the report where it is not made yet, and send it to its readers."""
    due_at = datetime.fromisoformat(payload["due_at"])
    report = keep_report(date.fromisoformat(payload["day"]), now=now, due_at=due_at,
                         late=_lateness(payload, due_at, now))
    send_report(report, now=now)


def _lateness(payload: Mapping[str, Any], due_at: datetime, now: datetime
              ) -> dict[str, str] | None:
    """What the report says of its being late; None in time."""
    if not is_late(due_at, now):
        return None
    seen_at = datetime.fromisoformat(payload["seen_at"]) if payload["seen_at"] else None
    code = why_late(due_at, datetime.fromisoformat(payload["found_at"]), seen_at)
    return {"code": code, **{name: payload[name] for name in ("due_at", "found_at", "seen_at")}}


def _key(owed: Owed) -> str:
    return f"{KIND}:{owed.day.isoformat()}"


def _is_owed(owed: Owed) -> bool:
    return db.session.scalar(select(Job.id).where(Job.key == _key(owed))) is not None


def _last_day() -> date | None:
    """The newest day that a report was owed or made on; None where there was none yet."""
    made = db.session.scalar(select(func.max(DailyReport.day)))
    key = db.session.scalar(select(func.max(Job.key)).where(Job.kind == KIND))
    owed = date.fromisoformat(key.removeprefix(f"{KIND}:")) if key else None
    return max((day for day in (made, owed) if day is not None), default=None)
