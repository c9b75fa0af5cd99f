"""Who signs on a sheet where somebody is away: each signs the text that the page showed them."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from registry.core.db import db
from registry.people.models import Signature
from tests.factories import PASSWORD, a_ticket
from tests.registry.tickets.sheet_steps import (
    STEP,
    away,
    form_of,
    handoffs,
    later,
    only_sheet,
    opened,
    returned_by_sheet,
    signed,
    to,
)
from tests.registry.tickets.signing_screen import logins

IN_STEAD = "You sign in your own name for"


def receiver_s(sheet):
    """What is written to the one line of a sheet that is taken."""
    number = handoffs()[0].ticket.number
    return f"/sheets/{sheet.id}/answers", {
        f"answer-{number}": "take", f"next_step-{number}": STEP, f"next_step_by-{number}": later(),
        "receiver_password": PASSWORD}


def form_on(client, sheet):
    """The page's form with the login of each whom it asks for theirs."""
    page = client.get(f"/sheets/{sheet.id}")
    return form_of(page) | logins(page.text)


def picked(page, part):
    """Who is chosen under "Who signs"."""
    select_box = re.search(rf'<select id="{part}_signer".*?</select>', page.text, re.DOTALL)[0]
    return re.findall(r'<option value="(\d+)" selected', select_box)


def statements():
    """The texts of all signatures by who gave them."""
    return {each.signer_id: json.loads(each.statement)["text"]
            for each in db.session.scalars(select(Signature))}


@pytest.fixture
def sheet(house, engineer):
    """One ticket for the other engineer, who is away; the registrar stands in."""
    a_ticket(house, "accepted")
    signed(engineer, to(house.other_engineer))
    away(house.other_engineer, house.registrar)
    return only_sheet()


def test_who_is_away_but_here_signs_in_their_own_right_once_that_was_shown(
    house, engineer, sheet
):
    address, typed = receiver_s(sheet)
    (number,) = (each.ticket.number for each in handoffs())
    form = opened(engineer, address, form_on(engineer, sheet) | typed, [number])
    page = engineer.post(address, data=form | {"open": str(number)})
    assert IN_STEAD in page.text  # the deputy is who is expected
    form |= {"receiver_signer": str(house.other_engineer.id)}
    page = engineer.post(address, data=form)
    assert page.status_code == 422
    assert "Open it again" in page.text
    assert picked(page, "receiver") == [str(house.other_engineer.id)]
    form = opened(engineer, address, form, [number])
    page = engineer.post(address, data=form | {"open": str(number)})
    assert IN_STEAD not in page.text
    assert engineer.post(address, data=form).status_code == 303
    assert IN_STEAD not in statements()[house.other_engineer.id]


def test_a_deputy_who_is_picked_signs_for_the_absent_one(house, sheet, sign_in):
    """At the absent one's own screen it is the other way round."""
    client = sign_in(house.other_engineer)
    address, typed = receiver_s(sheet)
    (number,) = (each.ticket.number for each in handoffs())
    form = form_on(client, sheet) | typed
    own = opened(client, address, form, [number])
    deputy = {"receiver_signer": str(house.registrar.id)}
    assert client.post(address, data=own | deputy).status_code == 422
    theirs = opened(client, address, form | deputy, [number])
    own_right = {"receiver_signer": str(house.other_engineer.id)}
    assert client.post(address, data=theirs | own_right).status_code == 422
    assert client.post(address, data=theirs).status_code == 303
    assert IN_STEAD in statements()[house.registrar.id]


def test_a_witness_too_signs_what_was_shown_to_whoever_was_picked(house, engineer):
    sheet = returned_by_sheet(house, engineer)
    away(house.registrar, house.other_engineer)
    numbers = [each.ticket.number for each in handoffs()]
    address = f"/sheets/{sheet.id}/witness"
    form = form_on(engineer, sheet) | {"witness_password": PASSWORD}
    deputys = opened(engineer, address, form, numbers)
    own = {"witness_signer": str(house.registrar.id)}
    page = engineer.post(address, data=deputys | own)
    assert (page.status_code, picked(page, "witness")) == (422, [str(house.registrar.id)])
    assert engineer.post(address, data=opened(engineer, address, form | own, numbers)
                         ).status_code == 303
    assert IN_STEAD not in statements()[house.registrar.id]


def test_the_first_who_may_sign_is_picked_until_another_is(house, engineer, sheet):
    page = engineer.get(f"/sheets/{sheet.id}")
    assert picked(page, "receiver") == [str(house.registrar.id)]
    address, _ = receiver_s(sheet)
    page = engineer.post(address, data=form_of(page) | {
        "receiver_signer": "nobody", "receiver_password": "wrong"})
    assert picked(page, "receiver") == [str(house.registrar.id)]
