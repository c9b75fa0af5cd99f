"""The life of one ticket of the demo: what happens to it, and when, by the verbs people use."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from registry.callbacks.service import Found, record_check
from registry.clients.models import Client
from registry.core.calendar import WorkingCalendar
from registry.demo.company import Company
from registry.people.models import Person
from registry.people.proof import Proof
from registry.people.signing import Signing, new_nonce
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import (
    accept_handoff,
    decline_handoff,
    offer_handoff,
    withdraw_handoff,
    witness_handoff,
)
from registry.tickets.joint import agree_to_cancelling, propose_cancelling
from registry.tickets.models import CheckResult, Opinion, Ticket
from registry.tickets.promises import change_promise
from registry.tickets.service import Making, Problem, log_ticket, make_move

Moments = Iterator[datetime]


class Story:
    """One ticket from its logging on. ``run`` yields when it goes on; ``now`` is set by the clock
    before each step."""

    def __init__(self, company: Company, words: dict[str, Any], calendar: WorkingCalendar,
                 rng: random.Random, at: datetime) -> None:
        self.company, self.words, self.calendar, self.rng = company, words, calendar, rng
        self.now = at
        self.ticket: Ticket | None = None
        self.matter: dict[str, Any] = {}

    def run(self) -> Moments:
        """The whole life; ends where the ticket does."""
        ticket = self.ticket = self._log()
        if self.rng.random() < 0.03:
            yield self._later(2, 20)
            self._cancel(ticket)
            return
        yield self._later(0.3, 9)
        yield from self._hand("take", self.company.an_engineer(self.rng))
        yield from self._mend(ticket)
        while self.rng.random() < 0.09:
            yield self._later(3, 20)
            again = record_check(ticket, Found(CheckResult.NOT_GONE, self._contact(ticket),
                                               self._say("not_gone")),
                                 by=ticket.holder, signing=self._sign(ticket.holder),
                                 now=self.now)
            yield self._later(1, 6)
            assert again is not None
            self._accept(again, "next_steps")
            yield from self._mend(ticket, begun=True)
        yield self._later(2, 44)
        record_check(ticket, Found(CheckResult.GONE, self._contact(ticket), self._say("gone"),
                                   sure=True),
                     by=ticket.holder, signing=self._sign(ticket.holder), now=self.now)

    def _mend(self, ticket: Ticket, *, begun: bool = False) -> Moments:
        """From the engineer's hands back into the originator's."""
        yield self._later(0.5, 8)
        if not begun:
            if self.rng.random() < 0.2:
                yield from self._hand("pass_on", self._another_engineer(ticket),
                                      note=self._say("pass_notes"))
                yield self._later(0.5, 6)
            if self.rng.random() < 0.012:
                yield from self._by_authority(ticket)
            self._move("start")
        yield self._later(2, 14)
        if self.rng.random() < 0.15:
            yield from self._pause(ticket)
        later = self._promise(8, 40)
        if self.rng.random() < 0.15 and ticket.promised_at not in (None, later):
            change_promise(ticket, later, reason=self._say("promise_reasons"),
                           client_told=self.rng.random() < 0.7, by=ticket.holder, now=self.now)
        yield self._later(3, 48)
        wrong = self.rng.randrange(len(self.matter["wrong"]))
        yield from self._hand("return", ticket.originator, fields={
            "what_was_wrong": self.matter["wrong"][wrong],
            "what_was_done": self.matter["done"][wrong]})

    def _pause(self, ticket: Ticket) -> Moments:
        until = self._promise(8, 40)
        self._move("hold", reason=self._say("holds"), fields={"until": until.isoformat()})
        yield until + timedelta(hours=1)
        self._move("resume")

    def _log(self) -> Ticket:
        company, rng = self.company, self.rng
        troubled = company.troubled and rng.random() < 0.3
        client: Client = rng.choice(company.troubled if troubled else company.clients)
        self.matter = rng.choice(self.words["problems"][:2] if troubled
                                 else self.words["problems"])
        criterion = company.criteria[self.matter["criterion"]]
        measured = (Decimal(rng.randint(self.matter["low"], self.matter["high"]))
                    if criterion.norm is not None else None)
        opinion = rng.choice((Opinion.CONTENT, Opinion.DISCONTENT, Opinion.NOT_ASKED))
        said = "" if opinion is Opinion.NOT_ASKED else self._say(opinion.value)
        return log_ticket(Problem(
            client, rng.choice(self.matter["summaries"]), rng.choice(client.sites),
            client.contacts[0], criterion, measured, opinion, said),
            by=rng.choice(client.persons), now=self.now)

    def _hand(self, move: str, receiver: Person, *, note: str = "",
              fields: dict[str, str] | None = None) -> Moments:
        """Offer and wait until it is taken; now and then it is declined or withdrawn first."""
        ticket = self.ticket
        assert ticket is not None
        if self.rng.random() < 0.06 and move == "take":
            unwilling = self._offer(move, self._another_engineer(ticket, receiver))
            yield self._later(0.5, 9)
            if self.rng.random() < 0.7:
                decline_handoff(unwilling, reason=self._say("declines"), by=unwilling.receiver,
                                now=self.now)
            else:
                withdraw_handoff(unwilling, by=unwilling.giver, now=self.now)
            yield self._later(0.1, 1)
        handoff = self._offer(move, receiver, note=note, fields=fields)
        yield self._later(0.2, 3.5 if self.rng.random() < 0.9 else 16)
        self._accept(handoff, "back_steps" if move == "return" else "next_steps")

    def _offer(self, move: str, receiver: Person, *, note: str = "",
               fields: dict[str, str] | None = None) -> Handoff:
        assert self.ticket is not None
        giver = self.ticket.holder
        witness = self.company.registrar if move in ("take", "return") else None
        if witness is not None and witness.id in (giver.id, receiver.id):
            witness = self.company.deputy
        return offer_handoff(self.ticket, Offer(move, receiver, witness, note, fields or {}),
                             by=giver, signing=self._sign(giver), now=self.now)

    def _accept(self, handoff: Handoff, words: str) -> None:
        by_when = self._promise(10, 44) if words == "next_steps" else self._promise(2, 9)
        accept_handoff(handoff, next_step=self._say(words), next_step_by=by_when.isoformat(),
                       by=handoff.receiver, signing=self._sign(handoff.receiver), now=self.now)
        if handoff.witness is not None:
            witness_handoff(handoff, by=handoff.witness, signing=self._sign(handoff.witness),
                            now=self.now)

    def _by_authority(self, ticket: Ticket) -> Moments:
        company = self.company
        handoff = offer_handoff(
            ticket, Offer("take_by_authority", company.registrar, note=self.words["authority"]),
            by=company.deputy, signing=self._sign(company.deputy), now=self.now)
        yield self._later(0.2, 1)
        self._accept(handoff, "next_steps")
        yield self._later(0.5, 2)
        yield from self._hand("pass_on", self._another_engineer(ticket))
        yield self._later(0.5, 2)

    def _cancel(self, ticket: Ticket) -> None:
        joint = propose_cancelling(ticket, reason=self._say("cancels"), by=ticket.originator,
                                   signing=self._sign(ticket.originator), now=self.now)
        agree_to_cancelling(joint, by=self.company.registrar,
                            signing=self._sign(self.company.registrar), now=self.now)

    def _move(self, name: str, *, reason: str = "", fields: dict[str, str] | None = None) -> None:
        assert self.ticket is not None
        holder = self.ticket.holder
        make_move(self.ticket, Making(name, reason, fields or {}), by=holder,
                  signing=self._sign(holder), now=self.now)

    def _sign(self, person: Person) -> Signing:
        """Nothing is proved in the demo, and the signature says so."""
        proof = Proof(person.id, "demo", self.now, "")
        return Signing(person, proof, new_nonce(), language=person.language)

    def _another_engineer(self, ticket: Ticket, but: Person | None = None) -> Person:
        without = {ticket.holder_id, but.id if but else 0}
        return self.rng.choice([each for each in self.company.engineers
                                if each.id not in without])

    def _contact(self, ticket: Ticket) -> str:
        return ticket.contact.name if ticket.contact else ticket.client.name

    def _say(self, name: str) -> str:
        return str(self.rng.choice(self.words[name]))

    def _later(self, least: float, most: float) -> datetime:
        """After so many working hours."""
        return self.calendar.add_hours(self.now, self.rng.uniform(least, most))

    def _promise(self, least: float, most: float) -> datetime:
        """A round hour of working time to come."""
        moment = self._later(least, most) + timedelta(minutes=59)
        return moment.replace(minute=0, second=0, microsecond=0)


