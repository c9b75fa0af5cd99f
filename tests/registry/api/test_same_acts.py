"""The screen and the API do the same: what is refused is refused by both, for the same reasons and
with nothing changed, and what is done leaves the ticket as the other would have left it.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from registry.core.db import db
from registry.ledger.models import LedgerEntry
from registry.people.signing import new_nonce
from registry.tickets.acts import open_handoff, open_joint_act
from registry.tickets.models import Ticket
from tests.factories import House
from tests.registry.api.acts import ACTS, Act, Scene

# What a ticket is, apart from its number and the moments at which each of the two was acted on.
TOLD = ("state", "is_open", "summary", "description", "opinion", "holder_id", "originator_id",
        "next_step", "promised_at", "on_hold_until", "client_check", "what_was_wrong",
        "what_was_done", "reopen_count", "client_id", "last_mender_id", "head_seq")


@pytest.mark.parametrize("name", ACTS)
def test_what_is_refused_is_refused_by_both(name: str, house: House, calls: Any, sign_in: Any):
    act = ACTS[name]
    scene = Scene(house, act)
    person = getattr(house, act.refused_to or act.by)
    before = everything()
    given = calls(person).post(act.api.format(**scene.names), filled(act.bad[0], scene))
    page = sign_in(person).post(act.screen.format(**scene.names), data=form(act.bad[1]))
    assert (given.status_code, page.status_code) == (act.status, act.status), given.json
    assert {each["code"] for each in given.json["errors"]} == act.codes
    assert {each["detail"] for each in given.json["errors"]} == sentences(page.text)
    assert everything() == before


@pytest.mark.parametrize("name", ACTS)
def test_what_is_done_is_the_same_by_both(name: str, house: House, calls: Any, sign_in: Any):
    act = ACTS[name]
    person = getattr(house, act.by)
    scene = Scene(house, act)
    given = calls(person).post(act.api.format(**scene.names), filled(act.good[0], scene))
    assert given.status_code in (200, 201), given.json
    by_api = told(act, scene)
    scene = Scene(house, act)
    page = sign_in(person).post(act.screen.format(**scene.names), data=form(act.good[1]))
    assert page.status_code == 303, sentences(page.text)
    assert told(act, scene) == by_api


def test_who_saw_an_older_ticket_signs_nothing_by_either(house: House, calls: Any, sign_in: Any):
    act = ACTS["move without a field"]
    scene = Scene(house, act)
    old = {"shown_head": "0" * 64}
    before = everything()
    api, typed = act.good
    given = calls(house.engineer).post(act.api.format(**scene.names), {
        **api, "signature": api["signature"] | old})
    page = sign_in(house.engineer).post(act.screen.format(**scene.names),
                                        data={**form(typed), **old})
    assert (given.status_code, page.status_code) == (409, 409)
    assert {each["detail"] for each in given.json["errors"]} == sentences(page.text)
    assert everything() == before


@pytest.mark.parametrize("name", ["accept", "witness", "decline", "withdraw"])
def test_what_was_answered_is_answered_no_second_time_by_either(
        name: str, house: House, calls: Any, sign_in: Any):
    act = ACTS[name]
    scene = Scene(house, act)
    withdraw = ACTS["withdraw"]
    assert calls(house.visitor).post(withdraw.api.format(**scene.names), {}).status_code == 200
    before = everything()
    person = getattr(house, act.by)
    given = calls(person).post(act.api.format(**scene.names), filled(act.good[0], scene))
    page = sign_in(person).post(act.screen.format(**scene.names), data=form(act.good[1]))
    assert (given.status_code, page.status_code) == (409, 409)
    assert everything() == before


def filled(body: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """The body with ids in the places of names."""
    ids = {"client", "receiver", "witness"}
    return {key: scene.names[value] if key in ids else value for key, value in body.items()}


def form(values: dict[str, str]) -> dict[str, str]:
    return {**values, "nonce": new_nonce()}


def sentences(page: str) -> set[str]:
    """The reasons that a page gives: those above its form, else the sentence of an error."""
    above = re.search(r'<section class="refusal".*?</section>', page, re.DOTALL)
    if above is None:
        found = re.findall(r'class="sentence">(.*?)</h1>', page, re.DOTALL)
    else:
        found = [re.sub(r"^<a .*?</a>: ", "", each)
                 for each in re.findall(r"<li>(.*?)</li>", above[0], re.DOTALL)]
    return {unescape(each).strip() for each in found}


def everything() -> list[tuple[str, str]]:
    """Every ticket with the head of its chain."""
    db.session.expire_all()
    return list(db.session.execute(
        select(Ticket.number, Ticket.head_hash, Ticket.state).order_by(Ticket.number)))


def told(act: Act, scene: Scene) -> dict[str, Any]:
    """The ticket that was acted on: its row, what waits on it, and its entries."""
    db.session.expire_all()
    number = scene.ticket.number if "{" in act.api else db.session.scalar(
        select(Ticket.number).order_by(Ticket.number.desc()))
    ticket = db.session.scalars(select(Ticket).where(Ticket.number == number)).one()
    waiting, joint = open_handoff(ticket), open_joint_act(ticket)
    entries = db.session.execute(
        select(LedgerEntry.kind, LedgerEntry.actor).where(LedgerEntry.chain == ticket.chain)
        .order_by(LedgerEntry.seq))
    return {
        **{name: getattr(ticket, name) for name in TOLD}, "entries": list(entries),
        "waiting": (waiting.move, waiting.receiver_id, waiting.witness_id, waiting.note,
                    waiting.taker_id) if waiting else None,
        "joint": (joint.move, joint.proposed_by_id, joint.reason) if joint else None}
