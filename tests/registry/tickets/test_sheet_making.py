"""Making a handover sheet: whom the tickets go to, what is on it, who signs as the giver."""

from __future__ import annotations

import re

import pytest

from registry.core.db import db
from registry.core.errors import Refused
from registry.core.times import utc_now
from registry.ledger.verify import verify
from registry.people.models import Role
from registry.tickets.handoff_models import HandoffState
from registry.tickets.sheets import Line, offer_sheet
from tests.factories import (
    PASSWORD,
    a_person,
    a_signing,
    a_ticket,
    accept,
    offer,
)
from tests.registry.tickets.sheet_steps import (
    answered,
    away,
    form_of,
    handoffs,
    only_sheet,
    opened,
    put,
    returned_by_sheet,
    signed,
    to,
    witnessed,
)


def test_whoever_can_take_something_is_offered_with_how_much(house, engineer):
    a_ticket(house, "accepted"), a_ticket(house, "in_fix")
    a_ticket(house, "logged")
    page = engineer.get("/sheets/new").text
    assert "You have 2 tickets in your hands." in page
    assert "Ivan Sokolov" in page
    assert "Vera Petrova" not in page
    # who mends too, who may take by a colleague's right, and who gets it back
    assert set(re.findall(r'hand-name">([^<]+)</span>', page)) - {"Pavel Orlov"} == {
        "Ivan Sokolov", "Oleg Chernov", "Maria Belova", "Anna Kim"}


def test_the_sheet_shows_every_ticket_and_what_cannot_go(house, engineer):
    goes, offered = a_ticket(house, "accepted"), a_ticket(house, "accepted")
    offer(offered, "pass_on", house.registrar)
    page = engineer.get("/sheets/new", query_string=to(house.other_engineer)).text
    assert "1 ticket goes from Pavel Orlov to Ivan Sokolov." in page
    assert f'name="put-{goes.number}" value="1" checked' in page
    assert f'name="put-{offered.number}"' not in page
    assert "offered to Oleg Chernov already" in page


def test_one_password_signs_each_ticket_with_its_own_statement(house, engineer):
    tickets = [a_ticket(house, "accepted") for _ in range(3)]
    answer = signed(engineer, to(house.other_engineer))
    assert (answer.status_code, answer.location) == (303, f"/sheets/{only_sheet().id}")
    assert [each.state for each in handoffs()] == [HandoffState.OFFERED] * 3
    assert {each.ticket_id for each in handoffs()} == {each.id for each in tickets}
    assert all(each.holder_id == house.engineer.id for each in tickets)
    assert verify(verifier=None).is_sound


def test_a_line_can_be_left_out_by_the_giver(house, engineer):
    left, goes = a_ticket(house, "accepted"), a_ticket(house, "accepted")
    signed(engineer, to(house.other_engineer), **{f"put-{left.number}": None})
    assert [each.ticket_id for each in handoffs()] == [goes.id]


def test_without_a_line_there_is_no_sheet(house, engineer):
    ticket = a_ticket(house, "accepted")
    page = signed(engineer, to(house.other_engineer), **{f"put-{ticket.number}": None})
    assert page.status_code == 422
    assert "Choose at least one ticket for the sheet." in page.text


def test_a_return_asks_each_line_what_was_wrong_and_what_was_done(house, engineer):
    tickets = [a_ticket(house, "in_fix") for _ in range(2)]
    first, second = (each.number for each in tickets)
    args = to(house.visitor, witness=house.registrar.id)
    page = signed(engineer, args, **{f"what_was_wrong-{first}": "A bad cable",
                                     f"what_was_done-{first}": "Replaced it"})
    assert page.status_code == 422
    assert f'id="what_was_wrong-{second}-reasons"' in page.text
    assert f'id="what_was_wrong-{first}-reasons"' not in page.text
    assert "A bad cable" in page.text
    assert handoffs() == []
    fields = {f"{name}-{number}": "Said" for name in ("what_was_wrong", "what_was_done")
              for number in (first, second)}
    assert signed(engineer, args, **fields).status_code == 303
    assert [each.move for each in handoffs()] == ["return", "return"]
    assert all(each.witness_id == house.registrar.id for each in handoffs())


def test_a_witness_is_asked_for_where_a_line_needs_one(house, engineer):
    a_ticket(house, "in_fix")
    page = engineer.get("/sheets/new", query_string=to(house.visitor))
    assert "In whose presence?" in page.text
    assert 'name="witness"' in page.text


def test_a_wrong_password_signs_nothing_and_everything_typed_stays(house, engineer):
    ticket = a_ticket(house, "in_fix")
    page = signed(engineer, to(house.visitor, witness=house.registrar.id), password="wrong",
                  **{f"what_was_wrong-{ticket.number}": "A bad cable",
                     f"what_was_done-{ticket.number}": "Replaced it"})
    assert page.status_code == 422
    assert "The password is wrong. Nothing was signed." in page.text
    assert "A bad cable" in page.text
    assert not re.search(r'<input[^>]*type="password"[^>]*value=', page.text)
    assert handoffs() == []


