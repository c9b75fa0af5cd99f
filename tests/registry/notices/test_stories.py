"""Who is told of what: each story of a ticket, and the mails that its people find."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.callbacks.service import Found, record_check
from registry.core.jobs import HANDLERS
from registry.core.models import Job
from registry.notices.models import Kind, Notice
from registry.people.absences import end_absence, record_absence
from registry.people.rules import Away
from registry.tickets.handoffs import decline_handoff, withdraw_handoff
from registry.tickets.joint import agree_to_cancelling, propose_cancelling
from registry.tickets.models import CheckResult, Ticket
from registry.tickets.promises import change_promise
from tests.factories import NOW, House, a_signing, a_ticket, accept, hand_over, move, offer
from tests.registry.notices.conftest import QUARTER, Told

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def offered(house: House, ticket: Ticket | None = None, **values: object):
    """A ticket offered to the engineer, with the registrar as the witness."""
    ticket = ticket or a_ticket(house)
    return offer(ticket, "take", house.engineer, witness=house.registrar, **values)


def in_fix(house: House) -> Ticket:
    """A ticket in the engineer's hands, whose making nobody is told of any more."""
    ticket = a_ticket(house, "in_fix", now=NOW - HOUR)
    return ticket


def settle(told: Told, at=NOW) -> None:
    """Let everything that was to be told before be told."""
    told(None, at)


def test_an_offer_reaches_its_receiver_and_its_witness_within_a_quarter_of_an_hour(
    house: House, told: Told
) -> None:
    handoff = offered(house, note="The cable is old")
    assert told(None, NOW + QUARTER - MINUTE) == []
    [mail] = told(house.engineer)
    number = handoff.ticket.number
    assert mail.subject == f"1 handoff waits for your signature: No. {number}, Volga Bank"
    for words in (str(number), "Slow line", "Volga Bank", "from Anna Kim", "24 Nov 10:40",
                  "“The cable is old”", f"/tickets/{number}"):
        assert words in mail.text or words in mail.html
    [second] = told(house.registrar)
    assert "you are the witness: Anna Kim gives to Pavel Orlov" in second.text
    assert told(house.visitor) == []


def test_nobody_is_told_twice(house: House, told: Told) -> None:
    offered(house)
    first = told(None)
    assert len(first) == 2
    assert told(None, NOW + DAY) == first


def test_an_offer_that_was_taken_meanwhile_is_not_told(
    house: House, told: Told, session: Session
) -> None:
    handoff = offered(house)
    accept(handoff, now=NOW + 5 * MINUTE)
    assert told(house.engineer) == []
    assert told(house.registrar) == []
    kept = session.scalars(select(Notice).where(Notice.kind == Kind.OFFERED)).one()
    assert kept.left_out_at == NOW + QUARTER
    assert kept.told_at is None


def test_an_offer_that_was_taken_back_meanwhile_is_not_told_at_all(
    house: House, told: Told
) -> None:
    handoff = offered(house)
    withdraw_handoff(handoff, by=house.visitor, now=NOW + 5 * MINUTE)
    assert told(None, NOW + 2 * QUARTER) == []


def test_who_was_told_of_an_offer_is_told_that_it_was_taken_back(
    house: House, told: Told
) -> None:
    handoff = offered(house)
    settle(told, NOW + QUARTER)
    withdraw_handoff(handoff, reason="Wrong department", by=house.visitor, now=NOW + HOUR)
    mail = told(house.engineer, NOW + HOUR + QUARTER)[-1]
    assert mail.subject.startswith("1 offer withdrawn")
    assert "“Wrong department”" in mail.text
    assert told(house.registrar)[-1].subject.startswith("1 offer withdrawn")


def test_twelve_offers_are_one_mail(house: House, told: Told) -> None:
    for count in range(12):
        offered(house, now=NOW + count * MINUTE)
    [mail] = told(house.engineer)
    assert mail.subject == "12 handoffs wait for your signature"
    assert mail.text.count("from Anna Kim") == 12


def test_the_next_quarter_of_an_hour_is_another_mail(house: House, told: Told) -> None:
    offered(house)
    settle(told, NOW + QUARTER)
    offered(house, now=NOW + QUARTER + MINUTE)
    assert len(told(house.engineer, NOW + 2 * QUARTER)) == 1
    assert len(told(house.engineer, NOW + 2 * QUARTER + MINUTE)) == 2


def test_the_giver_is_told_that_the_offer_was_declined_and_why(house: House, told: Told) -> None:
    handoff = offered(house)
    settle(told, NOW + QUARTER)
    decline_handoff(handoff, reason="Not our line", by=house.engineer, now=NOW + HOUR)
    [mail] = told(house.visitor, NOW + HOUR + QUARTER)
    assert mail.subject.startswith("1 offer declined")
    assert "Pavel Orlov does not take it · “Not our line”" in mail.text


