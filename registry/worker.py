"""The worker: does what is due. Any number of them may run, on any machine.

A round looks after the duties of the calendar, then does jobs and sends mails one at a time, each
in transactions of its own, so that one that fails or hangs holds up no other. What a job does and
what becomes of a mail is decided in core/jobs.py and core/delivery.py; here is only the order.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import Select, delete, select
from sqlalchemy.exc import OperationalError

from registry.config import Settings
from registry.core import delivery, jobs, senders
from registry.core.db import atomic, db, only_reading
from registry.core.logs import fault
from registry.core.mail import build
from registry.core.models import Job, Message, WorkerBeat
from registry.core.outage import outage
from registry.core.revision import Fit, fit, program_revision
from registry.core.smtp import Connection, MailRefused, ServerAddress, ServerAway, ServerHung
from registry.core.times import utc_now

log = structlog.get_logger("worker")

PAUSE = 2.0  # seconds between two rounds
# A round works with one moment and ends early enough for its claims to be still good.
LONGEST_ROUND = 60.0
BEAT = timedelta(seconds=10)
FORGOTTEN = timedelta(days=30)
# How long one worker leaves a server alone that is away: the longer, the longer it has been.
RESTS = tuple(timedelta(seconds=each) for each in (5, 15, 60, 300))
MOST_HUNG = 2  # mails in a row; then it is the server and not the mail


@dataclass
class Round:
    """What one round did."""

    jobs_done: int = 0
    jobs_failed: int = 0
    sent: int = 0
    failed: int = 0
    put_off: int = 0
    posted: int = 0

    def __bool__(self) -> bool:
        return self != Round()


def run_due(now: datetime) -> Round:
    """Do once what is due, as a worker that starts now; for commands and tests."""
    return Worker("once").run_due(now)


def worker_name() -> str:
    """The machine, the process and when it began: no two workers share it."""
    return f"{socket.gethostname()}:{os.getpid()}:{int(time.time())}"


class Worker:
    """One worker. Needs an application context for each round (see ``run_for_ever``)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stopping = threading.Event()
        self._beaten_at: datetime | None = None
        self._away_until: datetime | None = None
        self._times_away = 0
        self._hung = 0
        self._unfit: Fit | None = None
        self._is_fit = False

    def stop(self, *_signal: object) -> None:
        """End after the row in hand."""
        self.stopping.set()

    def run_for_ever(self, app: Flask) -> None:
        """Round after round until ``stop``; a database that is away or of another revision is
        waited for."""
        log.info("started", worker=self.name, revision=program_revision())
        with senders.beside(app, self.stopping, lambda: self._is_fit):
            while not self.stopping.is_set():
                try:
                    with app.app_context():
                        self._is_fit = self._fits()
                        done = self._round(utc_now()) if self._is_fit else None
                    if done:
                        log.info("round", **vars(done))
                except Exception as error:
                    self._tell_of(error)
                self.stopping.wait(PAUSE)
        log.info("ended", worker=self.name)

    def run_due(self, now: datetime) -> Round:
        """One round at ``now``, and what the senders send; for ever they run beside it."""
        done = self._round(now)
        done.posted = senders.send_due(now, lambda: not self.stopping.is_set())
        return done

    def _round(self, now: datetime) -> Round:
        self._duties(now)
        self._beat(now)
        done, ends = Round(), time.monotonic() + LONGEST_ROUND
        self._jobs(done, now, ends)
        self._mails(done, now, ends)
        return done

    @staticmethod
    def _tell_of(error: Exception) -> None:
        """A round that failed is no end: the next one may find everything well."""
        found = outage(error)
        if found is None:
            log.error("round_failed", **fault(error))
        else:
            log.warning(found.reasons[0].code, error=type(error).__name__)

    def _fits(self) -> bool:
        """Whether the database is of our revision; where not, said once for each revision that is
        found in its place."""
        with only_reading():
            found = fit()
        if found and self._unfit is not None:
            log.info("revision_fits", revision=found.program)
        elif not found and found != self._unfit:
            log.warning("revision_differs", database=found.database, program=found.program,
                        remedy=found.remedy)
        self._unfit = None if found else found
        return bool(found)

    def _goes_on(self, ends: float) -> bool:
        return not self.stopping.is_set() and time.monotonic() < ends

    def _beat(self, now: datetime) -> None:
        """Be seen, so that a late report can say since when no worker ran."""
        if self._beaten_at is not None and now - self._beaten_at < BEAT:
            return
        with atomic():
            if self._beaten_at is None:
                db.session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < now - FORGOTTEN))
            db.session.merge(WorkerBeat(name=self.name, seen_at=now))
        self._beaten_at = now

    def _duties(self, now: datetime) -> None:
        for name, duty in jobs.DUTIES.items():
            try:
                duty(now=now)
            except OperationalError:
                raise
            except Exception as error:
                db.session.rollback()
                log.error("duty_failed", duty=name, **fault(error))

    def _jobs(self, done: Round, now: datetime, ends: float) -> None:
        if not _any(select(Job.id).where(jobs.is_due(now))):
            return
        while self._goes_on(ends):
            outcome = self._one_job(now)
            if outcome is None:
                return
            done.jobs_done += outcome
            done.jobs_failed += not outcome

    def _one_job(self, now: datetime) -> bool | None:
        """Whether the next due job was done; None where nothing is due."""
        job_id = None
        try:
            with atomic():
                job = jobs.claim_job(now)
                if job is None:
                    return None
                job_id, kind = job.id, job.kind
                jobs.do_job(job, now=now)
        except Exception as error:
            if job_id is None:
                raise
            log.error("job_failed", job=job_id, kind=kind, **fault(error))
            with atomic():
                jobs.job_failed(job_id, f"{type(error).__name__}: {error}", now=now)
            return False
        return True

    def _mails(self, done: Round, now: datetime, ends: float) -> None:
        settings: Settings = current_app.config["SETTINGS"]
        resting = self._away_until is not None and now < self._away_until
        if (not settings.smtp_url or resting
                or not _any(select(Message.id).where(delivery.is_due(now)))):
            return
        self._hung = 0
        with Connection(ServerAddress.from_url(settings.smtp_url)) as line:
            while self._goes_on(ends) and self._one_mail(line, settings, done, now):
                pass

    def _one_mail(self, line: Connection, settings: Settings, done: Round, now: datetime) -> bool:
        """Whether to go on with the next mail: not where none is due or the server is away."""
        with atomic():
            mail = delivery.claim_mail(now)
        if mail is None:
            return False
        try:
            answer = line.send(_built(mail, settings, now), mail.recipient)
        except MailRefused as error:
            self._hung = 0
            self._failed(mail, error, done, now)
            return True
        except (ServerAway, ServerHung) as error:
            self._hung += 1
            if isinstance(error, ServerHung) and self._hung < MOST_HUNG:
                self._failed(mail, error, done, now)
                return True
            self._put_off(mail, error, done, now)
            return False
        self._hung = 0
        self._sent(mail, answer, done, now)
        return True

    def _sent(self, mail: delivery.Mail, answer: str, done: Round, now: datetime) -> None:
        with atomic():
            delivery.mail_sent(mail, answer, now=now)
        self._away_until, self._times_away = None, 0
        done.sent += 1

    def _failed(self, mail: delivery.Mail, error: Exception, done: Round, now: datetime) -> None:
        with atomic():
            delivery.mail_failed(mail, str(error), now=now)
        log.warning("mail_refused", message=mail.id, kind=mail.kind)
        done.failed += 1

    def _put_off(self, mail: delivery.Mail, error: Exception, done: Round, now: datetime) -> None:
        """The server is away: nobody else's mail is tried before it has rested."""
        with atomic():
            delivery.mail_put_off(mail, str(error), now=now)
        rest = RESTS[min(self._times_away, len(RESTS) - 1)]
        self._away_until, self._times_away = now + rest, self._times_away + 1
        log.warning("mail_server_away", rest=rest.total_seconds())
        done.put_off += 1


def _built(mail: delivery.Mail, settings: Settings, now: datetime) -> EmailMessage:
    """The mail as it leaves; a row that makes no mail is refused like a wrong address."""
    try:
        return build(mail, settings, now=now)
    except (ValueError, LookupError, TypeError) as error:
        raise MailRefused(f"{type(error).__name__}: {error}") from error


def _any(query: Select[Any]) -> bool:
    """Whether the query finds a row; asked without the write lock, for most rounds find none."""
    with only_reading():
        return db.session.scalar(query.limit(1)) is not None