def test_two_sheets_over_one_ticket_the_second_is_refused(house, engineer):
    """In two windows, to two persons; the first one stands."""
    both = a_ticket(house, "accepted"), a_ticket(house, "accepted")
    args = to(house.registrar)
    values = form_of(engineer.get("/sheets/new", query_string=args))
    second = opened(engineer, "/sheets/new", values, put(values), query_string=args)
    assert signed(engineer, to(house.other_engineer)).status_code == 303
    answer = engineer.post("/sheets/new", query_string=args, data=second | {"password": PASSWORD})
    assert answer.status_code == 422
    for ticket in both:
        assert f"Ticket No. {ticket.number} is offered to Ivan Sokolov already." in answer.text
    assert [each.receiver_id for each in handoffs()] == [house.other_engineer.id] * 2
    assert verify(verifier=None).is_sound


def test_two_sheets_over_one_ticket_are_refused_by_the_verb_too(house):
    ticket = a_ticket(house, "accepted")

    def sheet(receiver):
        return offer_sheet([Line(ticket, "pass_on")], receiver=receiver, witness=None,
                           purpose="work", by=house.engineer, now=utc_now(),
                           signing=a_signing(house.engineer))

    first = sheet(house.other_engineer)
    already = pytest.raises(Refused, match="is offered to Ivan Sokolov already")
    with already, db.session.begin_nested():
        sheet(house.registrar)
    assert only_sheet().id == first.id


def test_a_ticket_that_left_the_giver_meanwhile_is_said(house, engineer):
    ticket = a_ticket(house, "accepted")
    args = to(house.other_engineer)
    values = form_of(engineer.get("/sheets/new", query_string=args))
    accept(offer(ticket, "pass_on", house.registrar))
    answer = engineer.post("/sheets/new", query_string=args, data=values | {"password": PASSWORD})
    assert answer.status_code == 422
    assert f"Ticket No. {ticket.number} cannot go by this sheet any more." in answer.text
    assert handoffs() == []


def test_receiver_and_witness_sign_after_the_giver_at_the_givers_screen(house, engineer):
    sheet = returned_by_sheet(house, engineer)
    assert witnessed(engineer, sheet, witness_password="wrong").status_code == 422
    assert witnessed(engineer, sheet).status_code == 303
    assert answered(engineer, sheet, ["take"] * 2).status_code == 303
    assert [each.state for each in handoffs()] == [HandoffState.ACCEPTED] * 2
    assert {each.ticket.holder_id for each in handoffs()} == {house.visitor.id}
    assert verify(verifier=None).is_sound


def test_a_deputy_signs_for_an_absent_giver_in_the_own_name(house, sign_in):
    deputy = a_person(Role.ENGINEER, name="Kira Lunina", department_id=house.tech.id)
    ticket = a_ticket(house, "accepted")
    away(house.engineer, deputy)
    client = sign_in(deputy)
    args = to(house.other_engineer, giver=house.engineer.id, purpose="absence")
    assert "You sign in your own name for Pavel Orlov, who is absent." in client.get(
        "/sheets/new", query_string={"giver": house.engineer.id}).text
    assert "You sign in your own name for Pavel Orlov, who is absent." in client.get(
        "/sheets/new", query_string=args).text
    assert signed(client, args).status_code == 303
    [handoff] = handoffs()
    assert (handoff.giver_id, handoff.offered_by_id) == (house.engineer.id, deputy.id)
    assert only_sheet().purpose == "absence"
    assert ticket.holder_id == house.engineer.id


def test_a_lead_prepares_a_sheet_but_only_the_giver_signs_it(house, sign_in):
    a_ticket(house, "accepted")
    client = sign_in(house.lead)
    args = to(house.other_engineer, giver=house.engineer.id, purpose="departure")
    page = client.get("/sheets/new", query_string={"giver": house.engineer.id}).text
    assert "You prepare the sheet; only Pavel Orlov can sign it" in page
    assert "Password of Pavel Orlov" in client.get("/sheets/new", query_string=args).text
    house.engineer.password_hash = ""
    refused = signed(client, args)
    assert refused.status_code == 422
    assert handoffs() == []


def test_nobody_else_opens_a_sheet_of_what_others_have(house, sign_in):
    a_ticket(house, "accepted")
    answer = sign_in(house.other_engineer).get(
        "/sheets/new", query_string={"giver": house.engineer.id})
    assert answer.status_code == 403
    assert sign_in(house.lead).get("/sheets/new?giver=999").status_code == 404
    assert sign_in(house.lead).get("/sheets/new?giver=x").status_code == 404
    assert sign_in(house.lead).get("/sheets/999").status_code == 404


def test_how_many_queries_the_pages_take_does_not_depend_on_the_lines(
    house, engineer, session, count_queries
):
    args = to(house.other_engineer)

    def asked(address, **values):
        session.flush()
        with count_queries() as queries:
            assert engineer.get(address, **values).status_code == 200
        return len(queries)

    a_ticket(house, "accepted"), a_ticket(house, "in_fix")
    asked("/sheets/new", query_string=args)
    few = asked("/sheets/new", query_string=args), asked("/sheets/new")
    for _ in range(8):
        a_ticket(house, "accepted")
    assert (asked("/sheets/new", query_string=args), asked("/sheets/new")) == few
    signed(engineer, args)
    many = asked(f"/sheets/{only_sheet().id}")
    assert many <= 14
