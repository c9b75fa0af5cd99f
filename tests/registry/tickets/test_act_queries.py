"""What an act asks of the database, pinned: each question is time that somebody waits for."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from registry.core.db import atomic
from registry.core.models import Job
from registry.core.outbox import drop_jobs, queue_job
from registry.people.models import Person
from registry.people.rule_models import forget_rules
from registry.tickets.handoff_models import Handoff
from registry.tickets.models import Ticket
from registry.tickets.service import log_ticket
from tests.factories import NOW, House, a_problem, a_ticket, accept, offer


def test_what_logging_a_ticket_asks(house: House, session: Session, count_queries) -> None:
    a_ticket(house)
    session.commit()
    problem, visitor = a_problem(house), session.get_one(Person, house.visitor.id)
    for each in (problem.client, problem.site, problem.contact, problem.criterion, visitor):
        session.refresh(each)
    with count_queries() as queries, atomic():
        log_ticket(problem, by=visitor, now=NOW)
    # The lifecycle, the number; entry, its place in the tree to come, two seals in one, ticket,
    # its words, the timer.
    assert len(queries) == 8, queries


def test_what_a_handoff_asks(house: House, session: Session, count_queries) -> None:
    ticket_id = a_ticket(house, "accepted").id
    session.commit()
    with count_queries() as offering, atomic():
        ticket = session.get_one(Ticket, ticket_id)
        receiver = session.get_one(Person, house.other_engineer.id)
        handoff_id = offer(ticket, "pass_on", receiver).id
    session.expunge_all()
    with count_queries() as accepting, atomic():
        accept(session.get_one(Handoff, handoff_id), now=NOW + timedelta(hours=1))
    # Of them one for the time of the chain's last entry; the rules of signatures are known.
    assert (len(offering), len(accepting)) == (17, 17), (offering, accepting)


def test_the_rules_of_signatures_are_read_once_however_many_are_signed(
    house: House, session: Session, count_queries
) -> None:
    tickets = [a_ticket(house, "accepted") for _ in range(3)]
    forget_rules()
    with count_queries() as queries:
        for ticket in tickets:
            offer(ticket, "pass_on", house.other_engineer, now=NOW + timedelta(hours=1))
    assert len([each for each in queries if "FROM signature_rules" in each]) == 1


def test_a_job_is_owed_once_and_what_was_done_stays(session: Session) -> None:
    for about in ("first", "second"):
        queue_job("ticket_timer", "one", due_at=NOW, now=NOW, about=about, payload={"n": 1})
    job = session.query(Job).one()
    assert (job.about, job.payload, job.tries, job.error) == ("first", {"n": 1}, 0, "")
    job.done_at = NOW
    session.flush()
    drop_jobs("first")
    queue_job("ticket_timer", "one", due_at=NOW, now=NOW, about="first")
    assert session.query(Job.done_at).one() == (NOW,)


def test_jobs_are_dropped_in_the_transaction_that_owed_them(session: Session) -> None:
    queue_job("ticket_timer", "one", due_at=NOW, now=NOW, about="it")
    queue_job("ticket_timer", "two", due_at=NOW, now=NOW, about="another")
    drop_jobs("it")
    assert [job.key for job in session.query(Job)] == ["two"]
