"""A handoff that two of three have signed: it waits until the company's day ends, then lapses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.core import jobs
from registry.core.db import atomic, db
from registry.core.errors import Conflict
from registry.core.models import Job, Message
from registry.ledger.entries import content_of, entries_of
from registry.ledger.verify import verify
from registry.notices.models import Kind, Notice
from registry.notices.telling import tell_all_due
from registry.people.models import Person
from registry.tickets.half_signed import lapses_at, missing_from
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.handoffs import (
    accept_handoff,
    decline_handoff,
    lapse_handoff,
    withdraw_handoff,
    witness_handoff,
)
from registry.tickets.lapsing import lapse_all_due
from registry.worker import Worker
from tests.factories import NOW, House, a_signing, a_ticket, accept, offer
from tests.ground.at_once import at_once

# The factories' day in Moscow: it begins and ends at 21:00 UTC.
MIDNIGHT = datetime.fromisoformat("2026-11-24T21:00:00+00:00")
BEFORE, AFTER = MIDNIGHT - timedelta(seconds=1), MIDNIGHT
HOUR = timedelta(hours=1)


def take(handoff: Handoff, now: datetime = NOW, by: Person | None = None) -> None:
    taker = by or handoff.receiver
    accept_handoff(handoff, next_step="I look", next_step_by=(now + 48 * HOUR).isoformat(),
                   by=taker, signing=a_signing(taker), now=now)


def see(handoff: Handoff, now: datetime = NOW) -> None:
    assert handoff.witness is not None
    witness_handoff(handoff, by=handoff.witness, signing=a_signing(handoff.witness), now=now)


SECOND = {"receiver": take, "witness": see}


def half(house: House, second: str = "receiver", now: datetime = NOW) -> Handoff:
    """A handoff that the giver has signed, and then the receiver or the witness."""
    handoff = offer(a_ticket(house, now=now), "take", house.engineer, witness=house.registrar,
                    now=now)
    SECOND[second](handoff, now)
    return handoff


def lapse(session: Session, now: datetime) -> None:
    """As the worker does it."""
    session.commit()
    lapse_all_due(now=now)


def test_an_offer_that_only_its_giver_has_signed_waits(house: House, session: Session) -> None:
    handoff = offer(a_ticket(house), "take", house.engineer, witness=house.registrar)
    lapse(session, NOW + 100 * 24 * HOUR)
    assert (handoff.state, lapses_at(handoff)) == (HandoffState.OFFERED, None)


@pytest.mark.parametrize("second", SECOND)
def test_with_the_second_signature_the_day_is_its_end(
    house: House, session: Session, second: str
) -> None:
    handoff = half(house, second)
    assert lapses_at(handoff) == MIDNIGHT
    (third,) = missing_from(handoff)
    assert third.name != second
    lapse(session, BEFORE)
    assert handoff.state is HandoffState.OFFERED
    lapse(session, AFTER)
    assert (handoff.state, handoff.ended_at) == (HandoffState.LAPSED, AFTER)


def test_the_second_signature_counts_and_not_the_offer(house: House, session: Session) -> None:
    handoff = offer(a_ticket(house), "take", house.engineer, witness=house.registrar)
    take(handoff, NOW + 24 * HOUR)
    lapse(session, AFTER)
    assert handoff.state is HandoffState.OFFERED
    lapse(session, AFTER + 24 * HOUR)
    assert handoff.state is HandoffState.LAPSED


def test_nothing_of_the_ticket_moves_and_the_chain_says_why(
    house: House, session: Session
) -> None:
    handoff = half(house)
    ticket = handoff.ticket
    before = (ticket.state, ticket.holder_id, ticket.originator_id, ticket.promised_at,
              ticket.state_since)
    jobs_before = {job.key for job in session.scalars(select(Job).where(
        Job.about.like("%:state:%")))}
    lapse(session, AFTER)
    assert (ticket.state, ticket.holder_id, ticket.originator_id, ticket.promised_at,
            ticket.state_since) == before
    last = entries_of(ticket.chain)[-1]
    assert (last.kind, last.actor, last.at) == ("handoff_lapsed", "system", AFTER)
    assert content_of(last)["missing"] == house.registrar.ref
    assert {job.key for job in session.scalars(select(Job).where(
        Job.about.like("%:state:%")))} == jobs_before
    assert session.scalars(select(Job).where(Job.about.like("%:offer:%"))).all() == []
    assert verify(verifier=None).is_sound


def test_what_lapsed_is_signed_by_nobody_and_may_be_offered_anew(
    house: House, session: Session
) -> None:
    handoff = half(house)
    lapse(session, AFTER)
    with pytest.raises(Conflict):
        see(handoff, AFTER + HOUR)
    with pytest.raises(Conflict):
        withdraw_handoff(handoff, by=handoff.giver, now=AFTER + HOUR)
    again = accept(offer(handoff.ticket, "take", house.engineer, witness=house.registrar,
                         now=AFTER + HOUR), now=AFTER + HOUR)
    assert again.state is HandoffState.ACCEPTED
    assert handoff.ticket.holder_id == house.engineer.id
    assert verify(verifier=None).is_sound


@pytest.mark.parametrize("second", SECOND)
def test_after_midnight_nobody_signs_though_no_worker_has_looked(
    house: House, second: str
) -> None:
    handoff = half(house, second)
    third = SECOND[missing_from(handoff)[0].name]
    entries = handoff.ticket.head_seq
    with pytest.raises(Conflict) as refused:
        third(handoff, AFTER)
    assert "has lapsed" in str(refused.value.reasons[0].text)
    assert (handoff.state, handoff.ticket.head_seq) == (HandoffState.OFFERED, entries)
    third(handoff, BEFORE)
    assert handoff.state is HandoffState.ACCEPTED


def test_whoever_wants_it_back_or_does_not_want_it_may_say_so_also_after_midnight(
    house: House
) -> None:
    assert withdraw_handoff(half(house), by=house.visitor, now=AFTER).state is (
        HandoffState.WITHDRAWN)
    unwanted = half(house, "witness")
    assert decline_handoff(unwanted, reason="Not mine", by=house.engineer, now=AFTER).state is (
        HandoffState.DECLINED)


def test_a_handoff_does_not_lapse_before_its_time(house: House, session: Session) -> None:
    handoff = half(house)
    with pytest.raises(Conflict):
        lapse_handoff(handoff, now=BEFORE)
    with pytest.raises(Conflict):
        lapse_handoff(offer(a_ticket(house), "take", house.engineer, witness=house.registrar),
                      now=AFTER)
    assert handoff.state is HandoffState.OFFERED


def mails_since(session: Session, since: datetime) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.created_at >= since)))


def test_all_three_are_told_once_each(house: House, session: Session) -> None:
    handoff = half(house)
    session.commit()
    tell_all_due(now=NOW + HOUR)
    lapse(session, AFTER)
    morning = AFTER + 12 * HOUR  # nobody is woken
    tell_all_due(now=AFTER + HOUR)
    assert mails_since(session, AFTER) == []
    tell_all_due(now=morning)
    tell_all_due(now=morning + HOUR)
    mails = {mail.recipient: mail for mail in mails_since(session, AFTER)}
    assert len(mails) == len(mails_since(session, AFTER))
    assert set(mails) == {house.visitor.email, house.engineer.email, house.registrar.email}
    mail = mails[house.engineer.email]
    number = handoff.ticket.number
    assert mail.subject == f"1 handoff lapsed: No. {number}, Volga Bank"
    assert "not signed by Oleg Chernov before the day was over" in mail.text
    assert "it stays with Anna Kim" in mail.text


def test_a_lapse_is_no_news_once_the_ticket_has_been_handed_over(
    house: House, session: Session
) -> None:
    handoff = half(house)
    session.commit()
    tell_all_due(now=NOW + HOUR)
    lapse(session, AFTER)
    accept(offer(handoff.ticket, "take", house.engineer, witness=house.registrar,
                 now=AFTER + HOUR), now=AFTER + HOUR)
    session.commit()
    tell_all_due(now=AFTER + 12 * HOUR)
    told = session.scalars(select(Notice).where(Notice.kind == Kind.LAPSED))
    assert [(each.told_at, each.left_out_at is not None) for each in told] == [(None, True)] * 3


def test_looking_for_what_lapses_is_one_query_on_an_index(
    house: House, session: Session, count_queries: Any
) -> None:
    for _each in range(3):
        offer(a_ticket(house), "take", house.engineer, witness=house.registrar)
    half(house, now=AFTER)
    session.commit()
    lapse_all_due(now=AFTER)
    with count_queries() as queries:
        lapse_all_due(now=AFTER)
    assert len(queries) == 1, queries
    many_answered(session)
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    plan = session.connection().exec_driver_sql(
        f"{explain} {queries[0]}".replace("%(today)s", "now()").replace("%(param_1)s", "200")
        .replace("?", "'1'")).all()
    assert "ix_handoff_half_signed" in str(plan), plan


def many_answered(session: Session) -> None:
    """Thousands of handoffs of the past beside those that wait: in a table of three rows every
    way is as short as another."""
    same = ", ".join(each.name for each in Handoff.__table__.c
                     if each.name not in ("id", "seq", "state"))
    session.execute(text(f"""
        INSERT INTO handoff (seq, state, {same})
        SELECT seq + n, 'accepted', {same} FROM handoff,
            (WITH RECURSIVE count(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM count
                                         WHERE n < 3000) SELECT n FROM count) AS numbers"""))
    session.execute(text("ANALYZE handoff"))


WORKERS, TICKETS = 4, 5


def test_workers_that_look_together_let_each_lapse_once(
    committed_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "DUTIES", {"lapse": lapse_all_due})
    with committed_app.app_context():
        with atomic():
            house = House()
            handoffs = [half(house, second).id for second in ("receiver", "witness") * TICKETS]
        rounds = [partial(Worker(f"worker{each}").run_due, AFTER + HOUR)
                  for each in range(WORKERS)]
        assert at_once(committed_app, rounds) == ["done"] * WORKERS
        for handoff_id in handoffs:
            handoff = db.session.get_one(Handoff, handoff_id)
            assert handoff.state is HandoffState.LAPSED
            kinds = [each.kind for each in entries_of(handoff.ticket.chain)]
            assert kinds.count("handoff_lapsed") == 1
        told = db.session.query(Notice).filter_by(kind=Kind.LAPSED).all()
        assert len(told) == 3 * len(handoffs)
        assert verify(verifier=None).is_sound


def test_a_signature_at_the_last_moment_wins_or_loses_whole(committed_app: Flask) -> None:
    with committed_app.app_context():
        with atomic():
            house = House()
            handoffs = [half(house).id for _round in range(6)]

        def sign(handoff_id: int) -> Callable[[], None]:
            def act() -> None:
                with atomic():
                    see(db.session.get_one(Handoff, handoff_id), BEFORE)
            return act

        for handoff_id in handoffs:
            outcomes = at_once(committed_app, [sign(handoff_id),
                                               lambda: lapse_all_due(now=AFTER)])
            handoff = db.session.get_one(Handoff, handoff_id)
            db.session.refresh(handoff)
            won = handoff.state is HandoffState.ACCEPTED
            assert outcomes.count("done") == (2 if won else 1), outcomes
            assert handoff.state is (HandoffState.ACCEPTED if won else HandoffState.LAPSED)
            assert (handoff.ticket.holder_id == handoff.receiver_id) == won
            lapse_all_due(now=AFTER)
        assert verify(verifier=None).is_sound
