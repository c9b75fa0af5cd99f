"""The promised date of a ticket: who promised, when, and the reason for each change.

Promise less, do more: a date is never moved in silence (the literature, 2).
"""

from __future__ import annotations

from datetime import datetime

from registry.core.db import db
from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.ledger.entries import stamp
from registry.people.models import Person
from registry.tickets.acts import stand_for
from registry.tickets.chain import Sealed, append
from registry.tickets.models import PromiseChange, Ticket


def promise_on_taking(
    ticket: Ticket, promised_at: datetime, words: str, *, by: Person, now: datetime
) -> None:
    """The date that a receiver names when taking the ticket is the promise from then on."""
    _promise(ticket, promised_at, words, by=by, now=now, client_told=False)


def change_promise(
    ticket: Ticket, promised_at: datetime | None, *, reason: str, client_told: bool = False,
    by: Person, now: datetime,
) -> None:
    """Change the promised date, with the reason; the holder (or the deputy) may do it.

    ``client_told`` says that the client was warned before the promise broke.
    """
    stand_for(by, ticket.holder, now)
    refuse_if(
        None if ticket.is_open else Reason(
            "ended", N_("Ticket No. %(number)s has ended; nothing is promised any more."),
            {"number": ticket.number}),
        None if reason.strip() else Reason(
            "reason_missing", N_("Give the reason in your own words."), field="reason"),
        None if promised_at is not None else Reason(
            "date_missing", N_("Give the new date and time."), field="promised_at"),
        Reason("date_past", N_("A promise lies in the future."), field="promised_at")
        if promised_at is not None and promised_at <= now else None,
        Reason("same_date", N_("This is the date that was promised already."),
               field="promised_at")
        if promised_at is not None and promised_at == ticket.promised_at else None,
    )
    assert promised_at is not None
    _promise(ticket, promised_at, reason, by=by, now=now, client_told=client_told)


def _promise(ticket: Ticket, promised_at: datetime, words: str, *, by: Person, now: datetime,
             client_told: bool) -> None:
    was = ticket.promised_at
    sealed = Sealed()
    content = {
        "promised_at": stamp(promised_at), "was": stamp(was) if was else "",
        "promised_by": by.ref, "reason": sealed(words.strip()), "client_told": int(client_told),
    }
    append(ticket, "promised", content, sealed, by=by, now=now)
    db.session.add(PromiseChange(ticket_id=ticket.id, promised_at=promised_at,
                                 was_promised_at=was, by_id=by.id, at=now, reason=words.strip(),
                                 client_told=client_told))
