"""The questionnaire of a visit: the empty form that a visitor takes along, and the filled one that
says what is known of a visit.

Visits are not kept yet: what is known of one are the tickets that were logged at it. The empty form
proves nothing, so it has no mark, no code and no entry in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby

from babel.dates import format_date
from sqlalchemy import func, select

from registry.clients.models import Client, Contact, Criterion
from registry.clients.queries import criteria
from registry.clients.wording import norm_text, tier_name
from registry.core.db import db
from registry.core.languages import language, ngettext, say
from registry.core.times import local
from registry.core.words import N_
from registry.documents.extract import OPINIONS
from registry.documents.parts import Data, as_of, fact, frame, notes
from registry.documents.press import Sheetful
from registry.ledger.models import LedgerEntry
from registry.tickets.acts import engine_for
from registry.tickets.models import Opinion, Ticket
from registry.tickets.wording import measure, sense

MOST_SITES = 4
RULED = 6
GROUPS = {True: N_("What is measured"), False: N_("What is judged in words")}


def blank_questionnaire(client: Client | None, day: date) -> Sheetful:
    """The form to fill in by hand, with the norms that are in force on ``day``: at the client, or
    at whichever it is written on."""
    at = datetime.combine(day, datetime.min.time(), UTC)
    in_force = say(N_("Norms in force on %(day)s"), {"day": _day(day)})
    title = say(N_("Questionnaire"))
    running = f"{title} · {in_force}"
    data = frame(title, running, at)
    data |= {
        "over": running if client else in_force, "heading": client.name if client else title,
        "fields": list(_fields(client)), "ruled": RULED,
        "words": {"title": say(N_("In the client's own words")), "hint": say(N_(
            "Their business, their plans, how they use the service; before anything is "
            "measured."))},
        "groups": list(_groups()), "columns": [say(each) for each in (
            N_("Criterion"), N_("Measured"), N_("Fails?"), N_("Importance"),
            N_("The client's opinion"), N_("Note"))],
        "fails": say(N_("yes · no")), "importance": "1 · 2 · 3 · 4 · 5",
        "opinion": "\n".join(say(OPINIONS[each]) for each in (
            Opinion.CONTENT, Opinion.DISCONTENT)),
        "stop": say(N_("Where anything fails, thank the client and stop here: nothing is sold "
                       "before it is repaired and shown.")),
        "copies": say(N_("One copy to the programme lead, one to the technical department. "
                         "Importance: 1 is least, 5 is most.")),
        "signers": [say(N_("Visitor")), say(N_("The client's contact person"))],
        "signing": say(N_("name, signature, date")),
    }
    return Sheetful("questionnaire_blank", data, at, language())


def filled_questionnaire(tickets: Sequence[Ticket]) -> Sheetful:
    """What is known of the visit at which the tickets were logged, by criterion. A few queries."""
    first = tickets[0]
    day = local(first.logged_at).date()
    at = db.session.scalar(select(func.max(LedgerEntry.at)).where(
        LedgerEntry.chain.in_([each.chain for each in tickets]))) or first.logged_at
    title = say(N_("Questionnaire: %(client)s, %(day)s"),
                {"client": first.client.name, "day": _day(day)})
    data = frame(title, title, at)
    data |= {
        "over": say(N_("Questionnaire, as far as it is kept")), "heading": title,
        "standing": ngettext("%(num)d ticket was logged at this visit.",
                             "%(num)d tickets were logged at this visit.", len(tickets)),
        "asof": as_of(at), "facts": list(_facts(tickets, day)), "groups": list(_found(tickets)),
        "columns": [say(each) for each in (
            N_("No."), N_("What was found"), N_("Measured"), N_("The client's opinion"),
            N_("How it stands"))],
    }
    data["closing"] = {"title": say(N_("What this paper shows")), "lines": notes(data, _closing())}
    return Sheetful("questionnaire", data, at, language())


def _fields(client: Client | None) -> Iterator[Data]:
    """What the head of the form asks, and what is known of it."""
    sites = [each for each in client.sites if each.is_active] if client else []
    contact = next((each for each in client.contacts if each.is_key and each.is_active),
                   None) if client else None
    yield fact(say(N_("Client")), client.name if client else "")
    yield fact(say(N_("Tier")), tier_name(client.tier) if client else "")
    yield fact(say(N_("Site")), "\n".join(
        ", ".join(filter(None, (each.name, each.address))) for each in sites)
        if len(sites) <= MOST_SITES else "")
    yield fact(say(N_("Contact person")), _named(contact))
    yield fact(say(N_("Visitor")), "")
    yield fact(say(N_("Date")), "")


def _named(contact: Contact | None) -> str:
    return ", ".join(filter(None, (contact.name, contact.position))) if contact else ""


def _groups() -> Iterator[Data]:
    """The criteria in force: first what is measured, then what is judged in words."""
    in_force = [each for each in criteria() if each.is_active]
    for is_measured, title in GROUPS.items():
        rows = [each for each in in_force if (each.norm is not None) is is_measured]
        if rows:
            yield {"title": say(title), "measured": is_measured,
                   "rows": [{"name": each.name_in(language()), "norm": norm_text(each)}
                            for each in rows]}


def _facts(tickets: Sequence[Ticket], day: date) -> Iterator[Data]:
    first = tickets[0]
    sites = dict.fromkeys(", ".join(filter(None, (each.site.name, each.site.address)))
                          for each in tickets if each.site)
    contacts = dict.fromkeys(_named(each.contact) for each in tickets if each.contact)
    for label, text in (
            (N_("Client"), first.client.name), (N_("Tier"), tier_name(first.client.tier)),
            (N_("Site"), "; ".join(sites)), (N_("Contact person"), "; ".join(contacts)),
            (N_("Visitor"), first.raised_by.name), (N_("Date"), _day(day))):
        if text:
            yield fact(say(label), text)


def _found(tickets: Sequence[Ticket]) -> Iterator[Data]:
    """The tickets by criterion; those without one come last."""
    def place(ticket: Ticket) -> tuple[bool, int]:
        return ticket.criterion_id is None, ticket.criterion_id or 0

    for _, some in groupby(sorted(tickets, key=place), key=place):
        rows = list(some)
        criterion = rows[0].criterion
        yield {"title": criterion.name_in(language()) if criterion
               else say(N_("Besides the criteria")),
               "rows": [_row(each, criterion) for each in rows]}


def _row(ticket: Ticket, criterion: Criterion | None) -> Data:
    words = [{"label": say(label), "text": text} for label, text in (
        (N_("Details"), ticket.description),
        (N_("The client's own words"), ticket.opinion_words)) if text]
    state = engine_for(ticket).workflow.states[ticket.state].title.said(language())
    return {
        "number": str(ticket.number), "what": ticket.summary, "words": words,
        "measured": _measured(ticket, criterion), "opinion": say(OPINIONS[ticket.opinion]),
        "state": state,
        "holder": say(N_("in the hands of %(name)s"), {"name": ticket.holder.name})
        if ticket.is_open else "",
    }


def _measured(ticket: Ticket, criterion: Criterion | None) -> list[str]:
    """The measure, the norm that held, and whether it fails."""
    if criterion is None or ticket.measured is None:
        return ["—"]
    unit = criterion.unit_in(language())
    said = [measure(ticket.measured, unit)]
    if ticket.norm is not None:
        said.append(say(N_("norm %(value)s"), {
            "value": f"{sense(criterion.sense)} {measure(ticket.norm, unit)}"}))
    return said


def _closing() -> tuple[str, ...]:
    return (
        say(N_("A visit is here what one person logged at one client on one day. A criterion that "
               "is not named has no ticket; whether it was checked is not kept.")),
        say(N_("The address at the foot asks for signing in. It says whether this paper was made "
               "by the registry, and compares a file with what was made.")),
    )


def _day(day: date) -> str:
    return format_date(day, "d MMMM y", locale=language())
