"""The page of the registry for one working week, like the paper one: every coming of a ticket,
every change of hands with its signatures, every end. Lines follow the ledger, so a week that is
over gives the same paper for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from registry.core.db import db
from registry.core.languages import language, ngettext, say
from registry.core.words import N_
from registry.documents.parts import Data, as_of, brief, frame, meaning, notes, signer
from registry.documents.press import Sheetful
from registry.documents.queries import week_bounds
from registry.ledger.entries import content_of
from registry.ledger.models import LedgerEntry
from registry.people.models import Person
from registry.tickets.acts import engine_for
from registry.tickets.history import SignatureLine, signatures_of
from registry.tickets.models import Ticket
from registry.tickets.projection import ref_id
from registry.tickets.signed_entries import PARTIES, Signatures, pieces, signatures_by_offer

KINDS = ("logged", "handoff_accepted", "moved", "joint_ended")
MOST_LINES = 1500
FIRST_DAY = date(1990, 1, 1)
LABELS = {"giver": N_("gave"), "receiver": N_("received"), "witness": N_("in the presence of")}


@dataclass(frozen=True)
class Line:
    """One entry that the paper registry would have had, with its ticket."""

    entry: LedgerEntry
    content: Mapping[str, Any]
    ticket: Ticket


def monday_of(day: date) -> date:
    """The first day of the week of ``day``."""
    return day - timedelta(days=day.weekday())


def week_of(day: date) -> Sheetful:
    """What the page of the week of ``day`` says now, in the language in force."""
    monday = monday_of(day)
    begins, ends = week_bounds(monday)
    found, more = _lines(begins, ends)
    at = found[-1].entry.at if found else begins
    title = week_title(monday)
    data = frame(title, title, at)
    data |= {
        "over": say(N_("Registry of problems found at clients")), "heading": title,
        "standing": _standing(found), "asof": as_of(at) if found else "",
        "columns": [say(each) for each in (
            N_("No."), N_("When"), N_("Client and place"), N_("What is wrong"),
            N_("From whom → to whom, with signatures"), N_("State"))],
        "lines": _rows(found),
    }
    said = [say(N_("The eight signs after a signature are the beginning of the SHA-256 of the "
                   "statement that was signed."))]
    if more:
        said.append(say(N_("The week has more lines than one paper holds; these are its first "
                           "%(count)d."), {"count": MOST_LINES}))
    data["closing"] = notes(data, said)
    return Sheetful("week", data, at, language())


def week_title(monday: date) -> str:
    """«Registry, week of 23 November 2026 to 29 November 2026»."""
    return say(N_("Registry, week of %(first)s to %(last)s"), {
        "first": _day(monday), "last": _day(monday + timedelta(days=6))})


def _day(day: date) -> str:
    return format_date(day, "d MMMM y", locale=language())


def _lines(begins: datetime, ends: datetime) -> tuple[list[Line], bool]:
    """The week's lines in their order, and whether there are more than one paper holds. Whether an
    entry is told stands in its body, so they are read until there are enough."""
    query = (select(LedgerEntry).where(
        LedgerEntry.kind.in_(KINDS), LedgerEntry.at >= begins, LedgerEntry.at < ends)
        .order_by(LedgerEntry.at, LedgerEntry.chain, LedgerEntry.seq)
        .execution_options(yield_per=500))
    with db.session.scalars(query) as entries:
        told = list(islice(((entry, content) for entry in entries
                            if _is_told(entry.kind, content := content_of(entry))), MOST_LINES + 1))
    tickets = _tickets([entry.chain for entry, _ in told[:MOST_LINES]])
    lines = [Line(entry, content, tickets[entry.chain]) for entry, content in told[:MOST_LINES]
             if entry.chain in tickets]
    return lines, len(told) > MOST_LINES


def _is_told(kind: str, content: Mapping[str, Any]) -> bool:
    """Of the moves only those that end a ticket: the others change no hands."""
    return kind in ("logged", "handoff_accepted") or bool(content.get("final"))


def _tickets(chains: Sequence[str]) -> dict[str, Ticket]:
    numbers = sorted({ref_id(chain) or 0 for chain in chains if chain.startswith("ticket:")})
    found: dict[str, Ticket] = {}
    for some in pieces(numbers):
        query = select(Ticket).where(Ticket.number.in_(some)).options(
            joinedload(Ticket.client), joinedload(Ticket.site))
        found |= {ticket.chain: ticket for ticket in db.session.scalars(query)}
    return found


def _standing(lines: Sequence[Line]) -> str:
    handed = sum(line.entry.kind == "handoff_accepted" for line in lines)
    logged = sum(line.entry.kind == "logged" for line in lines)
    ended = sum(bool(line.content.get("final")) for line in lines)
    return " · ".join((
        ngettext("%(num)d ticket came", "%(num)d tickets came", logged),
        ngettext("%(num)d changed hands", "%(num)d changed hands", handed),
        ngettext("%(num)d ended", "%(num)d ended", ended)))


def _rows(lines: Sequence[Line]) -> list[Data]:
    offers = signatures_by_offer(
        (line.ticket, int(line.content["offer"])) for line in lines if "offer" in line.content)
    own = signatures_of([(engine_for(line.ticket).workflow, line.content) for line in lines])
    names = _names(lines)
    return [_row(line, _signed(line, offers), own_lines, names)
            for line, own_lines in zip(lines, own, strict=True)]


def _signed(line: Line, offers: Mapping[tuple[str, int], Signatures]) -> Signatures:
    return offers.get((line.entry.chain, int(line.content.get("offer", 0))), {})


def _names(lines: Sequence[Line]) -> dict[str, str]:
    ids = {ref_id(ref) for line in lines
           for ref in (line.entry.actor, str(line.content.get("holder", "")))
           if ref.startswith("person:")}
    found: dict[str, str] = {}
    for some in pieces(sorted(each for each in ids if each)):
        rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(some)))
        found |= {f"person:{key}": name for key, name in rows}
    return found


def _row(line: Line, signed: Signatures, own: Sequence[SignatureLine],
         names: Mapping[str, str]) -> Data:
    ticket, site = line.ticket, line.ticket.site
    return {
        "number": str(ticket.number), "at": brief(line.entry.at), "client": ticket.client.name,
        "place": ", ".join(filter(None, (site.name, site.address))) if site else "",
        "what": ticket.summary, "hands": _hands(line, signed, own, names),
        "signatures": [*_by_party(signed), *(_signature(say(N_("signed")), each) for each in own)],
        "state": _state(line), "imported": say(N_("imported, not signed"))
        if line.content.get("imported") else "",
    }


def _hands(line: Line, signed: Signatures, own: Sequence[SignatureLine],
           names: Mapping[str, str]) -> str:
    """From whom to whom; where nobody handed it on, who acted, and what was signed."""
    by = names.get(line.entry.actor, "")
    if line.entry.kind == "logged":
        return say(N_("Logged by %(by)s"), {"by": by})
    if line.entry.kind != "handoff_accepted":
        return f"{by}: {own[-1].meaning}" if own else by
    giver = signed.get("giver")
    given = (giver.on_behalf_of or giver.name) if giver else ""
    return " → ".join(filter(None, (given, names.get(line.content["holder"], ""))))


def _by_party(signed: Signatures) -> list[Data]:
    return [_signature(say(LABELS[part]), signed[part]) for part in PARTIES if part in signed]


def _signature(label: str, line: SignatureLine) -> Data:
    meant = ": ".join(filter(None, (line.role, meaning(line))))
    return {"label": label, "name": signer(line), "meant": meant,
            "rest": f"{brief(line.at)} · {line.method}", "hash": line.short}


def _state(line: Line) -> str:
    """The state that the entry brought about."""
    states = engine_for(line.ticket).workflow.states
    name = line.content.get("target") or line.content.get("state") or ""
    return states[name].title.said(language()) if name in states else name
