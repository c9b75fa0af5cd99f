"""Handover sheets as people use them: many tickets, each shown, signed once by each person."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from registry.core.db import db
from registry.core.times import utc_now
from registry.ledger.verify import verify
from registry.people.models import Absence, Role, SignInAttempt
from registry.tickets.handoff_models import Handoff, HandoffState, HandoverSheet
from tests.factories import PASSWORD, House, a_person, a_ticket, offer

STEP = "I go there tomorrow"


@pytest.fixture
def house(session):
    return House()


@pytest.fixture
def engineer(house, sign_in):
    return sign_in(house.engineer)


def to(receiver, **args):
    return {"receiver": receiver.id} | args


def form_of(page):
    """Hidden and ticked values of the page's form, as a browser would send them back."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page.text):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "hidden" or (
                attributes.get("type") == "checkbox" and " checked" in tag):
            found[attributes["name"]] = attributes.get("value", "")
    return found


def signed(client, args, **data):
    """Open a new sheet and sign it as it stands, changed by ``data``."""
    page = client.get("/sheets/new", query_string=args)
    assert page.status_code == 200
    values = form_of(page) | {"password": PASSWORD} | data
    return client.post("/sheets/new", query_string=args,
                       data={name: value for name, value in values.items() if value is not None})


def only_sheet():
    return db.session.query(HandoverSheet).one()


def handoffs():
    return db.session.query(Handoff).filter(Handoff.sheet_id.is_not(None)).order_by(
        Handoff.id).all()


def later(days=2):
    return f"{utc_now() + timedelta(days=days):%Y-%m-%dT%H:%M}"


def away(person, deputy):
    now = utc_now()
    db.session.add(Absence(person_id=person.id, deputy_id=deputy.id, created_at=now,
                           starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1)))
    db.session.flush()


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
    assert "You hand ticket No. 1 over. Receiver: Ivan Sokolov." in page


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


def test_a_ticket_that_changed_meanwhile_is_not_signed_unseen(house, engineer):
    ticket = a_ticket(house, "accepted")
    page = engineer.get("/sheets/new", query_string=to(house.other_engineer))
    offer(ticket, "pass_on", house.registrar)
    answer = engineer.post("/sheets/new", query_string=to(house.other_engineer),
                           data=form_of(page) | {"password": PASSWORD})
    assert answer.status_code == 422
    assert f"Ticket No. {ticket.number} cannot go by this sheet any more." in answer.text
    assert handoffs() == []


@pytest.fixture
def sheet(house, engineer):
    """Three tickets offered by a sheet to the other engineer."""
    for _ in range(3):
        a_ticket(house, "accepted")
    signed(engineer, to(house.other_engineer))
    return only_sheet()


def answered(client, sheet, answers, **data):
    page = client.get(f"/sheets/{sheet.id}")
    values = form_of(page) | {"receiver_password": PASSWORD}
    for handoff, answer in zip(handoffs(), answers, strict=True):
        number = handoff.ticket.number
        if answer == "take":
            values |= {f"answer-{number}": "take", f"next_step-{number}": STEP,
                       f"next_step_by-{number}": later()}
        elif answer:
            values |= {f"answer-{number}": "leave", f"reason-{number}": answer}
    return client.post(f"/sheets/{sheet.id}/answers", data=values | data)


def test_the_receiver_takes_leaves_and_lets_wait_line_by_line(house, sheet, sign_in):
    receiver = sign_in(house.other_engineer)
    answer = answered(receiver, sheet, ["take", "Not my building", ""])
    assert answer.status_code == 303
    assert [each.state for each in handoffs()] == [
        HandoffState.ACCEPTED, HandoffState.DECLINED, HandoffState.OFFERED]
    assert [each.ticket.holder_id for each in handoffs()] == [
        house.other_engineer.id, house.engineer.id, house.engineer.id]
    assert handoffs()[0].next_step == STEP
    page = receiver.get(answer.location).text
    assert "Pavel Orlov hands 3 tickets to Ivan Sokolov." in page
    for sentence in ("1 waits for the receiver", "1 is taken.", "1 was left out"):
        assert sentence in page
    assert "left out: Not my building" in page
    assert verify(verifier=None).is_sound


@pytest.mark.parametrize(("field", "typed", "sentence"), [
    ("next_step", "", "Fill in “What I do next”."),
    ("next_step_by", "", "Fill in “By when”."),
    ("next_step_by", "soon", "“By when” must be a date"),
    ("next_step_by", "2020-01-01T10:00", "“By when” must lie in the future."),
])
def test_every_taken_line_needs_the_receiver_s_own_words_and_date(
    house, sheet, sign_in, field, typed, sentence
):
    first, second = (each.ticket.number for each in handoffs()[:2])
    page = answered(sign_in(house.other_engineer), sheet, ["take", "take", ""],
                    **{f"{field}-{first}": typed})
    assert page.status_code == 422
    assert sentence in page.text
    assert f'id="{field}-{first}-reasons"' in page.text
    assert f'id="{field}-{second}-reasons"' not in page.text
    assert STEP in page.text
    assert [each.state for each in handoffs()] == [HandoffState.OFFERED] * 3


