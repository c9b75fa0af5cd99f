"""What the report may say of the ledger: how many entries, what the last whole check found, and
the checkpoint that goes out with it.

A whole check reads everything, so it runs once a night outside the report (``check_ledger``); the
report names its hour and never says "all verify" of entries that nobody has verified.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from registry.config import SettingError, clock
from registry.core.calendar import company_calendar
from registry.core.db import atomic, db, only_reading
from registry.core.errors import Reason, Refused
from registry.core.settings import current_settings
from registry.core.words import N_
from registry.ledger.checkpoints import entries_held, latest_checkpoint, make_checkpoint
from registry.ledger.entries import content_of
from registry.ledger.findings import Verdict
from registry.ledger.keyring import CHAIN, REPLACED
from registry.ledger.keys import signer_of, verifier_of
from registry.ledger.models import LedgerCheckpoint, LedgerEntry
from registry.ledger.stored import snapshot
from registry.ledger.verify import verify
from registry.reports.alarm import raise_alarm
from registry.reports.models import DailyReport, LedgerCheck

CHECK_AT = clock("03:00")
# A check that has not ended by then was stopped with its worker; the next worker begins anew.
LONGEST_CHECK = timedelta(hours=1)
FIRST_FINDINGS = 3


def check_ledger(*, now: datetime) -> None:
    """The duty of every night: verify the whole ledger, by one of the workers."""
    if not _begin(now):
        return
    settings = current_settings()
    with snapshot():
        verdict = verify(verifier=verifier_of(settings))
    with atomic():
        _write_down(verdict, now)


def _begin(now: datetime) -> bool:
    """Whether the night's check is due and this worker is the one that runs it."""
    with only_reading():
        calendar = company_calendar()
        today = calendar.local(now).date()
        if calendar.at(today, CHECK_AT) > now or _is_taken(db.session.get(LedgerCheck, today), now):
            return False
    try:
        with atomic():
            check = db.session.get(LedgerCheck, today, with_for_update=True)
            if _is_taken(check, now):
                return False
            db.session.merge(LedgerCheck(day=today, began_at=now))
    except IntegrityError:
        return False  # another worker began it at the same moment
    return True


def _is_taken(check: LedgerCheck | None, now: datetime) -> bool:
    return check is not None and (check.ended_at is not None
                                  or check.began_at > now - LONGEST_CHECK)


def _write_down(verdict: Verdict, now: datetime) -> None:
    check = db.session.get_one(LedgerCheck, company_calendar().local(now).date())
    check.ended_at, check.entries = now, verdict.entries
    check.findings = len(verdict.findings) + verdict.omitted
    check.first_findings = [
        {"chain": each.chain, "seq": each.seq, "text": each.text,
         "params": {name: str(value) for name, value in each.params.items()}}
        for each in verdict.findings[:FIRST_FINDINGS]]
    if check.findings:
        raise_alarm(check, now=now)


def ledger_state(*, now: datetime) -> tuple[dict[str, Any], str]:
    """What the report says of the ledger, and the note of the checkpoint that is attached.

    Makes the checkpoint. Where that is refused the report goes out all the same and says why.
    """
    problem: Reason | None = None
    try:
        with db.session.begin_nested():
            checkpoint = _checkpoint(now)
    except Refused as error:
        checkpoint, problem = None, error.reasons[0]
    except SettingError:
        checkpoint, problem = None, Reason("no_key", N_(
            "The key by which the ledger is signed cannot be read."))
    state = _state(checkpoint, problem) | {"keys": _new_keys()}
    return state, checkpoint.note if checkpoint else ""


def ledger_as_known() -> dict[str, Any]:
    """The same without making a checkpoint: for looking at a day that no report was made on."""
    return _state(latest_checkpoint(), None)


def _state(checkpoint: LedgerCheckpoint | None, problem: Reason | None) -> dict[str, Any]:
    check = last_check()
    return {
        "entries": entries_held(checkpoint or latest_checkpoint()),
        "check": {"at": check.began_at.isoformat(), "entries": check.entries,
                  "findings": check.findings, "first": check.first_findings} if check else None,
        "size": checkpoint.size if checkpoint else None,
        "problem": {"text": problem.text, "params": dict(problem.params)} if problem else None,
    }


def _new_keys() -> list[dict[str, str]]:
    """By which keys the ledger is signed since the last report was made, and why: for whoever has
    noted the old one. Each is told in one report, the first after it."""
    told = db.session.scalar(select(func.max(DailyReport.made_at)))
    query = select(LedgerEntry).where(LedgerEntry.chain == CHAIN, LedgerEntry.kind == REPLACED)
    if told is not None:
        query = query.where(LedgerEntry.at > told)
    found = []
    for entry in db.session.scalars(query.order_by(LedgerEntry.seq)):
        said = content_of(entry)
        found.append({"at": entry.at.isoformat(), "why": said["why"], "key": said["new"]})
    return found


def _checkpoint(now: datetime) -> LedgerCheckpoint | None:
    signer = signer_of(current_settings())
    return make_checkpoint(now=now, signer=signer) or latest_checkpoint()


def last_check() -> LedgerCheck | None:
    """The last whole check that came to its end; None where there was none yet."""
    query = (select(LedgerCheck).where(LedgerCheck.ended_at.is_not(None))
             .order_by(LedgerCheck.day.desc()).limit(1))
    return db.session.scalars(query).first()
