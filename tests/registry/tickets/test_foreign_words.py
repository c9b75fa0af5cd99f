"""A lifecycle may speak of roles and relations that this registry does not know: its author is told
before it is published. In one that was published before, nobody has them, and nothing fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.models import Job
from registry.notices.models import Notice
from registry.people.models import Person
from registry.tickets import timers
from registry.tickets.acts import move_of
from registry.tickets.joint import propose_cancelling
from registry.tickets.lifecycles import (
    OF_ANYBODY,
    current_lifecycle,
    publish_lifecycle,
    shipped_workflow,
)
from registry.tickets.models import Ticket
from registry.tickets.service import log_ticket
from registry.tickets.ticket_queries import eligible, receivers_for
from tests.factories import NOW, House, a_problem, a_signing, a_ticket
from tests.ground.texts import replaced
from tests.registry.tickets.conftest import SignIn
from tests.registry.tickets.test_lifecycle_versions import SECOND
from workflows import BadDefinition, loads

AUDITOR = '"role:auditor" = { en = "an auditor", ru = "аудитор" }'
NEIGHBOUR = '"relation:neighbour" = { en = "a neighbour", ru = "сосед" }'


def changed(*pairs: tuple[str, str]) -> str:
    """The second version of the lifecycle with other words."""
    return replaced(SECOND, *pairs)


@pytest.fixture
def complaint(house: House) -> Ticket:
    """A bank's complaint: none of its roles is one of ours."""
    return log_ticket(a_problem(house), by=house.visitor, now=NOW,
                      lifecycle=current_lifecycle("bank_complaint"))


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Person, ...]]:
    """Whom the timers tell from here on."""
    told: list[tuple[Person, ...]] = []
    monkeypatch.setattr(timers, "TELLERS", [lambda rung, now: told.append(rung.persons)])
    return told


def due(session: Session, ticket: Ticket) -> list[dict[str, Any]]:
    """The timers that are owed to the ticket."""
    jobs = session.scalars(select(Job).where(Job.kind == "ticket_timer").order_by(Job.id))
    return [job.payload for job in jobs if job.payload["ticket"] == ticket.id]


def test_roles_and_relations_that_nobody_has_are_not_published(house: House) -> None:
    text = changed(('"administrator",', '"administrator", "auditor",'),
                   ('"last_mender", "colleague"]', '"last_mender", "colleague", "neighbour"]'),
                   ('giver = {', f"{AUDITOR}\n{NEIGHBOUR}\ngiver = {{"))
    with pytest.raises(BadDefinition) as refused:
        publish_lifecycle(loads(text), by=house.administrator, now=NOW)
    assert [finding.place for finding in refused.value.findings] == [
        "vocabulary.roles", "vocabulary.relations"]
    assert "engineer" in str(refused.value)


def test_what_comes_with_the_product_says_whom_it_lacks_here(house: House) -> None:
    with pytest.raises(BadDefinition) as refused:
        publish_lifecycle(replace(shipped_workflow("bank_complaint.toml"), version=2),
                          by=house.administrator, now=NOW)
    assert "vocabulary.roles" in {finding.place for finding in refused.value.findings}


def test_nobody_can_be_chosen_who_has_a_role_of_elsewhere(
    house: House, complaint: Ticket, sign_in: SignIn
) -> None:
    assert receivers_for(complaint, move_of(complaint, "assign"), house.visitor) == []
    visitor = sign_in(house.visitor)
    assert visitor.get(f"/tickets/{complaint.number}").status_code == 200
    assert visitor.get(f"/tickets/{complaint.number}/moves/assign").status_code == 200


def test_a_timer_that_tells_nobody_goes_on(
    complaint: Ticket, session: Session, rung: list[tuple[Person, ...]]
) -> None:
    [payload] = due(session, complaint)
    timers.ring(payload, now=NOW)
    assert rung == [()]
    assert [each["round"] for each in due(session, complaint)] == [1, 2]


def test_a_timer_tells_whoever_fulfils_a_whole_term(
    house: House, session: Session, rung: list[tuple[Person, ...]]
) -> None:
    terms = '["relation:holder", "relation:colleague and role:visitor"]'
    text = changed(('name = "unaccepted", after = "4h", every = "8h", tells = "role:registrar"',
                    f'name = "unaccepted", after = "4h", tells = {terms}'))
    publish_lifecycle(loads(text), by=house.administrator, now=NOW)
    ticket = a_ticket(house)
    [payload] = due(session, ticket)
    timers.ring(payload, now=NOW)
    assert rung == [(house.visitor, house.other_visitor)]


def test_a_second_signature_of_elsewhere_is_awaited_of_nobody(
    house: House, session: Session
) -> None:
    text = changed(('by = "role:registrar", meaning = "agrees_to_cancel"',
                    'by = "role:auditor", meaning = "agrees_to_cancel"'),
                   ('"administrator",', '"administrator", "auditor",'),
                   ('giver = {', f"{AUDITOR}\ngiver = {{"))
    publish_lifecycle(loads(text), by=house.administrator, now=NOW, catalogue=OF_ANYBODY)
    ticket = a_ticket(house)
    propose_cancelling(ticket, reason="Twice", by=house.visitor, now=NOW,
                       signing=a_signing(house.visitor))
    session.flush()
    assert session.scalars(select(Notice).where(Notice.ticket_id == ticket.id)).all() == []
    assert eligible(ticket, ("role:auditor",)) == []
