"""What the calendar owes to half-signed handoffs: they lapse as the day ends.

A duty and no timer: nothing has to be owed with a signature or dropped with the next one, and any
number of workers may look. Each handoff lapses in a transaction of its own.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import bindparam, func, select, text

from registry.core.calendar import company_calendar
from registry.core.db import atomic, db, only_reading
from registry.core.errors import Conflict
from registry.tickets.handoff_models import HALF_SIGNED, Handoff
from registry.tickets.handoffs import lapse_handoff

MOST = 200  # of one round; the next one is seconds away
OVERDUE = (select(Handoff.id)
           .where(text(HALF_SIGNED), func.coalesce(
               Handoff.receiver_signed_at, Handoff.witness_signed_at) < bindparam("today"))
           .order_by(Handoff.id).limit(MOST))


def lapse_all_due(*, now: datetime) -> None:
    """Duty of the worker: let every handoff lapse that was half-signed on a day that is over."""
    with only_reading():
        calendar = company_calendar()
        today = calendar.bounds(calendar.local(now).date())[0]
        due = list(db.session.scalars(OVERDUE, {"today": today}))
    for handoff_id in due:
        with suppress(Conflict), atomic():  # somebody signed just in time, or another worker did it
            lapse_handoff(db.session.get_one(Handoff, handoff_id), now=now)