def test_leaving_out_needs_a_reason_but_no_signature(house, sheet, sign_in):
    receiver = sign_in(house.other_engineer)
    number = handoffs()[0].ticket.number
    data = form_of(receiver.get(f"/sheets/{sheet.id}")) | {f"answer-{number}": "leave"}
    page = receiver.post(f"/sheets/{sheet.id}/answers", data=data)
    assert page.status_code == 422
    assert f'id="reason-{number}-reasons"' in page.text
    attempts = db.session.query(SignInAttempt).filter_by(purpose="sign").count()
    done = receiver.post(f"/sheets/{sheet.id}/answers", data=data | {f"reason-{number}": "No time"})
    assert done.status_code == 303
    assert handoffs()[0].state is HandoffState.DECLINED
    assert db.session.query(SignInAttempt).filter_by(purpose="sign").count() == attempts


def test_nobody_answers_for_the_receiver_at_another_screen_without_the_password(
    house, sheet, engineer
):
    number = handoffs()[0].ticket.number
    data = form_of(engineer.get(f"/sheets/{sheet.id}")) | {
        f"answer-{number}": "leave", f"reason-{number}": "Forged"}
    page = engineer.post(f"/sheets/{sheet.id}/answers", data=data)
    assert page.status_code == 422
    assert handoffs()[0].state is HandoffState.OFFERED
    taken = answered(engineer, sheet, ["take", "", ""], receiver_password="not the receiver's")
    assert taken.status_code == 422
    assert handoffs()[0].state is HandoffState.OFFERED
    taken = answered(engineer, sheet, ["take", "", ""])
    assert taken.status_code == 303  # the receiver's own password, typed at the giver's screen
    assert handoffs()[0].ticket.holder_id == house.other_engineer.id


def test_an_answer_that_answers_nothing_is_said(house, sheet, sign_in):
    page = answered(sign_in(house.other_engineer), sheet, ["", "", ""])
    assert page.status_code == 422
    assert "Say of at least one ticket" in page.text


def test_a_sheet_that_was_answered_meanwhile_is_shown_as_it_is_now(house, sheet, sign_in):
    receiver = sign_in(house.other_engineer)
    stale = form_of(receiver.get(f"/sheets/{sheet.id}"))
    number = handoffs()[0].ticket.number
    stale |= {f"answer-{number}": "take", f"next_step-{number}": STEP,
              f"next_step_by-{number}": later(), "receiver_password": PASSWORD,
              f"head-{number}": "0" * 64}
    page = receiver.post(f"/sheets/{sheet.id}/answers", data=stale)
    assert page.status_code == 409
    assert f"Ticket No. {number} has changed since you opened it." in page.text
    assert handoffs()[0].state is HandoffState.OFFERED


def returned_by_sheet(house, engineer):
    tickets = [a_ticket(house, "in_fix") for _ in range(2)]
    fields = {f"{name}-{each.number}": "Said" for name in ("what_was_wrong", "what_was_done")
              for each in tickets}
    assert signed(engineer, to(house.visitor, witness=house.registrar.id),
                  **fields).status_code == 303
    return only_sheet()


def test_the_witness_signs_once_and_the_last_signature_hands_over(house, engineer, sign_in):
    sheet = returned_by_sheet(house, engineer)
    registrar = sign_in(house.registrar)
    page = registrar.get(f"/sheets/{sheet.id}")
    assert "2 wait for the witness, Oleg Chernov." in page.text
    done = registrar.post(f"/sheets/{sheet.id}/witness",
                          data=form_of(page) | {"witness_password": PASSWORD})
    assert done.status_code == 303
    assert all(each.ticket.holder_id == house.engineer.id for each in handoffs())
    answered(sign_in(house.visitor), sheet, ["take", "take"])
    assert all(each.ticket.holder_id == house.visitor.id for each in handoffs())
    assert "All are taken." in registrar.get(f"/sheets/{sheet.id}").text
    assert registrar.post(f"/sheets/{sheet.id}/witness",
                          data={"witness_password": PASSWORD}).status_code == 422


def test_all_three_sign_one_after_the_other_at_one_screen(house, engineer):
    tickets = [a_ticket(house, "in_fix") for _ in range(2)]
    args = to(house.visitor, witness=house.registrar.id, together=1)
    fields = {f"{name}-{each.number}": "Said" for each in tickets
              for name in ("what_was_wrong", "what_was_done", "next_step")}
    dates = {f"next_step_by-{each.number}": later() for each in tickets}
    refused = signed(engineer, args, receiver_password="wrong", witness_password="wrong too",
                     **{name: value for name, value in fields.items()
                        if not name.startswith("what_was_done")}, **dates)
    assert refused.status_code == 422
    for place in ("receiver_password", "witness_password",
                  f"what_was_done-{tickets[0].number}", f"what_was_done-{tickets[1].number}"):
        assert f'id="{place}-reasons"' in refused.text
    assert handoffs() == []
    done = signed(engineer, args, receiver_password=PASSWORD, witness_password=PASSWORD,
                  **fields, **dates)
    assert done.status_code == 303
    assert [each.state for each in handoffs()] == [HandoffState.ACCEPTED] * 2
    assert all(each.ticket.holder_id == house.visitor.id for each in handoffs())
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
