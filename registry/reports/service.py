"""The verbs of reports: make and keep one, send it to each reader once, try mails and jobs again.

A report is made once for a day, whoever asks; a reader is sent each day's report once. Both hold by
keys in the database, over restarts and any number of workers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.models import Job, Message, MessageState
from registry.core.outbox import queue_message
from registry.core.words import N_
from registry.people.models import Person, PersonRole
from registry.people.permissions import may, require
from registry.reports.daily import make_report
from registry.reports.models import DailyReport, DailyReportCopy
from registry.reports.needs import READERS, reader_role
from registry.reports.rendering import rendered

KIND = "daily_report"
CHECKPOINT_NAME = "checkpoint.txt"


@dataclass(frozen=True)
class Sending:
    """To whom a report was queued now, and who reads it but has no mail address."""

    queued: tuple[str, ...]
    unreachable: tuple[str, ...]


def keep_report(
    day: date, *, now: datetime, due_at: datetime | None = None,
    late: Mapping[str, str] | None = None,
) -> DailyReport:
    """The report on ``day`` as it was made; made and frozen now where there is none yet.

    ``late`` says why it is made after its hour. Raises Refused for a day that is not over.
    """
    kept = db.session.get(DailyReport, day)
    if kept is not None:
        return kept
    must_be_over(day, now)
    data, note = make_report(day, now=now)
    report = DailyReport(day=day, made_at=now, due_at=due_at or now, note=note,
                         data={**data, "late": dict(late) if late else None})
    db.session.add(report)
    db.session.flush()
    return report


def send_report(report: DailyReport, *, now: datetime) -> Sending:
    """Queue the report's mail for each reader who was not sent it yet."""
    had = set(db.session.scalars(
        select(DailyReportCopy.person_id).where(DailyReportCopy.day == report.day)))
    queued, unreachable = [], []
    for person in readers():
        if person.id in had:
            continue
        if not person.email:
            unreachable.append(person.name)
            continue
        _queue(report, person, now)
        queued.append(person.name)
    db.session.flush()
    return Sending(tuple(queued), tuple(unreachable))


def readers() -> list[Person]:
    """Who is sent the daily report (the domain, 1.5)."""
    query = (select(Person).where(Person.is_active, Person.id.in_(
        select(PersonRole.person_id).where(PersonRole.role.in_(READERS)))).order_by(Person.id))
    return [person for person in db.session.scalars(query) if may(person, "receive_daily_report")]


def send_again(message: Message, *, by: Person, now: datetime) -> None:
    """Let a mail that waits or was refused be tried at once, with all its tries anew."""
    require(by, "see_mail")
    if message.state is MessageState.SENT:
        raise Refused(Reason("sent_already", N_("The mail server has taken this mail already.")))
    message.state, message.due_at, message.tries = MessageState.WAITING, now, 0
    message.held_at = None
    db.session.flush()


def do_again(job: Job, *, by: Person, now: datetime) -> None:
    """Let a job that waits or was given up be tried at once, with all its tries anew."""
    require(by, "see_mail")
    if job.done_at is not None:
        raise Refused(Reason("done_already", N_("This job is done already.")))
    job.given_up_at, job.due_at, job.tries = None, now, 0
    db.session.flush()


def _queue(report: DailyReport, person: Person, now: datetime) -> None:
    role = reader_role(person)
    assert role is not None
    mail = rendered(report.data, role, person.language)
    attachments = [{"name": CHECKPOINT_NAME, "media_type": "text/plain", "text": report.note}]
    message = queue_message(
        KIND, f"{KIND}:{report.day.isoformat()}:{person.id}", to=person.email,
        subject=mail.subject, text=mail.text, html=mail.html, language=person.language, now=now,
        attachments=attachments if report.note else [])
    assert message is not None
    db.session.flush()
    db.session.add(DailyReportCopy(day=report.day, person_id=person.id, message_id=message.id))


def must_be_over(day: date, now: datetime) -> None:
    """Raise Refused for a day that is not over: its numbers would still grow."""
    if company_calendar().bounds(day)[1] > now:
        raise Refused(Reason("day_not_over", N_("%(day)s is not over yet; its report can be made "
                                                "the day after."), {"day": day.isoformat()},
                             "day"))
