"""Fills an empty registry with any number of tickets, in batches of bounded size.

The staff is the same at every size, and so is what a day brings: a larger registry is an older one.
So the number of open tickets grows to OPEN (15 for each person) and no further. The newest tickets
are open, the newer the likelier, and a FEW have lain since long ago.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from registry.bench.bulk import pour
from registry.bench.courses import live
from registry.bench.house import House, found_house
from registry.bench.lives import LIVED, Life, Plan
from registry.bench.words import RARELY
from registry.callbacks.models import CallBack
from registry.core.calendar import WorkingCalendar, company_calendar
from registry.core.db import atomic, db
from registry.core.models import Counter
from registry.core.settings import current_settings
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import signer_of
from registry.ledger.models import LedgerEntry, LedgerPending, SealedText
from registry.people.models import Signature
from registry.tickets.acts import engine_for, set_timers
from registry.tickets.handoff_models import Handoff
from registry.tickets.lifecycles import current_lifecycle, ensure_lifecycles
from registry.tickets.models import PromiseChange, Ticket, TicketSearch

BATCH = 10_000
CACHE = 600_000  # KiB
OPEN = 3000
A_DAY = 300
FEW = 60
# Of the open tickets: how many of a hundred stand in each state.
STATES = ("logged",) * 8 + ("offered",) * 7 + ("accepted",) * 30 + ("in_fix",) * 35 + (
    "on_hold",) * 8 + ("returning",) * 2 + ("returned",) * 10


@dataclass
class Batch:
    """The rows of some thousand tickets, by table."""

    rows: dict[type, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, model: type, *rows: dict[str, Any]) -> None:
        """Take rows of one table."""
        self.rows.setdefault(model, []).extend(rows)

    def take(self, life: Life) -> None:
        """Take all rows of one ticket; its id is its number."""
        number, image = life.plan.number, life.image()
        last = life.entries[-1]
        self.add(SealedText, *life.sealed.rows)
        self.add(LedgerEntry, *life.entries)
        self.add(LedgerPending, *({"chain": each["chain"], "seq": each["seq"]}
                                  for each in life.entries))
        self.add(Signature, *life.signatures)
        self.add(Ticket, {
            **image.values, "id": number, "number": number, "head_seq": last["seq"],
            "head_hash": last["hash"],
            "source_key": f"bench:{number}" if life.plan.is_brought_in else None})
        self.add(TicketSearch, {"ticket_id": number, "stems": life.stems})
        self.add(Handoff, *({"ticket_id": number, "seq": seq, **values}
                            for seq, values in image.handoffs.items()))
        self.add(PromiseChange, *({"ticket_id": number, **each} for each in life.promises))
        self.add(CallBack, *({"ticket_id": number, **each} for each in life.calls))

    def write(self) -> None:
        """Write everything into the transaction that stands."""
        connection = db.session.connection()
        if connection.dialect.name == "sqlite":
            # Keys are hashes: without room for their indexes every row reads the disk.
            connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE}")
        for model, rows in self.rows.items():
            pour(connection, model, rows)


def seed(count: int, *, now: datetime, seed: int = 1,
         progress: Callable[[int], None] = lambda done: None) -> None:
    """Fill the empty registry with ``count`` tickets as of ``now``; ``progress`` is told how many
    more are written."""
    rng = random.Random(seed)
    with atomic():
        ensure_lifecycles(now=now)
        house = found_house(rng, now - timedelta(days=1))
        lifecycle = current_lifecycle().digest
        db.session.expunge_all()
    plans = planned(count, lifecycle, company_calendar(), now, rng)
    signer = signer_of(current_settings())
    while batch := _batch(plans, house, rng):
        with atomic():
            batch.write()
            make_checkpoint(now=now, signer=signer)
        progress(len(batch.rows[Ticket]))
    with atomic():
        db.session.add(Counter(name="ticket", value=count))
        _tell_ids(count)
        _owe_timers(now)


def planned(count: int, lifecycle: str, calendar: WorkingCalendar, now: datetime,
            rng: random.Random) -> Iterator[Plan]:
    """What becomes of each ticket, the oldest first."""
    window = min(2 * OPEN, count * 3 // 10)
    forgotten = set(rng.sample(range(1, count + 1), min(FEW, count // 50)))
    rare = {max(1, count * place // RARELY) for place in range(1, RARELY - 2)} | {
        count - 1, count - 2, count - 3}
    moments = _logged_at(count, calendar, now)
    for number, logged_at in enumerate(moments, start=1):
        rank = count - number
        is_open = number in forgotten or (rank < window and rng.random() > rank / window)
        lasts = min(timedelta(hours=rng.randrange(20, 260)), (now - logged_at) * 0.95)
        state = rng.choice(STATES) if is_open else "closed"
        yield Plan(number, state, logged_at, logged_at + lasts,
                   not is_open and number % LIVED != 0, number in rare, lifecycle)


def _logged_at(count: int, calendar: WorkingCalendar, now: datetime) -> Iterator[datetime]:
    """When each ticket is logged: A_DAY on every working day, in its hours, up to yesterday."""
    days: list[date] = []
    day = calendar.local(now).date()
    while len(days) * A_DAY < count:
        day = calendar.previous_working_day(day)
        days.append(day)
    left = count
    for day in reversed(days):
        opens, closes = calendar.shift(day)
        today = min(A_DAY, left) if left % A_DAY == 0 else left % A_DAY
        for place in range(today):
            yield opens + (closes - opens) * place / today
        left -= today


def _batch(plans: Iterator[Plan], house: House, rng: random.Random) -> Batch | None:
    batch = Batch()
    for _, plan in zip(range(BATCH), plans, strict=False):
        life = Life(plan, house, rng)
        live(life)
        batch.take(life)
    return batch if batch.rows else None


def _tell_ids(count: int) -> None:
    """Let PostgreSQL go on behind the ids that were given by hand; SQLite does so by itself."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SELECT setval(pg_get_serial_sequence('ticket', 'id'), :last)"),
                           {"last": count})


def _owe_timers(now: datetime) -> None:
    """The jobs that the verbs would have left behind for the tickets that are open."""
    for ticket in db.session.query(Ticket).where(Ticket.is_open).order_by(Ticket.number):
        set_timers(ticket, engine_for(ticket).timers(ticket.state), f"state:{ticket.state}",
                   ticket.state_since, now=now, fields={"until": ticket.on_hold_until})
    db.session.flush()
