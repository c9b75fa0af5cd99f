"""Random people play against the verbs; after each step the registry must still be true.

Exactly one holder, no move outside the lifecycle, the row equals its replay, the chain holds, and
the holder changes at an acceptance and at no other moment.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.callbacks.service import Found, record_check
from registry.core.db import atomic, db
from registry.core.errors import Refused
from registry.ledger.entries import content_of, entries_of, leaf_hash, unseal
from registry.people.models import Absence, Person
from registry.tickets.acts import engine_for, open_handoff, open_joint_act
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.handoffs import (
    accept_handoff,
    decline_handoff,
    offer_handoff,
    withdraw_handoff,
    witness_handoff,
)
from registry.tickets.history import seals_in
from registry.tickets.joint import agree_to_cancelling, propose_cancelling, withdraw_cancelling
from registry.tickets.models import CheckResult, Ticket
from registry.tickets.projection import replay
from registry.tickets.promises import change_promise
from registry.tickets.service import Making, log_ticket, make_move
from tests.factories import NOW, House, a_problem, a_signing

MOVES = ("take", "start", "pass_on", "hold", "resume", "return", "confirm_gone", "reopen",
         "hand_over", "take_by_authority", "cancel")
PEOPLE = ("visitor", "other_visitor", "engineer", "other_engineer", "registrar", "deputy", "lead")
who = st.sampled_from(PEOPLE)
maybe = st.none() | who
HOUSES = itertools.count(1)


class RandomPeople(RuleBasedStateMachine):
    """A house whose people try anything; the verbs let through what is right."""

    def __init__(self) -> None:
        super().__init__()
        with atomic():
            self.house = House(f" {next(HOUSES)}")
            ticket = log_ticket(a_problem(self.house), by=self.house.visitor, now=NOW)
        self.now = NOW
        self.ticket_id = ticket.id
        self.done = 0

    @property
    def ticket(self) -> Ticket:
        return db.session.get_one(Ticket, self.ticket_id)

    def person(self, name: str) -> Person:
        found: Person = getattr(self.house, name)
        return found

    def attempt(self, verb: Callable[[], Any]) -> None:
        """Try the verb; whatever happens, the consequences are judged here."""
        self.now += timedelta(minutes=7)
        before = (self.ticket.state, self.ticket.holder_id, self.ticket.head_seq)
        try:
            with atomic():
                verb()
        except Refused as refusal:
            assert refusal.reasons
            db.session.expire_all()
            assert (self.ticket.state, self.ticket.holder_id, self.ticket.head_seq) == before
        else:
            self.done += 1
            self.judge_change(before)

    def judge_change(self, before: tuple[str, int, int]) -> None:
        state, holder, head = before
        new = [each for each in entries_of(self.ticket.chain) if each.seq > head]
        if self.ticket.holder_id != holder:
            assert "handoff_accepted" in {each.kind for each in new}
        if self.ticket.state != state:
            moves = engine_for(self.ticket).workflow.moves.values()
            made = [content_of(each)["move"] for each in new
                    if each.kind in ("moved", "handoff_accepted")]
            assert any(move.name in made and state in move.sources
                       and move.target_from(state) == self.ticket.state for move in moves)

    @rule(by=who, move=st.sampled_from(MOVES), receiver=maybe, witness=maybe, filled=st.booleans())
    def offer(self, by: str, move: str, receiver: str | None, witness: str | None,
              filled: bool) -> None:
        fields = {"what_was_wrong": "Cable", "what_was_done": "New"} if filled and (
            move == "return") else {}
        self.attempt(lambda: offer_handoff(
            self.ticket,
            Offer(move, self.person(receiver) if receiver else None,
                  self.person(witness) if witness else None,
                  "A note" if move in ("take_by_authority", "hand_over") else "", fields),
            by=self.person(by), signing=a_signing(self.person(by)), now=self.now))

    @rule(move=st.sampled_from(("take", "return", "pass_on", "hand_over")))
    def offer_sensibly(self, move: str) -> None:
        receivers = {"take": self.house.engineer, "return": self.ticket.originator,
                     "pass_on": self.house.other_engineer, "hand_over": self.house.other_visitor}
        fields = {"what_was_wrong": "Cable", "what_was_done": "New"} if move == "return" else {}
        witness = self.house.registrar if move in ("take", "return") else None
        self.attempt(lambda: offer_handoff(
            self.ticket, Offer(move, receivers[move], witness, fields=fields),
            by=self.ticket.holder, signing=a_signing(self.ticket.holder), now=self.now))

    @rule(by=maybe, words=st.sampled_from(("", "I measure it")), date=st.integers(-2, 5))
    def accept(self, by: str | None, words: str, date: int) -> None:
        handoff = open_handoff(self.ticket)
        if handoff is not None:
            taker = self.person(by) if by else handoff.receiver
            when = (self.now + timedelta(days=date)).isoformat()
            self.attempt(lambda: accept_handoff(handoff, next_step=words, next_step_by=when,
                                                by=taker, signing=a_signing(taker), now=self.now))

    @rule(by=maybe)
    def witness(self, by: str | None) -> None:
        handoff = open_handoff(self.ticket)
        if handoff is not None:
            person = self.person(by) if by else handoff.witness or self.house.lead
            self.attempt(lambda: witness_handoff(handoff, by=person, signing=a_signing(person),
                                                 now=self.now))

    @rule(by=maybe, decline=st.booleans())
    def end_offer(self, by: str | None, decline: bool) -> None:
        handoff = open_handoff(self.ticket)
        if handoff is not None:
            person = self.person(by) if by else (handoff.receiver if decline else handoff.giver)
            verb = decline_handoff if decline else withdraw_handoff
            self.attempt(lambda: verb(handoff, reason="Not mine", by=person, now=self.now))

    @rule(by=maybe, move=st.sampled_from(MOVES), reason=st.sampled_from(("", "Waits for a part")))
    def move(self, by: str | None, move: str, reason: str) -> None:
        person = self.person(by) if by else self.ticket.holder
        fields = {"until": (self.now + timedelta(days=1)).isoformat()} if move == "hold" else {}
        self.attempt(lambda: make_move(self.ticket, Making(move, reason, fields), by=person,
                                       signing=a_signing(person), now=self.now))

    @rule(by=maybe, result=st.sampled_from(CheckResult), sure=st.booleans(),
          note=st.sampled_from(("It works", "Still slow", "")))
    def check(self, by: str | None, result: CheckResult, sure: bool, note: str) -> None:
        person = self.person(by) if by else self.ticket.holder
        found = Found(result, "Galina", note, sure)
        self.attempt(lambda: record_check(self.ticket, found, by=person,
                                          signing=a_signing(person), now=self.now))

    @rule(by=who, agreeing=who, withdraw=st.booleans())
    def cancel(self, by: str, agreeing: str, withdraw: bool) -> None:
        joint = open_joint_act(self.ticket)
        if joint is None:
            person = self.person(by)
            self.attempt(lambda: propose_cancelling(self.ticket, reason="Double", by=person,
                                                    signing=a_signing(person), now=self.now))
        elif withdraw:
            self.attempt(lambda: withdraw_cancelling(joint, by=self.person(by), now=self.now))
        else:
            person = self.person(agreeing)
            self.attempt(lambda: agree_to_cancelling(joint, by=person, signing=a_signing(person),
                                                     now=self.now))

    @rule(by=maybe, days=st.integers(-1, 4), reason=st.sampled_from(("", "A part is late")))
    def promise(self, by: str | None, days: int, reason: str) -> None:
        person = self.person(by) if by else self.ticket.holder
        self.attempt(lambda: change_promise(self.ticket, self.now + timedelta(days=days),
                                            reason=reason, by=person, now=self.now))

    @rule(person=who, deputy=who, hours=st.integers(1, 48))
    def be_absent(self, person: str, deputy: str, hours: int) -> None:
        if person != deputy:
            with atomic():
                db.session.add(Absence(
                    person_id=self.person(person).id, deputy_id=self.person(deputy).id,
                    starts_at=self.now, ends_at=self.now + timedelta(hours=hours),
                    created_at=self.now))

    @invariant()
    def exactly_one_person_has_it(self) -> None:
        assert self.ticket.holder is not None
        assert self.ticket.state in engine_for(self.ticket).workflow.states
        waiting = db.session.scalar(select(func.count()).select_from(Handoff).where(
            Handoff.ticket_id == self.ticket_id, Handoff.state == HandoffState.OFFERED))
        assert waiting in (0, 1)

    @invariant()
    def the_chain_holds(self) -> None:
        previous = "0" * 64
        for seq, entry in enumerate(entries_of(self.ticket.chain), start=1):
            assert (entry.seq, entry.prev_hash) == (seq, previous)
            assert entry.hash == leaf_hash(bytes(entry.body))
            previous = entry.hash
        assert (self.ticket.head_hash, self.ticket.head_seq) == (previous, seq)

    @invariant()
    def the_row_equals_its_replay(self) -> None:
        entries = [(each.seq, each.kind, each.at, content_of(each))
                   for each in entries_of(self.ticket.chain)]
        words = unseal({seal for entry in entries for _, seal in seals_in(entry[3])})
        image = replay(entries, words)
        db.session.refresh(self.ticket)
        assert {name: getattr(self.ticket, name) for name in image.values} == image.values
        rows = db.session.scalars(select(Handoff).where(Handoff.ticket_id == self.ticket_id))
        for handoff in rows:
            told = image.handoffs.pop(handoff.seq)
            kept = {name: getattr(handoff, name) for name in told}
            assert kept == told
        assert not image.handoffs

    @invariant()
    def a_closed_ticket_was_checked_by_the_client(self) -> None:
        if self.ticket.state == "closed":
            assert self.ticket.client_check is CheckResult.GONE


@pytest.mark.usefixtures("session")
def test_whatever_people_try_the_registry_stays_true(session: Session) -> None:
    run_state_machine_as_test(RandomPeople, settings=settings(
        max_examples=30, stateful_step_count=40, deadline=None,
        suppress_health_check=list(HealthCheck)))
