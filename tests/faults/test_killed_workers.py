"""Workers killed by SIGKILL at moments that chance draws, in the midst of checkpoints, morning
reports and mails: a hundred times on each database.

A report is made once and reaches each reader once, whoever died over it.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from registry.clients.models import Client
from registry.core.calendar import company_calendar
from registry.core.db import atomic, db, only_reading
from registry.core.models import Message, MessageState
from registry.ledger.models import LedgerCheckpoint, LedgerPending
from registry.people.models import Person
from registry.reports.models import DailyReport, DailyReportCopy
from registry.tickets.service import Problem, log_ticket
from tests.factories import NOW
from tests.faults.conftest import Zygote, assert_whole
from tests.faults.test_killed_web import BY_FORMS, BY_PROGRAMS
from tests.ground.mail import MailServer

REPORTS, CHECKPOINTS = 45, 55
KILLED, KEPT, LOST = True, True, False
READERS = 3
POINTS = 120  # statements and commits of a round, about


def working_days(app: Flask, count: int) -> list[datetime]:
    """Nine in the morning of so many working days."""
    with app.app_context(), only_reading():
        calendar = company_calendar()
        day, found = NOW.date(), []
        while len(found) < count:
            day = calendar.next_working_day(day)
            found.append(calendar.at(day, 9 * 60))
    return found


def a_new_ticket(app: Flask, now: datetime) -> None:
    """Something for the checkpoint to cover."""
    with app.app_context(), atomic():
        visitor = db.session.scalars(select(Person).where(Person.name == "Anna Kim")).one()
        client = db.session.scalars(select(Client)).one()
        log_ticket(Problem(client, "Slow line"), by=visitor, now=now)


def test_two_hundred_are_killed_on_each_database() -> None:
    """In the midst of what they did; each of the tests goes on until it has killed its share."""
    assert BY_FORMS + BY_PROGRAMS + REPORTS + CHECKPOINTS >= 200


def test_morning_reports_whose_workers_are_killed(
    company: Flask, zygote: Zygote, smtp_server: MailServer, drawn: random.Random
) -> None:
    mornings = iter(working_days(company, 2 + 2 * REPORTS))
    zygote("round", next(mornings))
    longest = zygote("round", next(mornings))["seconds"]
    days, killed, in_hand = 2, 0, 0
    while killed < REPORTS:
        morning, days = next(mornings), days + 1
        a_new_ticket(company, morning - timedelta(hours=12))
        if days % 2:
            ended = zygote("round", morning, after=drawn.uniform(0, 1.1 * longest))
        else:
            ended = zygote("round", morning, point=drawn.randint(1, POINTS))
        killed += ended["killed"]
        in_hand += mails_in_hand(company)
        # Later than the claim of a mail that the killed one had in hand.
        assert zygote("round", morning + timedelta(minutes=10))["status"] == 0
        reported_once(company, days)
    arrived_once(smtp_server, days, in_hand)
    witness = next(mail for mail in smtp_server.messages if "daily-report" in mail["List-Id"])
    assert_whole(company, against=witness.as_bytes())


def mails_in_hand(app: Flask) -> int:
    """Whether the worker died over a mail: then nobody knows whether the server took it."""
    with app.app_context(), only_reading():
        claimed = select(func.count()).select_from(Message).where(
            Message.state == MessageState.WAITING, Message.claimed_until.is_not(None))
        return db.session.scalar(claimed) or 0


def reported_once(app: Flask, days: int) -> None:
    """One report for each day, sent once to each reader, and nothing is left waiting."""
    with app.app_context(), only_reading():
        assert db.session.scalar(select(func.count()).select_from(DailyReport)) == days
        copies = select(func.count()).select_from(DailyReportCopy)
        assert db.session.scalar(copies) == days * READERS
        waiting = select(Message.kind).where(Message.state != MessageState.SENT)
        assert db.session.scalars(waiting).all() == []


def arrived_once(server: MailServer, days: int, in_hand: int) -> None:
    """Each reader has each day's mail. One over which a worker died comes again, and no other,
    under the same Message-ID, by which a mailbox knows it."""
    came = [(mail["To"], mail["Message-ID"]) for mail in server.messages
            if "daily-report" in mail["List-Id"]]
    assert len(set(came)) == days * READERS
    assert set(Counter(to for to, _ in set(came)).values()) == {days}
    assert len(came) - len(set(came)) <= in_hand


def test_checkpoints_whose_makers_are_killed(
    company: Flask, zygote: Zygote, drawn: random.Random
) -> None:
    outcomes: Counter[tuple[bool, bool]] = Counter()
    a_new_ticket(company, NOW)
    zygote("checkpoint", NOW)  # this one makes the key too
    a_new_ticket(company, NOW)
    longest, made = zygote("checkpoint", NOW)["seconds"], 2
    for minute in range(1, 3 * CHECKPOINTS):
        now = NOW + timedelta(minutes=minute)
        a_new_ticket(company, now)
        ended = zygote("checkpoint", now, after=drawn.uniform(0, 1.1 * longest))
        before = made
        with company.app_context(), only_reading():
            made = db.session.query(LedgerCheckpoint).count()
            pending = db.session.query(LedgerPending).count()
            assert (made - before, bool(pending)) in ((0, True), (1, False))
        outcomes[ended["killed"], made > before] += 1
        if outcomes[KILLED, KEPT] + outcomes[KILLED, LOST] == CHECKPOINTS:
            break
    assert outcomes[KILLED, KEPT] + outcomes[KILLED, LOST] == CHECKPOINTS, outcomes
    assert zygote("checkpoint", now)["status"] == 0
    assert outcomes[KILLED, LOST] > 3, outcomes
    assert made > 2, outcomes
    assert_whole(company)
