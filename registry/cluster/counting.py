"""What stands in the registry against what was acknowledged.

Every acknowledged act must have its entry (else it is lost) and no act two (else it is doubled);
each ticket must be in the hands that took it last; each report must have been made once and have
reached each reader once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select

from registry.cluster.mailbox import Taken
from registry.core.db import db, only_reading
from registry.ledger.models import LedgerEntry
from registry.people.models import Person
from registry.reports.models import DailyReport, DailyReportCopy
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket

# What an act leaves in the ticket's chain, once.
ENTRY_OF = {"log": "logged", "offer": "handoff_offered", "accept": "handoff_accepted",
            "move": "moved"}


@dataclass(frozen=True)
class Counts:
    """The figures of the registry."""

    lost: int
    doubled: int
    in_no_hands: int
    offered_twice: int


def counted(app: Flask, acts: Mapping[int, Sequence[str]]) -> Counts:
    """Count the registry against the acts that were acknowledged, by ticket."""
    with app.app_context(), only_reading():
        found = _entries()
        homeless = db.session.scalar(select(func.count()).select_from(Ticket).where(
            Ticket.holder_id.is_(None)))
        twice = len(db.session.scalars(
            select(Handoff.ticket_id).where(Handoff.state == HandoffState.OFFERED)
            .group_by(Handoff.ticket_id).having(func.count() > 1)).all())
        db.engine.dispose()
    told = {f"ticket:{number}": Counter(ENTRY_OF[kind] for kind in kinds)
            for number, kinds in acts.items()}
    lost, doubled = compared(told, found)
    return Counts(lost, doubled, homeless or 0, twice)


def compared(told: Mapping[str, Counter[str]], found: Mapping[str, Counter[str]]
             ) -> tuple[int, int]:
    """How many acknowledged acts have no entry, and how many entries nobody asked for."""
    lost = sum((told[chain] - found.get(chain, Counter())).total() for chain in told)
    doubled = sum((found[chain] - told.get(chain, Counter())).total() for chain in found)
    return lost, doubled


def _entries() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    rows = db.session.execute(select(LedgerEntry.chain, LedgerEntry.kind, func.count()).where(
        LedgerEntry.chain.like("ticket:%"), LedgerEntry.kind.in_(ENTRY_OF.values()))
        .group_by(LedgerEntry.chain, LedgerEntry.kind))
    for chain, kind, count in rows:
        found.setdefault(chain, Counter())[kind] = count
    return found


@dataclass(frozen=True)
class Post:
    """What became of the reports: those made, the copies owed to readers, and the mails that came.

    ``repeated`` are mails that came again under their own Message-ID: the server took one and the
    worker could not note it any more. Mail programs show such a one once.
    """

    reports: int
    owed: int
    missing: int
    doubled: int
    repeated: int


def post_of(app: Flask, taken: Iterable[Taken]) -> Post:
    """Count what the readers' mailboxes hold against the copies that the registry owes."""
    with app.app_context(), only_reading():
        reports = db.session.scalar(select(func.count()).select_from(DailyReport)) or 0
        owed = Counter(db.session.scalars(select(Person.email).join(
            DailyReportCopy, DailyReportCopy.person_id == Person.id)).all())
        db.engine.dispose()
    return weighed(reports, owed, taken)


def weighed(reports: int, owed: Counter[str], taken: Iterable[Taken]) -> Post:
    """The post, from the copies owed to each address and the mails that came."""
    to_readers = [(mail.recipient, mail.message_id) for mail in taken if mail.recipient in owed]
    came = Counter(recipient for recipient, _ in set(to_readers))
    return Post(reports, owed.total(), (owed - came).total(), (came - owed).total(),
                len(to_readers) - len(set(to_readers)))
