"""Checks of the database: does it keep what it was given, is it the program's, is it guarded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text

from registry.admin.doctor.findings import Finding, Installation, look, unsafe
from registry.core.db import db
from registry.core.revision import fit
from registry.core.words import N_
from registry.ledger.models import LedgerEntry
from registry.ledger.triggers import expected_triggers, standing

SKEW, TOO_MUCH = timedelta(seconds=2), timedelta(seconds=30)
SQLITE = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
POSTGRESQL = {"fsync": {"on"}, "full_page_writes": {"on"},
              "synchronous_commit": {"on", "local", "remote_write", "remote_apply"}}


def revision_fits(_where: Installation) -> Iterator[Finding]:
    """The database is at the program's revision."""
    found = fit()
    if found:
        return
    if found.is_known:
        yield unsafe("database_older", N_(
            "The database is at revision %(database)s and the program at %(program)s: stop "
            "everything, take a backup, run ./countersign up."),
            database=found.database or "—", program=found.program)
    else:
        yield unsafe("program_older", N_(
            "The database is at revision %(database)s, which this program does not know: start the "
            "newest checkout."), database=found.database)


def keeps_what_it_took(_where: Installation) -> Iterator[Finding]:
    """What was committed outlives a power cut."""
    if _dialect() == "sqlite":
        for name, wanted in SQLITE.items():
            there = str(db.session.execute(text(f"PRAGMA {name}")).scalar_one())
            if there != wanted:
                yield unsafe("sqlite_switch", N_(
                    "SQLite's %(name)s is %(there)s and should be %(wanted)s: look whether the "
                    "disk allows it, and whether another program changed it."),
                    name=name, there=there, wanted=wanted)
        return
    for name, safe in POSTGRESQL.items():
        there = str(db.session.execute(text(f"SHOW {name}")).scalar_one())
        if there not in safe:
            yield unsafe("postgresql_switch", N_(
                "PostgreSQL's %(name)s is %(there)s, so a power cut can take signed acts away: set "
                "it to on in postgresql.conf."), name=name, there=there)


def guards_stand(_where: Installation) -> Iterator[Finding]:
    """The triggers that keep the ledger from being changed."""
    there = standing(db.session.connection())
    missing = sorted(expected_triggers(_dialect()).keys() - there.keys())
    if missing:
        yield unsafe("triggers_missing", N_(
            "Triggers that guard the ledger are missing: %(names)s. Somebody took them away: run "
            "./countersign verify before anything else."), names=", ".join(missing))


def clocks_agree(where: Installation) -> Iterator[Finding]:
    """This machine's clock and the database's, and neither behind the newest entry."""
    if _dialect() == "postgresql":
        theirs = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
        skew = abs(theirs - datetime.now(UTC))
        if skew > SKEW:
            found = unsafe if skew > TOO_MUCH else look
            yield found("clock_skew", N_(
                "The clocks of this machine and of the database differ by %(seconds)d s: let both "
                "keep time by NTP."), seconds=round(skew.total_seconds()))
    newest = db.session.scalar(select(func.max(LedgerEntry.at)).where(
        LedgerEntry.at > where.now + TOO_MUCH))
    if newest is not None:
        yield unsafe("entry_ahead", N_(
            "The ledger has an entry of %(at)s, which is still to come: this clock or another "
            "node's is wrong. Let all keep time by NTP."), at=f"{newest:%Y-%m-%d %H:%M} UTC")


def _dialect() -> str:
    return db.session.connection().dialect.name
