"""Reading the registry: what each filter takes in, the orders, pages by key, numbers and lists."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from registry.callbacks.service import Found, record_check
from registry.core.calendar import company_calendar
from registry.core.languages import force_locale
from registry.people.models import Role
from registry.tickets import registry_queries
from registry.tickets.filters import Filters
from registry.tickets.models import CheckResult
from registry.tickets.registry_queries import count_matching, head_counts, registry_page
from registry.tickets.state_names import state_names
from registry.tickets.timelines import timelines_of
from tests.factories import (
    NOW,
    a_client,
    a_criterion,
    a_person,
    a_signing,
    a_site,
    a_ticket,
    offer,
)

STATES = ("logged", "accepted", "in_fix", "on_hold", "returned")


@pytest.fixture
def one_of_each(house):
    """A ticket in every state, and one closed, by the name of the state."""
    tickets = {state: a_ticket(house, state) for state in STATES}
    tickets["closed"] = closed(house)
    return tickets


def closed(house, **values):
    ticket = a_ticket(house, "returned", **values)
    record_check(ticket, Found(CheckResult.GONE, "Galina Serova", "It works now"),
                 by=ticket.originator, signing=a_signing(ticket.originator),
                 now=NOW + timedelta(hours=1))
    return ticket


def numbers(filters, me, now=NOW, place=None, size=50):
    page = registry_page(filters, place, state_names(), me=me, now=now, size=size)
    return [row.number for row in page.rows]


def found(house, filters, now=NOW):
    """The numbers in the list, which the counting must agree with."""
    listed = numbers(filters, house.visitor, now)
    assert count_matching(filters, state_names(), me=house.visitor, now=now) == len(listed)
    return set(listed)


def numbers_of(tickets, *states):
    return {tickets[state].number for state in states}


def test_open_ended_and_all(house, one_of_each):
    assert found(house, Filters()) == numbers_of(one_of_each, *STATES)
    assert found(house, Filters(show="ended")) == numbers_of(one_of_each, "closed")
    assert found(house, Filters(show="all")) == numbers_of(one_of_each, *STATES, "closed")


def test_a_state_alone_also_finds_what_has_ended(house, one_of_each):
    for state in (*STATES, "closed"):
        assert found(house, Filters(state=state)) == numbers_of(one_of_each, state)
    assert found(house, Filters(state="cancelled")) == set()


def test_by_holder_originator_and_department(house, one_of_each):
    theirs = a_ticket(house, by=house.other_visitor)
    assert found(house, Filters(holder=house.engineer.id)) == numbers_of(
        one_of_each, "accepted", "in_fix", "on_hold")
    assert found(house, Filters(originator=house.other_visitor.id)) == {theirs.number}
    assert found(house, Filters(department=house.tech.id)) == numbers_of(
        one_of_each, "accepted", "in_fix", "on_hold")


def test_by_client_site_and_criterion(house, one_of_each):
    client = a_client("Duma")
    site = a_site(client, name="Tower")
    criterion = a_criterion(name_en="Interruptions")
    other = a_ticket(house, client=client, site=site, contact=None, criterion=criterion)
    assert found(house, Filters(client=client.id)) == {other.number}
    assert found(house, Filters(site=site.id)) == {other.number}
    assert found(house, Filters(criterion=criterion.id)) == {other.number}
    assert found(house, Filters(client=client.id, site=house.site.id)) == set()


def test_mine_is_in_my_hands_or_logged_by_me(house, one_of_each):
    theirs = a_ticket(house, by=house.other_visitor)
    assert found(house, Filters(mine=True)) == numbers_of(one_of_each, *STATES)
    assert set(numbers(Filters(mine=True), house.engineer)) == numbers_of(
        one_of_each, "accepted", "in_fix", "on_hold")
    assert numbers(Filters(mine=True), house.other_visitor) == [theirs.number]


def test_late_is_open_not_mended_and_past_its_promise(house, one_of_each):
    soon, later = NOW + timedelta(days=1), NOW + timedelta(days=3)
    assert found(house, Filters(late=True), soon) == set()
    assert found(house, Filters(late=True), later) == numbers_of(
        one_of_each, "accepted", "in_fix", "on_hold")


def test_unaccepted_is_logged_or_offered_and_not_answered(house, one_of_each):
    passed = one_of_each["in_fix"]
    offer(passed, "pass_on", house.other_engineer)
    assert found(house, Filters(unaccepted=True)) == numbers_of(one_of_each, "logged", "in_fix")


def test_with_client_is_mended_and_not_checked(house, one_of_each):
    assert found(house, Filters(with_client=True)) == numbers_of(one_of_each, "returned")


def test_on_hold_and_older_than(house, one_of_each):
    old = a_ticket(house, now=NOW - timedelta(days=8))
    assert found(house, Filters(on_hold=True)) == numbers_of(one_of_each, "on_hold")
    assert found(house, Filters(age=7)) == {old.number}
    assert found(house, Filters(age=14)) == set()


@pytest.mark.parametrize("words", ["обрыв", "обрывы", "ОБРЫВАМИ", "волжский", "interruption",
                                   "interr"])
def test_words_are_found_in_russian_and_english_whatever_their_form(house, words):
    a_ticket(house)
    sought = a_ticket(house, summary="Обрывы каждый вечер", description="Interruptions at night",
                      client=a_client("Волжский банк"), site=None, contact=None)
    assert found(house, Filters(q=words)) == {sought.number}


def test_filters_join(house, one_of_each):
    late = Filters(late=True, holder=house.engineer.id, state="on_hold", q="slow")
    assert found(house, late, NOW + timedelta(days=3)) == numbers_of(one_of_each, "on_hold")


def test_the_head_counts_what_its_links_list(house, one_of_each):
    now = NOW + timedelta(days=3)
    counts = head_counts(state_names(), now=now)
    assert (counts.open, counts.late, counts.unaccepted, counts.with_client) == (5, 3, 1, 1)
    for count, filters in ((counts.open, Filters()), (counts.late, Filters(late=True)),
                           (counts.unaccepted, Filters(unaccepted=True)),
                           (counts.with_client, Filters(with_client=True))):
        assert len(found(house, filters, now)) == count


def test_counting_ends_at_its_bound(house, monkeypatch):
    for _ in range(4):
        a_ticket(house)
    monkeypatch.setattr(registry_queries, "MOST_COUNTED", 2)
    assert head_counts(state_names(), now=NOW).open == 3
    assert count_matching(Filters(), state_names(), me=house.visitor, now=NOW) == 3


@pytest.mark.parametrize("sort", ["number", "promise", "since"])
def test_pages_by_key_give_every_ticket_once_forth_and_back(house, sort):
    for day, state in enumerate((*STATES, *STATES, "logged", "accepted")):
        a_ticket(house, state, now=NOW - timedelta(days=day % 4))
    filters, names = Filters(sort=sort), state_names()

    def page(place):
        return registry_page(filters, place, names, me=house.visitor, now=NOW, size=5)

    whole = numbers(filters, house.visitor)
    first = page(None)
    second = page(first.following)
    third = page(second.following)
    assert first.previous is None
    assert third.following is None
    assert [row.number for each in (first, second, third) for row in each.rows] == whole
    back = page(third.previous)
    assert [row.number for row in back.rows] == [row.number for row in second.rows]
    assert [row.number for row in page(back.previous).rows] == whole[:5]


def test_the_orders_are_by_number_by_promise_and_by_since(house):
    old = a_ticket(house, "accepted", now=NOW - timedelta(days=5))
    none = a_ticket(house)
    new = a_ticket(house, "accepted")
    assert numbers(Filters(), house.visitor) == [new.number, none.number, old.number]
    assert numbers(Filters(sort="promise"), house.visitor) == [
        old.number, new.number, none.number]
    assert numbers(Filters(sort="since"), house.visitor) == [
        old.number, none.number, new.number]


def test_the_place_is_kept_while_tickets_come_and_go(house):
    tickets = [a_ticket(house) for _ in range(6)]
    names = state_names()
    first = registry_page(Filters(), None, names, me=house.visitor, now=NOW, size=3)
    a_ticket(house)
    beside = registry_page(Filters(), first.following, names, me=house.visitor, now=NOW, size=3)
    assert [row.number for row in beside.rows] == [each.number for each in tickets[2::-1]]


def test_a_row_says_whose_hand_what_was_measured_and_to_whom_it_is_offered(house):
    ticket = a_ticket(house, "accepted")
    a_ticket(house, summary="Noise")
    offer(ticket, "pass_on", house.other_engineer)
    row = next(row for row in registry_page(
        Filters(), None, state_names(), me=house.visitor, now=NOW).rows
        if row.number == ticket.number)
    assert (row.holder.name, row.holder.initials) == ("Pavel Orlov", "PO")
    assert (row.client, row.site, row.unit, int(row.measured), int(row.norm)) == (
        "Volga Bank", "Head office", "KB/s", 12, 30)
    assert row.offered_to == "Ivan Sokolov"
    assert not row.is_late(NOW)
    assert row.is_late(NOW + timedelta(days=3))
    with force_locale("ru"):
        assert registry_page(Filters(q="slow"), None, state_names(), me=house.visitor,
                             now=NOW).rows[0].unit == "КБ/с"


def test_a_line_is_the_ticket_s_own_passing_from_hand_to_hand_in_working_time(house):
    ticket = a_ticket(house, "returned", now=NOW)
    a_ticket(house, "accepted")
    line = timelines_of({ticket.number: (ticket.head_seq, ticket.head_hash)}, company_calendar(),
                        now=NOW + timedelta(days=1))[ticket.number]
    assert [(each.initials, each.label) for each in line] == [
        ("AK", "logged"), ("PO", "accepted"), ("PO", "in fix"), ("AK", "returned")]
    assert [each.open for each in line] == [False, False, False, True]
    # from 10:43 to 18:00, and next morning from 9:00 to 10:40
    assert line[-1].hours == pytest.approx(7 + 17 / 60 + 1 + 40 / 60)
    assert sum(each.share for each in line) == pytest.approx(1)


def test_a_line_ends_where_the_ticket_ended(house):
    ticket = closed(house)
    line = timelines_of({ticket.number: (ticket.head_seq, ticket.head_hash)}, company_calendar(),
                        now=NOW + timedelta(days=30))[ticket.number]
    assert (line[-1].kind, line[-1].hours, line[-1].open) == ("final", 0.0, False)


def test_states_of_lifecycles_that_no_ticket_follows_are_not_offered(house):
    assert "letter_due" not in state_names().states
    assert state_names().initial == {"logged"}


def test_who_has_left_keeps_the_name_in_the_list(house, session):
    gone = a_person(Role.VISITOR, name="Gleb Titov")
    a_ticket(house, by=gone)
    gone.is_active = False
    session.flush()
    assert registry_page(Filters(), None, state_names(), me=house.visitor,
                         now=NOW).rows[0].holder.name == "Gleb Titov"


WHOLE = re.compile(r"SCAN ticket$|Seq Scan on ticket\b")
FILTERS = [
    Filters(), Filters(show="ended"), Filters(show="all"), Filters(late=True),
    Filters(unaccepted=True), Filters(with_client=True), Filters(on_hold=True),
    Filters(state="closed"), Filters(holder=1, show="all"), Filters(originator=1, show="all"),
    Filters(department=1, show="all"), Filters(client=1, show="all"), Filters(site=1, show="all"),
    Filters(criterion=1, show="all"), Filters(mine=True, show="all"), Filters(sort="promise"),
    Filters(sort="since"), Filters(sort="promise", show="all"), Filters(sort="since", show="all"),
    Filters(q="slow"),
]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda each: "-".join(each.to_args()) or "open")
def test_no_page_of_the_list_reads_the_whole_table(house, session, filters):
    """Neither database has figures of a large table here: SQLite plans without them anyway, and
    PostgreSQL is told to read a whole table only where no index serves."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    names, ran = state_names(), []

    def note(_connection, _cursor, statement, parameters, *_rest):
        ran.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        registry_page(filters, None, names, me=house.visitor, now=NOW)
        if filters.show != "all":
            count_matching(filters, names, me=house.visitor, now=NOW)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    for statement, parameters in ran:
        plan = [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters)]
        assert not [step for step in plan if WHOLE.search(step)], (statement, plan)
