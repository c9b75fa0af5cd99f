"""Checks of what goes on: who looks after it, does the work get done, can it be brought back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.admin.backups import MARKER
from registry.admin.doctor.findings import Finding, Installation, look, unsafe
from registry.admin.queues import queues, workers_seen
from registry.config import is_loopback
from registry.core.db import db
from registry.core.words import N_
from registry.ledger.checkpoints import latest_checkpoint
from registry.ledger.keys import FILE_NAME, PUBLIC_NAME, verifier_of
from registry.ledger.models import LedgerEntry, LedgerPending
from registry.ledger.note import Note, NoteError, Verifier
from registry.people.demo import DEMO_LOGINS, DEMO_PASSWORD
from registry.people.models import Person, PersonRole, Role, SignInAttempt
from registry.people.passwords import matches
from registry.reports.service import readers

YOUNG = timedelta(days=7)
BACKUP_OLD = timedelta(days=2)
CHECKPOINT_OLD = timedelta(days=4)  # over a weekend with a free day at each end
MANY = 20


def somebody_looks_after_it(_where: Installation) -> Iterator[Finding]:
    """Two administrators at least, so that one may be ill."""
    query = (select(func.count()).select_from(PersonRole).join(
        Person, Person.id == PersonRole.person_id).where(
        PersonRole.role == Role.ADMINISTRATOR, Person.is_active))
    count = _session().scalar(query)
    if not count:
        yield unsafe("no_administrator", N_(
            "There is no administrator: ./countersign person roles LOGIN --role administrator"))
    elif count == 1:
        yield look("one_administrator", N_("There is only one administrator: name a second, who "
                                           "knows the passwords' safe too."))


def reports_are_read(_where: Installation) -> Iterator[Finding]:
    """The morning report reaches somebody: their mailboxes are the ledger's witness."""
    reading = readers()
    without = [person.login for person in reading if not person.email]
    if not any(person.email for person in reading):
        yield look("no_readers", N_(
            "Nobody gets the morning report, so no checkpoint leaves the house: give a commercial "
            "director, a head of sales or a programme lead a mail address."))
    elif without:
        yield look("reader_without_mail", N_("These should get the morning report and have no mail "
                                             "address: %(logins)s"), logins=", ".join(without))


def no_demo_accounts(where: Installation) -> Iterator[Finding]:
    """Nobody gets in with the password that stands in the source."""
    if where.settings.demo and where.settings.is_for_this_machine:
        return
    query = select(Person).where(Person.login.in_(DEMO_LOGINS.values()), Person.is_active)
    open_ones = [person.login for person in _session().scalars(query)
                 if matches(person.password_hash, DEMO_PASSWORD)]
    if open_ones:
        yield unsafe("demo_accounts", N_(
            "These have the demo's password, which everybody knows: %(logins)s. Give each another: "
            "./countersign person password LOGIN"), logins=", ".join(open_ones))


def addresses_are_told_apart(where: Installation) -> Iterator[Finding]:
    """People do not all seem to come from this machine, as behind a proxy that is not declared."""
    if where.settings.is_for_this_machine:
        return
    last = _session().scalars(
        select(SignInAttempt.address).order_by(SignInAttempt.id.desc()).limit(MANY)).all()
    if len(last) == MANY and all(is_loopback(each) for each in last):
        yield unsafe("one_address", N_(
            "The last %(count)d attempts to sign in all seem to come from this machine: a server "
            "stands before the product. Set COUNTERSIGN_PROXIES, or forty wrong passwords lock "
            "everybody out."), count=MANY)