def test_a_declined_ticket_that_has_gone_elsewhere_is_no_news(house: House, told: Told) -> None:
    handoff = offered(house)
    decline_handoff(handoff, reason="Not our line", by=house.engineer, now=NOW + MINUTE)
    hand_over(handoff.ticket, "take", house.other_engineer, witness=house.registrar,
              now=NOW + 2 * MINUTE)
    assert told(house.visitor) == []


def test_the_visitor_is_told_that_the_offer_was_taken(house: House, told: Told) -> None:
    handoff = offered(house)
    accept(handoff, now=NOW + HOUR)
    [mail] = told(house.visitor, NOW + HOUR + QUARTER)
    assert mail.subject.startswith("1 offer accepted")
    assert "now in the hands of Pavel Orlov · “I measure the line tomorrow”" in mail.text
    assert told(house.engineer, NOW + HOUR + QUARTER) == [], "the own act"


def test_who_signed_at_one_screen_is_told_nothing(house: House, told: Told) -> None:
    hand_over(a_ticket(house), "take", house.engineer, witness=house.registrar)
    assert told(None) == []


def test_a_mended_ticket_comes_back_with_the_call_to_the_client(house: House, told: Told) -> None:
    ticket = in_fix(house)
    offer(ticket, "return", house.visitor, witness=house.registrar,
          fields={"what_was_wrong": "A bad cable", "what_was_done": "Replaced it"})
    [mail] = told(house.visitor)
    assert "mended by Pavel Orlov: sign for it, then call the client" in mail.text


def test_what_is_not_gone_comes_back_to_who_mended_it(house: House, told: Told) -> None:
    ticket = a_ticket(house, "returned", now=NOW - HOUR)
    settle(told)
    record_check(ticket, Found(CheckResult.NOT_GONE, "Galina Serova", "Still slow at noon"),
                 by=house.visitor, signing=a_signing(house.visitor), now=NOW)
    mail = told(house.engineer)[-1]
    assert "the client says that it is not gone; from Anna Kim · “Still slow at noon”" in mail.text


def test_the_chief_engineer_is_asked_for_the_second_signature(house: House, told: Told) -> None:
    ticket = a_ticket(house)
    propose_cancelling(ticket, reason="Logged twice", by=house.visitor,
                       signing=a_signing(house.visitor), now=NOW)
    [mail] = told(house.registrar)
    assert mail.subject.startswith("1 cancelling waits for your signature")
    assert "cancelling proposed by Anna Kim · “Logged twice”" in mail.text


def test_a_cancelling_that_is_signed_already_is_not_asked_for(house: House, told: Told) -> None:
    joint = propose_cancelling(a_ticket(house), reason="Logged twice", by=house.visitor,
                               signing=a_signing(house.visitor), now=NOW)
    agree_to_cancelling(joint, by=house.registrar, signing=a_signing(house.registrar),
                        now=NOW + MINUTE)
    assert told(None) == []


def test_the_holder_is_told_that_a_ticket_was_taken_by_authority(house: House, told: Told) -> None:
    ticket = in_fix(house)
    settle(told)
    hand_over(ticket, "take_by_authority", house.registrar, by=house.deputy,
              note="Cannot be reached")
    mail = told(house.engineer)[-1]
    assert mail.subject.startswith("1 ticket taken from you")
    assert "now in the hands of Oleg Chernov · “Cannot be reached”" in mail.text


def ring(session: Session, name: str) -> Job:
    """Let the first timer of the name ring, as the worker does."""
    job = next(each for each in session.scalars(select(Job).order_by(Job.id))
               if each.payload.get("timer") == name)
    HANDLERS["ticket_timer"](job.payload, now=job.due_at)
    return job


def test_an_offer_that_nobody_answers_is_told_to_the_chief_engineer_and_to_the_giver(
    house: House, told: Told, session: Session
) -> None:
    handoff = offered(house)
    settle(told, NOW + QUARTER)
    rang = ring(session, "offer_unaccepted").due_at
    for person in (house.registrar, house.visitor):
        mail = told(person, rang + QUARTER)[-1]
        assert mail.subject == (f"1 ticket that nobody has taken: No. {handoff.ticket.number}, "
                                "Volga Bank")
        assert "offered to Pavel Orlov · since 24 Nov 10:40" in mail.text


def test_a_timer_whose_ticket_has_moved_on_tells_nobody(
    house: House, told: Told, session: Session
) -> None:
    handoff = offered(house)
    settle(told, NOW + QUARTER)
    rang = ring(session, "offer_unaccepted").due_at
    before = len(told(house.registrar))
    accept(handoff, now=rang + MINUTE)
    assert len(told(house.registrar, rang + QUARTER)) == before


