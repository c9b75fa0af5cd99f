"""The extract of one ticket: how it stands, and its whole history with every signature.

It tells what the last entry of the chain made so, not what a clock says: the same chain gives the
same paper tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.core.languages import language, say
from registry.core.settings import address_of
from registry.core.times import exact_text, span_text
from registry.core.words import N_
from registry.documents.parts import (
    HEX_SHOWN,
    Data,
    as_of,
    brief,
    fact,
    frame,
    notes,
    signature,
)
from registry.documents.press import Sheetful
from registry.ledger.models import LedgerEntry
from registry.tickets.acts import engine_for
from registry.tickets.history import Event, History, history_of
from registry.tickets.models import CheckResult, Opinion, Ticket
from registry.tickets.wording import measure, sense

MOST_STRETCHES = 24
OPINIONS = {Opinion.CONTENT: N_("content"), Opinion.DISCONTENT: N_("discontent"),
            Opinion.NOT_ASKED: N_("not asked")}


def extract_of(ticket: Ticket) -> Sheetful:
    """What the extract of the ticket says now, in the language in force. A few queries."""
    at = db.session.get_one(LedgerEntry, (ticket.chain, ticket.head_seq)).at
    history = history_of(ticket, company_calendar(), now=at, exact=True)
    number = say(N_("No. %(number)s"), {"number": ticket.number})
    data = frame(
        say(N_("Extract of ticket No. %(number)s"), {"number": ticket.number}),
        say(N_("Ticket No. %(number)s, entries 1 to %(last)s"),
            {"number": ticket.number, "last": ticket.head_seq}), at)
    data |= {
        "over": say(N_("Extract from the registry")), "heading": f"{number} {ticket.summary}",
        "place": _place(ticket), "standing": _standing(ticket), "asof": as_of(at),
        "facts": list(_facts(ticket)), "hands": _hands(history), "history": _history(history),
    }
    data["closing"] = {"title": say(N_("What this paper shows")),
                       "lines": notes(data, _closing(ticket))}
    return Sheetful("extract", data, at, language())


def _place(ticket: Ticket) -> str:
    site = ticket.site
    parts = (ticket.client.name, site.name if site else "", site.address if site else "")
    return ", ".join(part for part in parts if part)


def _standing(ticket: Ticket) -> str:
    """In whose hands it is and what is promised, or how it ended."""
    if not ticket.is_open:
        ended = {"when": exact_text(ticket.ended_at) if ticket.ended_at else "—"}
        if ticket.client_check is CheckResult.GONE:
            return say(N_("Closed %(when)s: the client checked and it was gone."), ended)
        return say(N_("Ended %(when)s: %(state)s."), ended | {"state": _state(ticket)})
    said = [say(N_("In the hands of %(name)s since %(when)s."), {
        "name": ticket.holder.name, "when": exact_text(ticket.holder_since)})]
    if ticket.mended_at:
        said.append(say(N_("Mended; the client's check is awaited.")))
    elif ticket.promised_at:
        said.append(say(N_("Promised by %(when)s."), {"when": exact_text(ticket.promised_at)}))
    else:
        said.append(say(N_("Nothing is promised yet.")))
    return " ".join(said)


def _state(ticket: Ticket) -> str:
    return engine_for(ticket).workflow.states[ticket.state].title.said(language())


def _facts(ticket: Ticket) -> Iterator[Data]:
    yield fact(say(N_("State")), _state(ticket))
    if ticket.criterion:
        unit = ticket.criterion.unit_in(language())
        norm = (f"{sense(ticket.criterion.sense)} {measure(ticket.norm, unit)}"
                if ticket.norm is not None else "—")
        yield fact(say(N_("Measured")), f"{ticket.criterion.name_in(language())}: " + say(
            N_("%(measured)s, norm %(norm)s"),
            {"measured": measure(ticket.measured, unit), "norm": norm}))
    yield fact(say(N_("The client's opinion")), say(OPINIONS[ticket.opinion]))
    for label, words in (
            (N_("The client's own words"), ticket.opinion_words),
            (N_("Details"), ticket.description), (N_("What was wrong"), ticket.what_was_wrong),
            (N_("What was done"), ticket.what_was_done),
            (N_("What happens next"), ticket.next_step if ticket.is_open else "")):
        if words:
            yield fact(say(label), words, own=True)
    yield fact(say(N_("Originator")), ticket.originator.name)
    yield fact(say(N_("Logged")), exact_text(ticket.logged_at))
    yield fact(say(N_("In the registry")), address_of(f"/tickets/{ticket.number}"))


def _hands(history: History) -> Data:
    """The line of hands as text; nothing where it would be longer than a paragraph."""
    stretches = [each for each in history.segments if each.kind != "final"]
    stretches = stretches if len(stretches) <= MOST_STRETCHES else []
    return {"title": say(N_("Through whose hands it went, in working time")),
            "text": " → ".join(f"{each.name} ({each.label}, {span_text(each.hours)})"
                               for each in stretches)}


def _history(history: History) -> Data:
    return {
        "title": say(N_("History, every entry with its signatures")),
        "columns": [say(N_("No.")), say(N_("When")), say(N_("What happened, and who signed")),
                    say(N_("Seal"))],
        "entries": [_entry(event) for event in history.events],
    }


def _entry(event: Event) -> Data:
    return {
        "no": str(event.seq), "at": brief(event.at), "text": event.text,
        "mark": say(N_("imported, not signed")) if event.is_imported else "",
        "words": [{"label": label, "text": words} for label, words in event.words],
        "signatures": [signature(line) for line in event.signatures],
        "seal": event.hash[:HEX_SHOWN],
    }


def _closing(ticket: Ticket) -> tuple[str, ...]:
    return (
        say(N_("A signature was given under a statement that the person saw; the eight signs "
               "after “statement” are the beginning of its SHA-256. The registry keeps the "
               "statement.")),
        say(N_("Each entry carries the seal of the one before it, so none can be changed, taken "
               "out or slipped in. The seal of the last one, No. %(seq)s, is %(hash)s."),
            {"seq": ticket.head_seq, "hash": f"\n{ticket.head_hash}"}),
        say(N_("The address at the foot asks for signing in. It says whether this paper was made "
               "by the registry, and compares a file with what was made.")),
    )
