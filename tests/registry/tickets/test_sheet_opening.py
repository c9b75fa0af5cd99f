"""Nobody signs unseen: each line of a sheet is opened by whoever signs for it, as it stands now."""

from __future__ import annotations

import re

import pytest

from registry.core.db import db
from registry.people.models import SignInAttempt
from registry.tickets.handoff_models import HandoffState
from registry.tickets.promises import change_promise
from tests.factories import NOW, PASSWORD, a_ticket
from tests.registry.tickets.sheet_steps import (
    STEP,
    answered,
    form_of,
    handoffs,
    later,
    only_sheet,
    opened,
    put,
    returned_by_sheet,
    signed,
    to,
    witnessed,
)


@pytest.fixture
def tickets(house):
    return [a_ticket(house, "accepted", summary=f"Slow line {name}") for name in "ABC"]


class Sheet:
    """A new sheet of the engineer's in a browser."""

    def __init__(self, client, receiver):
        self.client, self.query = client, {"query_string": to(receiver)}
        self.form = form_of(client.get("/sheets/new", **self.query))

    def open(self, *numbers):
        self.form = opened(self.client, "/sheets/new", self.form, numbers, **self.query)

    def send(self, **data):
        return self.client.post("/sheets/new", data=self.form | {"password": PASSWORD} | data,
                                **self.query)


@pytest.fixture
def new(house, engineer, tickets):
    return Sheet(engineer, house.other_engineer)


def puts_off(ticket):
    """The holder promises another day: one entry more."""
    change_promise(ticket, NOW.replace(year=2099), reason="A part must come", client_told=False,
                   by=ticket.holder, now=NOW)


def unopened(answer):
    """The lines against which the page says that they were not opened."""
    return [int(number) for number in re.findall(
        r'id="(?:line|seen)-(\d+)-reasons"><li>Open ticket No. \1 first: nothing is signed unseen',
        answer.text)]


def test_the_giver_signs_only_what_was_opened(new, tickets):
    first, second, third = (each.number for each in tickets)
    answer = new.send()
    assert (answer.status_code, unopened(answer)) == (422, [first, second, third])
    new.open(first, third)
    answer = new.send()
    assert (answer.status_code, unopened(answer)) == (422, [second])
    assert handoffs() == []
    new.open(second)
    assert new.send().status_code == 303
    assert len(handoffs()) == 3


def test_what_the_giver_leaves_out_need_not_be_opened(new, tickets):
    first, second, third = (each.number for each in tickets)
    new.open(second)
    for number in (first, third):
        del new.form[f"put-{number}"]
    assert new.send().status_code == 303
    assert [each.ticket.number for each in handoffs()] == [second]


def test_a_line_is_one_line_until_it_is_opened_and_then_everything(new, engineer, tickets):
    ticket = tickets[1]
    page = engineer.get("/sheets/new", **new.query).text
    whole = ("Pavel Orlov since", "You hand ticket No. 2 over. Receiver: Ivan Sokolov.",
             "in the hands of Ivan Sokolov once all have signed", "It is fine by us")
    for summary in ("Slow line A", "Slow line B", "Slow line C", "Volga Bank"):
        assert summary in page
    for words in whole:
        assert words not in page
    page = engineer.post("/sheets/new", data=new.form | {"open": str(ticket.number)},
                         **new.query).text
    for words in whole:
        assert words in page


def test_opening_signs_nothing_tries_no_password_and_keeps_what_was_typed(house, sign_in):
    ticket, other = a_ticket(house, "in_fix"), a_ticket(house, "in_fix")
    client = sign_in(house.engineer)
    query = {"query_string": to(house.visitor, witness=house.registrar.id)}
    form = form_of(client.get("/sheets/new", **query))
    form = opened(client, "/sheets/new", form, [ticket.number], **query)
    attempts = db.session.query(SignInAttempt).count()
    page = client.post("/sheets/new", **query, data=form | {
        "open": str(other.number), "password": PASSWORD,
        f"what_was_done-{ticket.number}": "Replaced the cord"})
    assert page.status_code == 200
    assert "Replaced the cord" in page.text
    assert PASSWORD not in page.text
    assert (handoffs(), db.session.query(SignInAttempt).count()) == ([], attempts)


def test_the_bar_leads_from_line_to_line(new, engineer, tickets):
    first, second, third = (each.number for each in tickets)

    def offered(number):
        page = engineer.post("/sheets/new", data=new.form | {"open": str(number)}, **new.query)
        new.form |= {name: value for name, value in form_of(page).items()
                     if name.startswith("giver_opened")}
        found = re.search(r'<button name="open" value="(\d+)"[^>]*id="giver-next"', page.text)
        return int(found[1]) if found else None

    assert [offered(each) for each in (second, third, first)] == [third, first, None]


def test_a_ticket_that_changed_since_must_be_opened_again(new, engineer, house, tickets):
    first, second, _ = tickets
    numbers = put(new.form)
    new.open(*numbers)
    puts_off(first)
    answer = new.send()
    assert answer.status_code == 422
    assert (f"Ticket No. {first.number}, or who signs for it, has changed since you opened it. "
            "Open it again." in answer.text)
    assert f"Ticket No. {second.number}, or who" not in answer.text
    assert handoffs() == []
    again = form_of(answer)
    assert f"giver_opened-{second.number}" in again
    new.form = opened(engineer, "/sheets/new", again, [first.number], **new.query)
    assert new.send().status_code == 303


