"""The verb that tells: one mail of all that still holds, for one reader and quarter of an hour.

The first notice opens a quarter-hour; at its end all notices of the reader are taken, told or left
out, each once. Any number of workers may look: rows are taken under their locks, and the mail's key
is unique. A reader is the person, or the deputy during an absence; whoever has left reads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError

from registry.core.calendar import company_calendar
from registry.core.db import atomic, db, only_reading
from registry.core.logs import fault
from registry.core.models import Message
from registry.core.outbox import queue_message
from registry.notices.mail import News, notices_mail
from registry.notices.models import Kind, Notice
from registry.notices.queries import (
    Choices,
    Subjects,
    choices_of,
    readers_due,
    subjects_of,
    take_waiting,
    told_through,
)
from registry.notices.rules import NEWS, STALE, leaves_at, still_so
from registry.people.models import Person

log = structlog.get_logger("worker")

KIND = "notices"


def tell_all_due(*, now: datetime) -> None:
    """Duty of the worker: make the mails whose quarter-hour is over, each in a transaction. One
    that fails keeps nobody else's back; where the database is away the round ends."""
    with only_reading():
        readers = readers_due(now)
    for reader_id in readers:
        try:
            with atomic():
                reader = db.session.get(Person, reader_id)
                if reader is not None:
                    tell(reader, now=now)
        except OperationalError:
            raise
        except Exception as error:
            log.error("notices_failed", reader=reader_id, **fault(error))


def tell(reader: Person, *, now: datetime) -> Message | None:
    """Make the reader's mail of all notices that wait and still hold; None where it is not time
    yet, another worker is at it, or nothing holds any more (no empty mail is sent)."""
    notices = take_waiting(told_through(reader, now), now)
    if not notices:
        return None
    persons = {reader.id: reader} | {
        each: _person(each) for each in {notice.person_id for notice in notices}}
    choices = choices_of(persons.values())
    leaves = leaves_at(notices[0].at, choices[reader.id].rhythm, company_calendar())
    if leaves > now:
        for notice in notices:
            notice.due_at = leaves
        db.session.flush()
        return None
    subjects = subjects_of(notices)
    told = [notice for notice in notices
            if _is_told(notice, reader, persons[notice.person_id],
                        choices[notice.person_id], subjects, now)]
    message = _mail(reader, persons, told, subjects, now)
    _settle(notices, told, message, now)
    return message


def _person(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    assert person is not None
    return person


def _is_told(notice: Notice, reader: Person, person: Person, choices: Choices,
             subjects: Subjects, now: datetime) -> bool:
    if not (person.is_active and reader.is_active and reader.email):
        return False
    if notice.kind not in choices.wanted or notice.by_id == reader.id:
        return False
    first_told = leaves_at(notice.at, choices.rhythm, company_calendar())
    if notice.kind in NEWS and now - first_told > STALE:
        return False
    return still_so(notice, subjects.tickets[notice.ticket_id], subjects.act_of(notice),
                    offer_was_told=subjects.offer_was_told(notice), now=now)


def _mail(reader: Person, persons: dict[int, Person], told: Sequence[Notice],
          subjects: Subjects, now: datetime) -> Message | None:
    """Queue the mail. A thing that reaches the reader twice, for themselves and for somebody
    absent, is said once."""
    said: dict[tuple[Kind, int, int | None], News] = {}
    for notice in sorted(told, key=lambda each: each.person_id != reader.id):
        absent = persons[notice.person_id].name if notice.person_id != reader.id else ""
        said.setdefault((notice.kind, notice.ticket_id, notice.act_seq), News(
            notice, subjects.tickets[notice.ticket_id], subjects.act_of(notice), absent))
    if not said:
        return None
    mail = notices_mail(list(said.values()), reader.language)
    message = queue_message(KIND, f"{KIND}:{reader.id}:{told[0].key}", to=reader.email,
                            subject=mail.subject, text=mail.text, html=mail.html,
                            language=reader.language, now=now)
    db.session.flush()
    return message


def _settle(notices: Sequence[Notice], told: Sequence[Notice], message: Message | None,
            now: datetime) -> None:
    with_mail = {notice.key for notice in told}
    for notice in notices:
        if notice.key in with_mail and message is not None:
            notice.told_at, notice.message_id = now, message.id
        else:
            notice.left_out_at = now
    db.session.flush()