@pytest.mark.parametrize(("state", "timer", "words"), [
    ("logged", "unaccepted", "with Anna Kim, not handed to anybody"),
    ("accepted", "not_started", "accepted by Pavel Orlov, but work has not begun"),
    ("on_hold", "hold_is_over", "the time on hold is over"),
    ("returned", "not_checked", "the client has not been called back"),
])
def test_each_timer_of_a_state_says_what_is_waited_for(
    house: House, told: Told, session: Session, state: str, timer: str, words: str
) -> None:
    a_ticket(house, state)
    rang = ring(session, timer).due_at
    assert any(words in mail.text for mail in told(None, rang + DAY))


def test_the_holder_is_warned_before_the_promise_is_broken(house: House, told: Told) -> None:
    ticket = in_fix(house)
    promised = NOW + 2 * DAY
    change_promise(ticket, promised, reason="Parts come on Thursday", by=house.engineer, now=NOW)
    settle(told, NOW + QUARTER)
    before = len(told(house.engineer))
    mails = told(house.engineer, NOW + DAY + QUARTER)
    assert len(mails) == before + 1
    assert mails[-1].subject.startswith("1 promise near")
    assert "promised 26 Nov 10:40" in mails[-1].text
    assert told(house.visitor, promised) == []


def test_of_a_broken_promise_the_originator_hears_too(house: House, told: Told) -> None:
    ticket = in_fix(house)
    promised = ticket.promised_at
    assert promised is not None
    for person in (house.engineer, house.visitor):
        mail = told(person, promised + QUARTER)[-1]
        assert "1 promise broken" in mail.subject
    assert "in the hands of Pavel Orlov" in mail.text


def test_a_promise_that_was_moved_or_kept_is_not_told_of(house: House, told: Told) -> None:
    moved, kept = in_fix(house), in_fix(house)
    settle(told)
    first = moved.promised_at
    assert first is not None
    change_promise(moved, first + 5 * DAY, reason="The part is late", by=house.engineer, now=NOW)
    hand_over(kept, "return", house.visitor, witness=house.registrar,
              fields={"what_was_wrong": "A bad cable", "what_was_done": "Replaced it"})
    assert told(house.engineer, first + HOUR) == []


def test_whoever_takes_a_ticket_over_is_warned_of_its_promise(house: House, told: Told) -> None:
    ticket = in_fix(house)
    settle(told)
    hand_over(ticket, "take_by_authority", house.registrar, by=house.deputy, note="Away")
    promised = ticket.promised_at
    assert promised is not None
    assert "1 promise broken" in told(house.registrar, promised + QUARTER)[-1].subject
    assert not any("promise" in mail.subject for mail in told(house.engineer))


def away(house: House, **values: object):
    """The engineer is away for a week; the other one signs."""
    return record_absence(Away(**({
        "person": house.engineer, "deputy": house.other_engineer, "starts_at": NOW - HOUR,
        "ends_at": NOW + 7 * DAY, "reason": "Leave"} | values)), by=house.engineer, now=NOW - DAY)


def test_the_deputy_is_told_for_whom(house: House, told: Told) -> None:
    away(house)
    offered(house)
    [mail] = told(house.other_engineer)
    assert "for Pavel Orlov, who is away" in mail.text
    assert told(house.engineer) == []


def test_what_concerns_deputy_and_absent_person_is_one_mail(house: House, told: Told) -> None:
    away(house)
    offered(house)
    offer(a_ticket(house), "take", house.other_engineer, witness=house.registrar)
    [mail] = told(house.other_engineer)
    assert mail.subject == "2 handoffs wait for your signature"
    assert mail.text.count("for Pavel Orlov, who is away") == 1


def test_who_is_back_is_told_in_person(house: House, told: Told) -> None:
    absence = away(house)
    offered(house)
    end_absence(absence, by=house.engineer, now=NOW + MINUTE)
    assert len(told(house.engineer)) == 1
    assert told(house.other_engineer) == []


def test_a_deputy_is_not_told_of_the_own_act(house: House, told: Told) -> None:
    away(house, person=house.engineer, deputy=house.registrar)
    ticket = a_ticket(house, by=house.registrar)
    offer(ticket, "take", house.engineer, witness=house.deputy)
    assert told(house.registrar) == []


def test_whoever_has_left_is_told_nothing(house: House, told: Told, session: Session) -> None:
    offered(house)
    house.engineer.is_active = False
    assert told(house.engineer) == []
    assert session.scalars(select(Notice).where(
        Notice.person_id == house.engineer.id)).one().left_out_at is not None


def test_old_news_is_not_sent_by_a_worker_that_was_down(house: House, told: Told) -> None:
    handoff = offered(house)
    decline_handoff(handoff, reason="Not our line", by=house.engineer, now=NOW + MINUTE)
    assert told(house.visitor, NOW + 10 * DAY) == []


def test_a_step_without_others_tells_nobody(house: House, told: Told, session: Session) -> None:
    ticket = a_ticket(house, "accepted", now=NOW - HOUR)
    before = session.scalars(select(Notice.key)).all()
    move(ticket, "start")
    assert session.scalars(select(Notice.key)).all() == before
