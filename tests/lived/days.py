"""The tickets of the lived registry: one in each state that a page can be about, made by the verbs
that people use, in the words of the demo."""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from registry.callbacks.service import Found, record_check
from registry.core.calendar import company_calendar
from registry.demo.company import Company
from registry.demo.words import words_of
from registry.documents.models import Kind
from registry.documents.press import SHOWN, Sheetful
from registry.documents.service import Made, enter_document
from registry.tickets.attachments import Upload, attach_file
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import accept_handoff, decline_handoff
from registry.tickets.joint import propose_cancelling
from registry.tickets.models import CheckResult, Opinion, Ticket
from registry.tickets.promises import change_promise
from registry.tickets.service import Problem, log_ticket
from registry.tickets.sheets import Line, offer_sheet
from tests.factories import a_signing, accept, move, offer

Places = dict[str, str]
MORNING = timedelta(hours=10)
A_RUN, A_TEST = timedelta(minutes=30), timedelta(seconds=30)
A_MINUTE = timedelta(minutes=1)


class Days:
    """The last working day of the demo's own accounts: one ticket for each state, acts a
    minute ``apart``.

    It begins ``after`` that day's morning and is over before its midnight, whatever the weekday and
    the hour of ``now``: what a page of that day's report must look at is then always the same.
    """

    def __init__(self, company: Company, language: str, now: datetime,
                 after: timedelta = timedelta(), lasts: timedelta = A_RUN,
                 apart: timedelta = A_MINUTE) -> None:
        self.company, self.words = company, words_of(language)
        self.matter, self.chance = self.words["problems"][0], random.Random(1)
        calendar = company_calendar()
        day = calendar.previous_working_day(calendar.local(now).date())
        self.now, self.apart = calendar.bounds(day)[0] + MORNING + after, apart
        # What two of three have signed holds until the day is over; for so long it is looked at.
        soon = now + lasts
        self.holds = now if calendar.local(soon).date() == calendar.local(now).date() else soon
        self.visitor, self.engineer = company.visitors[0], company.engineers[0]
        self.registrar = company.registrar

    def tickets(self, folder: Path) -> Places:
        """Everything; gives the places."""
        in_fix = self.in_fix()
        waits = self.offered()
        return {
            **self.handoffs(), **self.attended(in_fix, folder),
            "logged": self.number(self.logged()), "in_fix": self.number(in_fix),
            "offered": self.number(waits.ticket), "handoff": str(waits.id),
            "accepted": self.number(self.taken()), "on_hold": self.number(self.on_hold()),
            "returned": self.number(self.returned()), "closed": self.number(self.checked(True)),
            "not_gone": self.number(self.checked(False)), "sheet": str(self.sheet()),
            "document": self.document(in_fix),
        }

    def handoffs(self) -> Places:
        """Those on which somebody has acted: signed by the receiver, declined, cancelling."""
        half = self.offered()
        accept_handoff(half, next_step=self.say("next_steps"), by=self.engineer, now=self.holds,
                       next_step_by=(self.holds + timedelta(days=2)).isoformat(),
                       signing=a_signing(self.engineer))
        declined = self.offered()
        decline_handoff(declined, reason=self.say("declines"), by=self.engineer, now=self.tick())
        cancelled = self.logged()
        joint = propose_cancelling(cancelled, reason=self.say("cancels"), by=self.visitor,
                                   signing=a_signing(self.visitor), now=self.tick())
        offer(self.in_fix(), "take_by_authority", self.registrar, by=self.company.deputy,
              now=self.tick(), note=self.words["authority"])
        return {"half": str(half.id), "declined": str(declined.id), "joint": str(joint.id),
                "cancelling": self.number(cancelled)}

    def attended(self, ticket: Ticket, folder: Path) -> Places:
        """A file, and a promise that was changed and then broken."""
        kept = attach_file(ticket, Upload("12.txt", io.BytesIO(b"12 KB/s")),
                           folder=folder / "attachments", limit=1 << 20, by=self.visitor,
                           now=self.tick())
        self.promised(ticket)
        return {"attachment": str(kept.id)}

    def promised(self, ticket: Ticket) -> None:
        """The promise is changed, and will be broken by now."""
        change_promise(ticket, self.now + timedelta(hours=4), by=self.engineer, now=self.tick(),
                       reason=self.say("promise_reasons"), client_told=True)

    def logged(self) -> Ticket:
        """In the visitor's hands."""
        client = self.chance.choice(self.company.clients)
        return log_ticket(Problem(
            client, self.chance.choice(self.matter["summaries"]), client.sites[0],
            client.contacts[0], self.company.criteria[self.matter["criterion"]], Decimal(12),
            Opinion.CONTENT, self.say("content"), self.say("discontent")),
            by=self.visitor, now=self.tick())

    def offered(self) -> Handoff:
        """Offered to the engineer, before the chief engineer."""
        return offer(self.logged(), "take", self.engineer, witness=self.registrar, now=self.tick())

    def taken(self) -> Ticket:
        """In the engineer's hands."""
        return accept(self.offered(), now=self.tick(), next_step=self.say("next_steps")).ticket

    def in_fix(self) -> Ticket:
        """Begun."""
        ticket = self.taken()
        move(ticket, "start", now=self.tick())
        return ticket

    def on_hold(self) -> Ticket:
        """Put on hold."""
        ticket = self.in_fix()
        move(ticket, "hold", reason=self.say("holds"), now=self.tick(),
             fields={"until": (self.now + timedelta(days=3)).isoformat()})
        return ticket

    def returned(self) -> Ticket:
        """Mended, in the visitor's hands for the client's check."""
        back = offer(self.in_fix(), "return", self.visitor, witness=self.registrar,
                     now=self.tick(), fields={"what_was_wrong": self.matter["wrong"][0],
                                              "what_was_done": self.matter["done"][0]})
        return accept(back, now=self.tick(), next_step=self.say("back_steps")).ticket

    def checked(self, gone: bool) -> Ticket:
        """The client has checked: closed, or offered back to the engineer."""
        ticket = self.returned()
        result, said = ((CheckResult.GONE, "gone") if gone else
                        (CheckResult.NOT_GONE, "not_gone"))
        record_check(ticket, Found(result, ticket.contact.name, self.say(said), sure=True),
                     by=self.visitor, signing=a_signing(self.visitor), now=self.tick())
        return ticket

    def sheet(self) -> int:
        """Two tickets offered to the engineer by one sheet."""
        lines = [Line(self.logged(), "take") for _ in range(2)]
        return offer_sheet(lines, receiver=self.engineer, witness=self.registrar,
                           purpose="visit", by=self.visitor, signing=a_signing(self.visitor),
                           now=self.tick()).id

    def document(self, ticket: Ticket) -> str:
        """An extract of the ticket that somebody took, by what stands at its foot."""
        said = Sheetful("extract", {"title": ticket.summary, "number": ticket.number}, self.now,
                        self.visitor.language)
        made = Made(Kind.EXTRACT, ticket.chain, ticket.head_seq - 1, said,
                    f"%PDF of {ticket.number}".encode())
        return enter_document(made, by=self.visitor, now=self.tick()).mark[:SHOWN]

    def tick(self) -> datetime:
        """A little later."""
        self.now += self.apart
        return self.now

    def say(self, name: str) -> str:
        """Words of the demo."""
        return str(self.chance.choice(self.words[name]))

    def number(self, ticket: Ticket) -> str:
        """The ticket's place."""
        return str(ticket.number)