def test_a_mark_is_good_for_its_own_line_party_reader_and_receiver_only(
    new, engineer, house, tickets, sign_in
):
    first, second, third = tickets
    new.open(first.number)
    mark = new.form[f"giver_opened-{first.number}"]
    assert unopened(new.send(**{f"giver_opened-{each.number}": "0" * 64
                                for each in (second, third)})) == []
    assert new.send(**{f"giver_opened-{second.number}": mark}).status_code == 422
    other = Sheet(engineer, house.registrar)
    assert other.send(**{f"giver_opened-{each.number}": mark for each in tickets}
                      ).status_code == 422
    for odd in ("é" * 64, "", "x"):
        assert new.send(**{f"giver_opened-{second.number}": odd}).status_code == 422
    lead = sign_in(house.lead)
    answer = lead.post("/sheets/new", query_string=to(house.other_engineer,
                                                      giver=house.engineer.id),
                       data=new.form | {f"giver_opened-{each.number}": mark for each in tickets}
                       | {"password": PASSWORD})
    assert answer.status_code == 422
    assert handoffs() == []


@pytest.fixture
def sheet(house, engineer, tickets):
    signed(engineer, to(house.other_engineer))
    return only_sheet()


def test_the_receiver_opens_what_is_taken_and_not_what_is_left_out(house, sheet, sign_in):
    receiver = sign_in(house.other_engineer)
    address = f"/sheets/{sheet.id}/answers"
    first, second, third = (each.ticket.number for each in handoffs())
    form = form_of(receiver.get(f"/sheets/{sheet.id}")) | {
        "receiver_password": PASSWORD, f"answer-{third}": "leave", f"reason-{third}": "Not mine"}
    for number in (first, second):
        form |= {f"answer-{number}": "take", f"next_step-{number}": STEP,
                 f"next_step_by-{number}": later()}
    form = opened(receiver, address, form, [first])
    answer = receiver.post(address, data=form)
    assert (answer.status_code, unopened(answer)) == (422, [second])
    assert [each.state for each in handoffs()] == [HandoffState.OFFERED] * 3
    form = opened(receiver, address, form, [second])
    assert receiver.post(address, data=form).status_code == 303
    assert [each.state for each in handoffs()] == [
        HandoffState.ACCEPTED, HandoffState.ACCEPTED, HandoffState.DECLINED]


def test_what_the_receiver_typed_stays_while_a_changed_line_is_opened_again(
    house, sheet, sign_in
):
    receiver = sign_in(house.other_engineer)
    handoff = handoffs()[0]
    number = handoff.ticket.number
    address = f"/sheets/{sheet.id}/answers"
    form = opened(receiver, address, form_of(receiver.get(f"/sheets/{sheet.id}")), [number])
    puts_off(handoff.ticket)
    page = receiver.post(address, data=form | {
        f"answer-{number}": "take", f"next_step-{number}": STEP,
        f"next_step_by-{number}": later(), "receiver_password": PASSWORD})
    assert page.status_code == 422
    assert "has changed since you opened it. Open it again." in page.text
    assert STEP in page.text
    page = receiver.post(address, data=form_of(page) | {
        "open": str(handoffs()[1].ticket.number), f"next_step-{number}": STEP})
    assert STEP in page.text
    assert "Changed since you opened it." in page.text


def test_the_witness_opens_every_line(house, engineer, sign_in):
    sheet = returned_by_sheet(house, engineer)
    registrar = sign_in(house.registrar)
    first, second = (each.ticket.number for each in handoffs())
    address = f"/sheets/{sheet.id}/witness"
    form = form_of(registrar.get(f"/sheets/{sheet.id}")) | {"witness_password": PASSWORD}
    form = opened(registrar, address, form, [second])
    answer = registrar.post(address, data=form)
    assert (answer.status_code, unopened(answer)) == (422, [first])
    assert all(each.witness_signed_at is None for each in handoffs())
    assert witnessed(registrar, sheet).status_code == 303


def test_what_the_receiver_opened_the_witness_has_not(house, engineer):
    """At one screen too each of them opens the lines."""
    sheet = returned_by_sheet(house, engineer)
    numbers = [each.ticket.number for each in handoffs()]
    form = form_of(engineer.get(f"/sheets/{sheet.id}"))
    form = opened(engineer, f"/sheets/{sheet.id}/answers", form, numbers)
    marks = {f"witness_opened-{number}": form[f"receiver_opened-{number}"] for number in numbers}
    answer = engineer.post(f"/sheets/{sheet.id}/witness",
                           data=form | marks | {"witness_password": PASSWORD})
    assert answer.status_code == 422
    assert answered(engineer, sheet, ["take", "take"]).status_code == 303


def test_opening_costs_no_more_queries_than_the_page(house, engineer, tickets, new, count_queries):
    number = tickets[0].number
    engineer.get("/sheets/new", **new.query)
    with count_queries() as shown:
        engineer.get("/sheets/new", **new.query)
    with count_queries() as opening:
        engineer.post("/sheets/new", data=new.form | {"open": str(number)}, **new.query)
    assert len(opening) <= len(shown)
