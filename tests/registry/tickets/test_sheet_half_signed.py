"""A sheet of three tickets that giver and receiver have signed and the witness has not: as the day
ends every line lapses, the page says so, and each of the three has one mail about all of it."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.calendar import company_calendar
from registry.core.models import Message
from registry.core.times import utc_now
from registry.notices.telling import tell_all_due
from registry.tickets.handoff_models import HandoffState
from registry.tickets.lapsing import lapse_all_due
from tests.factories import House, a_ticket
from tests.registry.tickets.sheet_steps import answered, handoffs, only_sheet, signed, to


def test_every_line_lapses_and_each_of_the_three_is_told_once(
    house: House, engineer: FlaskClient, session: Session
) -> None:
    tickets = [a_ticket(house, "in_fix") for _ in range(3)]
    said = {f"{name}-{each.number}": "Said" for name in ("what_was_wrong", "what_was_done")
            for each in tickets}
    signed(engineer, to(house.visitor, witness=house.registrar.id), **said)
    sheet = only_sheet()
    assert answered(engineer, sheet, ["take"] * 3).status_code == 303
    session.commit()
    at_work = company_calendar().add_hours(utc_now(), 2)  # nobody is told at night
    tell_all_due(now=at_work)
    before = set(session.scalars(select(Message.id)))
    next_day = at_work + timedelta(days=1)
    lapse_all_due(now=next_day)
    assert [each.state for each in handoffs()] == [HandoffState.LAPSED] * 3
    assert {each.holder_id for each in tickets} == {house.engineer.id}
    page = engineer.get(f"/sheets/{sheet.id}").text
    assert "3 have lapsed." in page
    assert page.count("lapsed: not all had signed") == 3
    assert 'type="password"' not in page
    session.commit()
    tell_all_due(now=company_calendar().add_hours(next_day, 2))
    mails = list(session.scalars(select(Message).where(Message.id.not_in(before))))
    three = (house.engineer, house.visitor, house.registrar)
    assert sorted(each.recipient for each in mails) == sorted(each.email for each in three)
    for mail in mails:
        for each in tickets:
            assert str(each.number) in mail.text
