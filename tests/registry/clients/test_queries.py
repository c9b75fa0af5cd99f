"""Reads of clients: filters, paging by key, choices, the network. Each with rows that must not
show up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy.orm import Session

from registry.clients import choices
from registry.clients.criteria import ensure_criteria
from registry.clients.models import Client, Tier
from registry.clients.network import network, place_of
from registry.clients.queries import Wanted, client_list, coverage
from tests.factories import a_client, a_contact, a_criterion, a_person, a_site

Counting = Callable[[], AbstractContextManager[list[str]]]


def names(wanted: Wanted, limit: int = 50) -> list[str]:
    return [row.name for row in client_list(wanted, limit=limit).rows]


@pytest.fixture
def volga(session: Session) -> Client:
    """A client among others, with contacts and sites."""
    a_client("Дума")
    noise = a_client("Noise")
    a_contact(noise, name="Пётр", phone="8 800 555-35-35")
    a_site(noise, name="Склад", address="Мира 1")
    client = a_client("Волга-банк", tier=Tier.KEY)
    client.persons = [a_person(name="Anna Kim"), a_person(name="Vera Petrova")]
    a_contact(client, name="Галина Серёгина", phone="+7 (495) 123-45-67", is_key=True)
    a_contact(client, name="Забытый", is_active=False)
    a_site(client, name="Головной офис", address="Ленина 5")
    a_site(client, name="Старый склад", is_active=False)
    session.flush()
    return client


def test_a_row_tells_whom_to_call_and_who_knows_the_client(volga: Client) -> None:
    volga.persons.append(a_person(name="Gone", is_active=False))
    row = client_list(Wanted(words="волга")).rows[0]
    assert (row.name, row.tier, row.key_person, row.phone, row.sites, row.knowers, row.few_know) \
        == ("Волга-банк", Tier.KEY, "Галина Серёгина", "+7 (495) 123-45-67", 1,
            ("Anna Kim", "Vera Petrova"), False)


@pytest.mark.parametrize("words", [
    "ВОЛГА", "галина серегина", "123-45-67", "4951234567", "ЛЕНИНА", "офис"])
def test_a_client_is_found_by_name_contact_phone_and_address(volga: Client, words: str) -> None:
    assert names(Wanted(words=words)) == ["Волга-банк"]


@pytest.mark.parametrize("words", ["Забытый", "старый", "%", "_", "нет такого", "9999999"])
def test_nothing_else_is_found(volga: Client, words: str) -> None:
    assert names(Wanted(words=words)) == []


def test_filters_narrow_the_list(volga: Client) -> None:
    a_client("Retired", is_active=False)
    knower = volga.persons[0]
    assert names(Wanted(tier=Tier.KEY)) == ["Волга-банк"]
    assert names(Wanted(known_by=knower.id)) == ["Волга-банк"]
    assert names(Wanted(few_know=True)) == ["Noise", "Дума"]
    assert names(Wanted(retired=True)) == ["Retired"]
    assert (coverage().clients, coverage().few_know) == (3, 2)
    knower.is_active = False
    assert names(Wanted(few_know=True)) == ["Noise", "Волга-банк", "Дума"]
    assert coverage().few_know == 3


def test_the_list_is_paged_by_key_in_both_directions(session: Session) -> None:
    for number in range(7):
        a_client(f"Client {number}")
    seen, wanted, pages = [], Wanted(), []
    while True:
        page = client_list(wanted, limit=3)
        pages.append(page)
        seen += [row.name for row in page.rows]
        if not page.next_after:
            break
        wanted = Wanted(after=page.next_after)
    assert seen == [f"Client {number}" for number in range(7)]
    assert [bool(page.previous_before) for page in pages] == [False, True, True]
    back = client_list(Wanted(before=pages[2].previous_before), limit=3)
    assert back.rows == pages[1].rows
    first = client_list(Wanted(before=back.previous_before), limit=3)
    assert (first.rows, first.previous_before, first.next_after) == (
        pages[0].rows, "", pages[0].next_after)


def test_a_longer_list_asks_no_more_often(session: Session, volga: Client,
                                          count_queries: Counting) -> None:
    with count_queries() as few:
        client_list(Wanted())
    for _ in range(20):
        client = a_client()
        client.persons = [a_person()]
        a_contact(client, is_key=True)
        a_site(client)
    session.flush()
    with count_queries() as many:
        client_list(Wanted())
    assert len(few) == len(many) == 4, many


def test_choices_leave_out_what_is_retired_and_what_is_others(volga: Client) -> None:
    a_client("Retired", is_active=False)
    node = a_site(name="Node", address="Butlerova 7")
    a_site(name="Old node", is_active=False)
    assert [each.label for each in choices.client_choices()] == ["Noise", "Волга-банк", "Дума"]
    assert [each.label for each in choices.client_choices("ВОЛ", limit=5)] == ["Волга-банк"]
    assert [each.label for each in choices.contact_choices(volga.id)] == ["Галина Серёгина"]
    assert [(each.label, each.hint) for each in choices.site_choices(volga.id)] == [
        ("Головной офис", "Ленина 5")]
    assert [each.label for each in choices.feeder_choices(volga.id)] == ["Node", "Головной офис"]
    assert [each.id for each in choices.feeder_choices()] == [node.id]


def test_criteria_are_offered_in_the_readers_language_those_without_norm_last(
    session: Session
) -> None:
    a_criterion(is_active=False)
    ensure_criteria()
    russian = choices.criterion_choices("ru")
    assert [each.code for each in russian] == ["own_server", "exchange", "interruptions", "other"]
    assert (russian[0].label, russian[0].unit) == ("Скорость с нашего сервера", "КБ/с")
    assert choices.criterion_choices("en")[3].label == "Something else"


def test_the_network_is_a_forest_with_clients_at_its_ends(volga: Client) -> None:
    root = a_site(name="Root")
    first = a_site(name="Building 1", fed_by_id=root.id)
    second = a_site(name="Building 2", fed_by_id=first.id)
    a_site(name="Old", fed_by_id=root.id, is_active=False)
    office = a_site(volga, name="Office 2", fed_by_id=second.id)
    forest = network()
    (tree,) = forest.roots
    assert tree.name == "Root"
    (one,) = tree.feeds
    assert (one.name, [each.name for each in one.feeds]) == ("Building 1", ["Building 2"])
    assert one.clients == tree.clients == frozenset({volga.id})
    assert sorted(each.name for each in forest.unfed) == ["Головной офис", "Склад"]
    assert forest.left_out == 0
    place = place_of(second)
    assert [each.name for each in place.road] == ["Root", "Building 1"]
    assert [(each.name, each.client) for each in place.node.feeds] == [
        (office.name, "Волга-банк")]


def test_a_place_that_came_to_feed_itself_behind_our_back_is_still_shown(session: Session) -> None:
    first = a_site(name="First")
    second = a_site(name="Second", fed_by_id=first.id)
    first.fed_by_id = second.id
    session.flush()
    assert [each.name for each in place_of(first).road][-1] == "Second"


def test_a_deep_network_is_read_with_as_few_queries(session: Session,
                                                    count_queries: Counting) -> None:
    above = a_site(name="0")
    for depth in range(1, 300):
        above = a_site(name=str(depth), fed_by_id=above.id)
    with count_queries() as queries:
        assert len(place_of(above).road) == 299
        assert len(network().roots) == 1
    assert len(queries) == 4, queries
