"""An act of two signatures is whatever the lifecycle says: here a pause to which the programme's
lead agrees. Both sign what really happens, with what the first wrote."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.errors import Refused
from registry.core.models import Job
from registry.core.times import utc_now
from registry.ledger.verify import verify
from registry.notices.models import Notice
from registry.people.models import Person, Signature
from registry.tickets.acts import open_joint_act
from registry.tickets.joint import agree_to_cancelling, propose_cancelling, withdraw_cancelling
from registry.tickets.lifecycles import publish_lifecycle
from registry.tickets.models import Ticket
from tests.factories import NOW, PASSWORD, House, a_signing, a_ticket
from tests.registry.tickets.conftest import SignIn
from tests.registry.tickets.sheet_steps import away
from tests.registry.tickets.test_act_views import hidden
from tests.registry.tickets.test_lifecycle_versions import KEPT, SHIPPED
from workflows import loads

PAUSING = SHIPPED.replace("version = 1", "version = 2", 1) + """
[moves.pause]
title = { en = "Pause by agreement", ru = "Приостановить по согласию" }
from = ["in_fix"]
to = "on_hold"
may = ["relation:holder"]
reason = "required"
signatures = [{ by = "actor", meaning = "holds" }, { by = "role:lead", meaning = "starts" }]

[moves.pause.fields.until]
kind = "date"
future = true
title = { en = "Pause until", ru = "Пауза до" }

[carry_over.1]
in_fix = "in_fix"
""" + "".join(f'{name} = "{name}"\n' for name in KEPT)
SAYS = "“Pause by agreement”. Its state becomes “on hold”."


@pytest.fixture
def ticket(house: House) -> Ticket:
    """In the engineer's hands, under a lifecycle that knows the pause."""
    publish_lifecycle(loads(PAUSING), by=None, now=NOW)
    return a_ticket(house, "in_fix", now=utc_now() - timedelta(hours=1))


def texts(session: Session) -> dict[int, str]:
    """What each signer of the pause has signed."""
    return {each.signer_id: json.loads(each.statement)["text"]
            for each in session.scalars(select(Signature).where(Signature.act == "pause"))}


def proposed(ticket: Ticket, by: Person) -> None:
    until = (utc_now() + timedelta(days=2)).isoformat()
    propose_cancelling(ticket, reason="A part is missing", fields={"until": until}, by=by,
                       move="pause", signing=a_signing(by), now=utc_now())


def test_both_sign_what_happens_and_the_field_takes_effect(
    house: House, ticket: Ticket, session: Session
) -> None:
    proposed(ticket, house.engineer)
    joint = open_joint_act(ticket)
    assert joint is not None
    told = session.scalars(select(Notice.person_id).where(Notice.act_seq == joint.seq,
                                                          Notice.ticket_id == ticket.id)).all()
    assert told == [house.lead.id]
    with pytest.raises(Refused):
        agree_to_cancelling(joint, by=house.registrar, signing=a_signing(house.registrar),
                            now=utc_now())
    agree_to_cancelling(joint, by=house.lead, signing=a_signing(house.lead), now=utc_now())
    assert (ticket.state, ticket.on_hold_until is not None) == ("on_hold", True)
    said = texts(session)
    assert all(SAYS in each and "cancelled" not in each for each in said.values())
    assert "Pause until: " in said[house.engineer.id]
    rings = session.scalars(select(Job).where(Job.kind == "ticket_timer").order_by(Job.id.desc()))
    assert rings.first().due_at == ticket.on_hold_until
    session.flush()
    assert verify(verifier=None).is_sound


def test_the_pages_of_both_show_what_is_signed(
    house: House, ticket: Ticket, session: Session, sign_in: SignIn
) -> None:
    address = f"/tickets/{ticket.number}/moves/pause"
    engineer, lead = sign_in(house.engineer), sign_in(house.lead)
    page = engineer.get(address).text
    assert SAYS in page
    until = (utc_now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert engineer.post(address, data={**hidden(page), "reason": "A part", "until": until,
                                        "password": PASSWORD}).status_code == 303
    joint = open_joint_act(ticket)
    assert joint is not None
    asks, registrar = f"/joint/{joint.id}/agree", sign_in(house.registrar)
    page = lead.get(f"/tickets/{ticket.number}").text
    assert asks in page
    assert ("“Pause by agreement” was proposed by Pavel Orlov. Not signed yet: the programme lead. "
            "“A part”") in page
    assert "Pause by agreement: proposed by Pavel Orlov" in page
    assert asks not in registrar.get(f"/tickets/{ticket.number}").text
    assert asks not in registrar.get("/").text
    page = lead.get(asks).text
    assert SAYS in page
    assert "Pause until: " in page
    assert "cancel" not in page.casefold()
    assert lead.post(asks, data={**hidden(page), "password": PASSWORD}).status_code == 303
    assert {each.split("\n")[0] for each in texts(session).values()} == {
        f"Ticket No. {ticket.number}: {SAYS}"}


def test_a_deputy_proposes_it_for_the_absent_holder(
    house: House, ticket: Ticket, session: Session
) -> None:
    away(house.engineer, house.other_engineer)
    proposed(ticket, house.other_engineer)
    signature = session.scalars(select(Signature).where(Signature.act == "pause")).one()
    assert signature.on_behalf_of is house.engineer
    joint = open_joint_act(ticket)
    assert joint is not None
    agree_to_cancelling(joint, by=house.lead, signing=a_signing(house.lead), now=utc_now())
    assert ticket.state == "on_hold"


def test_whoever_was_to_agree_may_take_it_back_and_nobody_else(
    house: House, ticket: Ticket
) -> None:
    proposed(ticket, house.engineer)
    joint = open_joint_act(ticket)
    assert joint is not None
    with pytest.raises(Refused, match="Pavel Orlov or the programme lead"):
        withdraw_cancelling(joint, by=house.registrar, now=utc_now())
    withdraw_cancelling(joint, by=house.lead, now=utc_now())
    assert open_joint_act(ticket) is None
