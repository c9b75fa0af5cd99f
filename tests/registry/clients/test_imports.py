"""Bringing in a list: all of it or nothing, exactly what was shown, each bad place named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.clients.import_plan import Act, Plan
from registry.clients.imports import import_clients, plan_import
from registry.clients.models import Client, Contact, Site, Tier
from registry.core.errors import Conflict, Forbidden, Refused
from registry.core.languages import say_reason
from registry.core.tables import write_csv, write_xlsx
from registry.people.models import Person, Role
from tests.factories import NOW, a_client, a_contact, a_person, a_site

HEAD = ["Client", "Tier", "Contact", "Position", "Phone", "E-mail", "Key person", "Site",
        "Address", "Fed by", "Who knows it"]
RUSSIAN = ["Клиент", "Категория", "Контактное лицо", "Должность", "Телефон", "Эл. почта",
           "Ключевое лицо", "Площадка", "Адрес", "Подключена через", "Кто знает клиента"]
LIST = [
    ["", "", "", "", "", "", "", "Building 1", "Lenina 1", "", ""],
    ["", "", "", "", "", "", "", "Building 2", "Lenina 2", "building 1", ""],
    ["Volga Bank", "key", "Galina", "accountant", "+7 495 123-45-67", "g@example.org", "yes",
     "Office", "Lenina 5", "Building 2", "kim, petrova"],
    ["Volga  Bank", "", "Ivan", "", "", "", "", "Store", "", "Office", "kim"],
    ["Duma", "", "", "", "", "", "", "Hall", "", "Building 1", ""],
]


def table(*rows: list[str], head: list[str] = HEAD) -> bytes:
    return write_csv([head, *rows])


@pytest.fixture
def lead(session: Session) -> Person:
    a_client("Noise", tier=Tier.KEY)
    a_person(login="kim", name="Anna Kim")
    a_person(login="petrova", name="Vera Petrova")
    return a_person(Role.LEAD, login="lead")


@pytest.fixture
def bring(lead: Person) -> Callable[..., Plan]:
    """Enter a list by its rows."""
    return lambda *rows, **changes: import_clients(table(*rows, **changes), "list.csv", by=lead,
                                                   now=NOW)


def held(session: Session) -> list[int | None]:
    return [session.scalar(select(func.count()).select_from(each))
            for each in (Client, Contact, Site)]


def bad(rows: list[list[str]], lead: Person, head: list[str] = HEAD) -> list[tuple[int, str, str]]:
    plan = plan_import(table(*rows, head=head), "list.csv", by=lead)
    assert not plan.steps
    return [(each.line, each.column, each.reason.code) for each in plan.bad]


@pytest.mark.parametrize("head", [HEAD, RUSSIAN])
@pytest.mark.parametrize(("write", "name"), [(write_csv, "list.csv"), (write_xlsx, "list.xlsx")])
def test_a_list_is_entered_whole(
    session: Session, lead: Person, head: list[str], write: Callable[..., bytes], name: str
) -> None:
    plan = import_clients(write([head, *LIST]), name, by=lead, now=NOW)
    assert (plan.rows, plan.count(Act.ADD_CLIENT), plan.count(Act.ADD_CONTACT),
            plan.count(Act.ADD_SITE)) == (5, 2, 2, 5)
    session.expire_all()
    bank = session.scalars(select(Client).where(Client.name == "Volga Bank")).one()
    assert (bank.tier, [each.login for each in bank.persons]) == (Tier.KEY, ["kim", "petrova"])
    assert [(each.name, each.position, each.phone, each.email, each.is_key)
            for each in bank.contacts] == [
        ("Galina", "accountant", "+7 495 123-45-67", "g@example.org", True),
        ("Ivan", "", "", "", False)]
    feeders = {each.name: each.fed_by.name if each.fed_by else ""
               for each in session.scalars(select(Site))}
    assert feeders == {"Building 1": "", "Building 2": "Building 1", "Office": "Building 2",
                       "Store": "Office", "Hall": "Building 1"}


def test_a_second_time_adds_nothing(session: Session, bring: Callable[..., Plan]) -> None:
    bring(*LIST)
    before = held(session)
    assert bring(*LIST).steps == ()
    assert held(session) == before


def test_a_dry_run_changes_nothing(session: Session, lead: Person) -> None:
    before = held(session)
    assert plan_import(table(*LIST), "list.csv", by=lead).steps
    assert held(session) == before
    assert not session.new
    assert not session.dirty


def test_corrections_say_what_stood_there_and_empty_cells_change_nothing(
    session: Session, bring: Callable[..., Plan]
) -> None:
    bring(*LIST)
    plan = bring(
        ["volga bank", "ordinary", "galina", "", "+7 495 000-00-00", "", "", "office", "Lenina 6",
         "Building 1", "lead"],
        ["volga bank", "", "Ivan", "", "", "", "yes", "", "", "", ""])
    said = [(step.act, step.name, [(str(each.column), each.before, each.after)
                                   for each in step.changes]) for step in plan.steps]
    assert said == [
        (Act.CHANGE_TIER, "Volga Bank", [("tier", "key", "ordinary")]),
        (Act.NAME_PERSONS, "Volga Bank", [("who knows it", "kim, petrova", "lead")]),
        (Act.CHANGE_CONTACT, "Galina", [("phone", "+7 495 123-45-67", "+7 495 000-00-00")]),
        (Act.NAME_KEY_PERSON, "Ivan", [("key person", "Galina", "Ivan")]),
        (Act.CHANGE_SITE, "Office", [("address", "Lenina 5", "Lenina 6"),
                                     ("fed by", "Building 2", "Building 1")]),
    ]
    session.expire_all()
    bank = session.scalars(select(Client).where(Client.name == "Volga Bank")).one()
    assert (bank.tier, len(bank.persons)) == (Tier.ORDINARY, 3)
    galina, ivan = bank.contacts
    assert (galina.position, galina.phone, galina.is_key, ivan.is_key) == (
        "accountant", "+7 495 000-00-00", False, True)
    office = next(each for each in bank.sites if each.name == "Office")
    assert office.fed_by is not None
    assert (office.address, office.fed_by.name) == ("Lenina 6", "Building 1")


@pytest.mark.parametrize(("row", "expected"), [
    (["", "key", "", "", "", "", "", "", "", "", ""], [("Client", "client_missing")]),
    (["", "", "Galina", "", "", "", "", "Office", "", "", ""], [("Client", "client_missing")]),
    (["A", "vip", "", "", "", "", "", "", "", "", ""], [("Tier", "tier_unknown")]),
    (["A", "", "", "boss", "", "", "", "", "", "", ""], [("Contact", "contact_missing")]),
    (["A", "", "G", "", "call", "mail", "maybe", "", "", "", ""],
     [("Phone", "phone_wrong"), ("E-mail", "email_wrong"), ("Key person", "key_unclear")]),
    (["A", "", "", "", "", "", "", "", "Lenina", "", ""], [("Site", "site_missing")]),
    (["A" * 201, "", "", "", "", "", "", "", "", "", ""], [("Client", "text_long")]),
    (["A", "", "", "", "", "", "", "Office", "", "Nowhere", ""], [("Fed by", "feeder_unknown")]),
    (["A", "", "", "", "", "", "", "Office", "", "office", ""],
     [("Fed by", "feeding_circle_listed")]),
    (["A", "", "", "", "", "", "", "", "", "", "nobody, gone"],
     [("Who knows it", "login_unknown"), ("Who knows it", "login_unknown")]),
    (["A", "", "", "", "", "", "", "", "", "", "", "more"], [("", "row_long")]),
])
def test_each_bad_place_is_named_with_its_line_and_column(
    session: Session, lead: Person, row: list[str], expected: list[tuple[str, str]]
) -> None:
    a_person(login="gone", is_active=False)
    before = held(session)
    assert sorted(bad([LIST[0], row], lead)) == sorted((3, *each) for each in expected)
    with pytest.raises(Refused) as caught:
        import_clients(table(LIST[0], row), "list.csv", by=lead, now=NOW)
    assert [each.code for each in caught.value.reasons] == [code for _column, code in expected]
    assert held(session) == before


def test_rows_that_contradict_each_other_are_named(lead: Person) -> None:
    rows = [
        ["A", "key", "G", "boss", "112", "", "yes", "Office", "Lenina 1", "", ""],
        ["a", "ordinary", "g", "clerk", "113", "", "", "office", "Lenina 2", "", ""],
        ["A", "", "I", "", "", "", "yes", "", "", "", ""],
    ]
    assert bad(rows, lead) == [
        (3, "Tier", "tier_contradicts"), (3, "Position", "contradicts"),
        (3, "Phone", "contradicts"), (3, "Address", "contradicts"), (4, "Key person", "two_keys")]


@pytest.mark.parametrize(("head", "expected"), [
    (["Client", "Colour"], [(1, "Colour", "column_unknown")]),
    (["Client", "Клиент"], [(1, "Клиент", "column_twice")]),
    (["Tier", "Phone"], [(1, "", "column_missing")]),
])
def test_the_header_is_judged_first(
    lead: Person, head: list[str], expected: list[tuple[int, str, str]]
) -> None:
    assert bad([["A", "key"]], lead, head) == expected


def test_a_column_is_called_as_the_file_calls_it(lead: Person) -> None:
    assert bad([["A", "vip"]], lead, ["Организация", "КАТЕГОРИЯ"]) == [
        (2, "КАТЕГОРИЯ", "tier_unknown")]


def test_a_circle_through_what_is_there_already_is_found(lead: Person) -> None:
    root = a_site(name="Root")
    a_site(name="Node", fed_by_id=root.id)
    assert bad([["", "", "", "", "", "", "", "Root", "", "Node", ""]], lead) == [
        (2, "Fed by", "feeding_circle_listed")]


def test_what_was_retired_is_not_brought_back_unasked(lead: Person) -> None:
    a_client("Old client", is_active=False)
    client = a_client("Client")
    a_contact(client, name="Old contact", is_active=False)
    a_site(client, name="Old site", is_active=False)
    assert bad([["old client", *[""] * 10],
                ["Client", "", "Old contact", *[""] * 4, "Old site", "", "", ""]], lead) == [
        (2, "Client", "retired"), (3, "Contact", "retired"), (3, "Site", "retired")]


def test_only_what_was_shown_is_entered(session: Session, lead: Person) -> None:
    data = table(*LIST)
    shown = plan_import(data, "list.csv", by=lead).digest
    a_client("Duma")
    before = held(session)
    with pytest.raises(Conflict):
        import_clients(data, "list.csv", by=lead, now=NOW, shown=shown)
    assert held(session) == before
    shown = plan_import(data, "list.csv", by=lead).digest
    import_clients(data, "list.csv", by=lead, now=NOW, shown=shown)


def test_a_visitor_brings_in_no_lists(session: Session, lead: Person) -> None:
    visitor = a_person(Role.VISITOR)
    with pytest.raises(Forbidden):
        plan_import(table(*LIST), "list.csv", by=visitor)


def test_a_text_like_a_formula_stays_a_text(session: Session, bring: Callable[..., Plan]) -> None:
    bring(["=1+1", *[""] * 10])
    assert session.scalars(select(Client).where(Client.name == "=1+1")).one()


def test_every_reason_can_be_said(session: Session, lead: Person) -> None:
    plan = plan_import(table(["A", "vip", "", "boss", "call", "mail", "maybe", "", "Lenina", "X",
                              "nobody"]), "list.csv", by=lead)
    assert len(plan.bad) == 6
    assert all("%" not in say_reason(each.reason) for each in plan.bad)


def test_a_long_list_is_compared_with_as_few_queries(
    session: Session, lead: Person, count_queries: Callable[..., object]
) -> None:
    rows = [[f"Client {at}", "", f"Contact {at}", *[""] * 4, "Office", "", "", "kim"]
            for at in range(400)]
    with count_queries() as queries:  # type: ignore[attr-defined]
        plan = plan_import(table(*rows), "list.csv", by=lead)
    assert len(plan.steps) == 400 * 4
    assert len(queries) <= 6, queries
