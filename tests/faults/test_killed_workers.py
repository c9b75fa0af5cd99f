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
from tests.ground.mail import MailServer

REPORTS, CHECKPOINTS = 45, 55
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


def test_morning_reports_whose_workers_are_killed(
    company: Flask, zygote: Zygote, smtp_server: MailServer, drawn: random.Random
) -> None:
    mornings = working_days(company, REPORTS + 2)
    zygote("round", mornings[0])
    longest = zygote("round", mornings[1])["seconds"]
    killed = 0
    for number, morning in enumerate(mornings[2:], start=2):
        a_new_ticket(company, morning - timedelta(hours=12))
        if number % 2:
            ended = zygote("round", morning, after=drawn.uniform(0, 1.1 * longest))
        else:
            ended = zygote("round", morning, point=drawn.randint(1, POINTS))
        killed += ended["killed"]
        # Later than the claim of a mail that the killed one had in hand.
        assert zygote("round", morning + timedelta(minutes=10))["status"] == 0
        reported_once(company, number + 1)
    assert killed > REPORTS // 2
    arrived_once(smtp_server, len(mornings))
    witness = next(mail for mail in smtp_server.messages if "daily-report" in mail["List-Id"])
    assert_whole(company, against=witness.as_bytes())


def reported_once(app: Flask, days: int) -> None:
    """One report for each day, sent once to each reader, and nothing is left waiting."""
    with app.app_context(), only_reading():
        assert db.session.scalar(select(func.count()).select_from(DailyReport)) == days
        copies = select(func.count()).select_from(DailyReportCopy)
        assert db.session.scalar(copies) == days * READERS
        waiting = select(Message.kind).where(Message.state != MessageState.SENT)
        assert db.session.scalars(waiting).all() == []


def arrived_once(server: MailServer, days: int) -> None:
    """Each reader has each day's mail. One that the server took in the very moment in which the
    worker died comes again under the same Message-ID, by which a mailbox knows it."""
    mails = {(mail["To"], mail["Message-ID"]) for mail in server.messages
             if "daily-report" in mail["List-Id"]}
    assert len(mails) == days * READERS
    assert set(Counter(to for to, _ in mails).values()) == {days}


def test_checkpoints_whose_makers_are_killed(
    company: Flask, zygote: Zygote, drawn: random.Random
) -> None:
    outcomes: Counter[tuple[bool, bool]] = Counter()
    a_new_ticket(company, NOW)
    zygote("checkpoint", NOW)  # this one makes the key too
    a_new_ticket(company, NOW)
    longest, made = zygote("checkpoint", NOW)["seconds"], 2
    for number in range(CHECKPOINTS):
        now = NOW + timedelta(minutes=number + 1)
        a_new_ticket(company, now)
        ended = zygote("checkpoint", now, after=drawn.uniform(0, 1.3 * longest))
        before = made
        with company.app_context(), only_reading():
            made = db.session.query(LedgerCheckpoint).count()
            pending = db.session.query(LedgerPending).count()
            assert (made - before, bool(pending)) in ((0, True), (1, False))
        outcomes[ended["killed"], made > before] += 1
    assert zygote("checkpoint", now)["status"] == 0
    assert outcomes[True, False] > 3, outcomes
    assert made > 2, outcomes
    assert_whole(company)
