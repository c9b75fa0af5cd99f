"""One event for every entry of a ticket, written with the act, in names and numbers alone."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from registry.core.db import is_race
from registry.ledger.entries import entries_of
from registry.ledger.models import LedgerEntry
from registry.tickets import chain
from registry.webhooks.events import EVENTS, a_delivery, note_entry
from registry.webhooks.models import WebhookDelivery
from registry.webhooks.service import change_endpoint, switch_off
from tests.factories import NOW, House, a_ticket, hand_over


def owed(session, endpoint) -> list[WebhookDelivery]:
    session.flush()
    return list(session.scalars(select(WebhookDelivery).where(
        WebhookDelivery.endpoint_id == endpoint.id).order_by(WebhookDelivery.id)))


def test_every_entry_is_an_event_of_its_own(session, receiver, endpoint_at):
    endpoint, house = endpoint_at(receiver), House()
    ticket = a_ticket(house, "returned")
    entries = entries_of(ticket.chain)
    sent = owed(session, endpoint)
    assert [(each.chain, each.seq) for each in sent] == [
        (entry.chain, entry.seq) for entry in entries]
    data = [json.loads(each.body)["data"] for each in sent]
    assert [each["hash"] for each in data] == [entry.hash for entry in entries]
    assert [each["kind"] for each in data] == [entry.kind for entry in entries]
    assert [each.kind for each in sent] == [EVENTS[entry.kind] for entry in entries]
    assert data[-1]["state"] == "returned"
    assert len({each.message_id for each in sent}) == len(sent)


def test_an_event_says_where_to_look_and_no_word_of_a_person(session, receiver, endpoint_at):
    endpoint, house = endpoint_at(receiver), House()
    ticket = a_ticket(house, "accepted", description="Galina Serova is angry")
    last = json.loads(owed(session, endpoint)[-1].body)
    assert set(last) == {"type", "timestamp", "data"}
    assert last["data"] == {
        "number": ticket.number, "kind": "promised", "seq": ticket.head_seq,
        "hash": ticket.head_hash, "state": "accepted", "holder": f"person:{house.engineer.id}",
        "url": f"http://127.0.0.1:8000/tickets/{ticket.number}"} | {
            "kind": entries_of(ticket.chain)[-1].kind}
    bodies = " ".join(each.body for each in owed(session, endpoint))
    for words in ("Galina", "Slow", "Volga", "Orlov", "Kim", "cable", "measure"):
        assert words not in bodies


def test_only_the_kinds_that_were_asked_for(session, receiver, endpoint_at):
    endpoint = endpoint_at(receiver, "ticket.accepted", "ticket.logged")
    a_ticket(House(), "in_fix")
    assert [each.kind for each in owed(session, endpoint)] == ["ticket.logged", "ticket.accepted"]


def test_an_act_that_is_undone_owes_nothing(session, receiver, endpoint_at):
    endpoint, house = endpoint_at(receiver), House()
    session.flush()
    savepoint = session.begin_nested()
    a_ticket(house)
    savepoint.rollback()
    assert owed(session, endpoint) == []


def test_an_endpoint_that_is_off_is_owed_nothing_from_then_on(session, receiver, endpoint_at):
    endpoint, house = endpoint_at(receiver), House()
    ticket = a_ticket(house)
    before = len(owed(session, endpoint))
    switch_off(endpoint, by=None, now=NOW)
    hand_over(ticket, "take", house.engineer, witness=house.registrar)
    assert len(owed(session, endpoint)) == before > 0


def test_what_an_endpoint_listens_to_is_read_anew_when_it_changes(
        session, receiver, endpoint_at, app):
    endpoint, house = endpoint_at(receiver, "ticket.checked"), House()
    a_ticket(house)
    change_endpoint(endpoint, receiver.url, (), settings=app.config["SETTINGS"], by=None)
    a_ticket(house)
    assert [each.kind for each in owed(session, endpoint)] == ["ticket.logged"]


def test_where_no_host_is_allowed_an_act_asks_nothing(session, count_queries):
    house = House()
    session.flush()
    with count_queries() as queries:
        a_ticket(house)
    assert not [each for each in queries if "webhook" in each], queries


def test_endpoints_are_asked_for_once_in_a_transaction(
        session, receiver, endpoint_at, count_queries):
    endpoint_at(receiver)
    house = House()
    session.flush()
    with count_queries() as queries:
        a_ticket(house, "returned")
    asked = [each for each in queries if "FROM webhook_endpoint" in each]
    assert len(asked) == 1, asked


def test_whoever_listens_twice_is_told_once():
    before = list(chain.LISTENERS)
    chain.listen(note_entry)
    assert before == chain.LISTENERS
    assert before.count(note_entry) == 1


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_each_event_stands_in_the_guide(kind: str):
    from tests.ground.parts import ROOT

    assert f"`{EVENTS[kind]}`" in (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")


def test_no_entry_of_the_lived_life_is_without_its_name(session, receiver, endpoint_at):
    endpoint_at(receiver)
    a_ticket(House(), "returned")
    kinds = set(session.scalars(select(LedgerEntry.kind).where(
        LedgerEntry.chain.like("ticket:%"))))
    assert kinds <= set(EVENTS)


def test_two_who_act_at_once_are_a_race_also_where_their_messages_meet_first(
        session, receiver, endpoint_at):
    endpoint = endpoint_at(receiver)
    session.add(a_delivery(endpoint.id, "ticket:1", 4, "ticket.moved", "{}", "one", now=NOW))
    session.flush()
    session.add(a_delivery(endpoint.id, "ticket:1", 4, "ticket.moved", "{}", "two", now=NOW))
    with pytest.raises(IntegrityError) as error:
        session.flush()
    assert is_race(error.value)