def work_gets_done(where: Installation) -> Iterator[Finding]:
    """A worker runs, and nothing waits too long or was given up."""
    if not workers_seen(where.now):
        yield look("no_worker", N_("No worker was seen for a minute, so no mail and no report "
                                   "leaves: start ./countersign worker."))
    for queue in queues(where.now):
        if queue.is_late(where.now) and (queue.name != "mail" or where.settings.smtp_url):
            yield look("queue_late", N_(
                "%(count)d of the queue “%(queue)s” are due, the oldest for %(minutes)d minutes: "
                "look at Settings → Mail, Jobs and Webhooks."), count=queue.due, queue=queue.name,
                minutes=int(queue.age(where.now) // 60))
        if queue.given_up:
            yield look("queue_given_up", N_(
                "%(count)d of the queue “%(queue)s” failed too often and wait for you: look at "
                "Settings → Mail, Jobs and Webhooks."), count=queue.given_up, queue=queue.name)


def checkpoints_are_made(where: Installation) -> Iterator[Finding]:
    """The ledger is signed as it grows, by a key that is there."""
    last = latest_checkpoint()
    if last is not None and not (where.settings.data_dir / FILE_NAME).exists():
        yield unsafe("ledger_key_lost", N_(
            "The ledger was signed with a key that is not in %(folder)s: bring %(name)s back from "
            "where you keep it. Where it is lost for ever: ./countersign key lost."),
            folder=where.settings.data_dir, name=FILE_NAME)
    elif last is not None and not _is_signed_by(last.note, verifier_of(where.settings)):
        yield unsafe("ledger_key_other", N_(
            "The key in %(folder)s is not the one that signed the last checkpoint. If a rotation "
            "was broken off: ./countersign key rotate. If the right key is lost: ./countersign "
            "key lost."), folder=where.settings.data_dir)
    waiting = _session().scalar(select(func.count()).select_from(LedgerPending))
    since = last.at if last is not None else _begun_at()
    if waiting and since is not None and where.now - since > CHECKPOINT_OLD:
        yield look("checkpoint_old", N_(
            "%(count)d entries are covered by no checkpoint, the last is of %(at)s: look why the "
            "morning report is not made."), count=waiting, at=f"{since:%Y-%m-%d}")


def _is_signed_by(note: str, verifier: Verifier | None) -> bool:
    """Whether the key signed the note; damage is for ``verify`` to find."""
    try:
        return verifier is not None and verifier.has_signed(Note.parse(note))
    except NoteError:
        return True


def backups_are_taken(where: Installation) -> Iterator[Finding]:
    """There is a backup of the last days."""
    begun, taken = _begun_at(), backup_taken_at(where.settings.data_dir / MARKER)
    age = where.now - taken if taken else where.now - begun if begun else timedelta()
    if age > YOUNG:
        yield unsafe("no_backup", N_(
            "No backup was taken for %(days)d days: ./countersign backup FILE, every night."),
            days=age.days)
    elif taken is not None and age > BACKUP_OLD:
        yield look("backup_old", N_("The last backup is %(days)d days old: ./countersign backup "
                                    "FILE, every night."), days=age.days)


def name_of_the_key(where: Installation) -> Iterator[Finding]:
    """The ledger's key has the name by which people know the product. Where there was one, and it
    is lost, none is to come."""
    was_there = any((where.settings.data_dir / name).exists() for name in (FILE_NAME, PUBLIC_NAME))
    if not was_there and not where.settings.is_for_this_machine:
        yield look("key_to_come", N_(
            "The ledger's key is made at the first checkpoint and keeps the name %(name)s for "
            "ever: see that COUNTERSIGN_BASE_URL is right before that."),
            name=urlsplit(where.settings.base_url).netloc)


def backup_taken_at(marker: Path) -> datetime | None:
    """When the last backup was taken, as it noted itself; None where it did not."""
    try:
        at = datetime.fromisoformat(json.loads(marker.read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return at if at.tzinfo is not None else None


def _begun_at() -> datetime | None:
    """When the registry took its first ticket; entries that were brought in may be older."""
    return _session().scalar(select(func.min(LedgerEntry.at)).where(
        LedgerEntry.kind == "logged"))


def _session() -> Session:
    return db.session  # type: ignore[return-value]
