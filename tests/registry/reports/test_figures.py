"""The numbers of any day equal those of a diary that was kept while the days were lived."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from registry.clients.models import Tier
from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.reports import history
from registry.reports.figures import figures_of, free_days_after, listed
from registry.reports.history import FLOWS
from registry.tickets.chain import Sealed, append
from registry.tickets.promises import change_promise
from tests.factories import NOW, House, a_client, a_ticket, accept, move, offer
from tests.registry.reports.lived import Life

FIRST = date(2026, 11, 13)  # a Friday


@pytest.mark.parametrize("seed", [1, 2])
def test_every_day_is_counted_as_it_was_lived(house: House, seed: int):
    life = Life(house, seed)
    calendar = company_calendar()
    days = [FIRST + timedelta(days=each) for each in range(8)]
    for day in days:
        begins_at, ends_at = calendar.bounds(day)
        life.live(day, begins_at, ends_at, acts=16 if calendar.is_working(day) else 4)
    assert sum(len(page.broken) for page in life.diary.values()) > 3, "a dull life proves little"
    for day in days:
        figures, page = figures_of(day), life.diary[day]
        assert figures.flows == {name: page.flows[name] for name in FLOWS}, day
        assert figures.hands == page.hands, day
        assert {each.number for each in figures.broken} == page.broken, day
        assert {each.number for each in figures.untaken} == page.untaken, day
        assert set(listed(day, "open")) == page.open, day
        for holder, count in page.hands.items():
            assert len(listed(day, f"hands-{holder}")) == count


def test_a_day_ends_at_midnight_of_the_company(house: House):
    calendar = company_calendar()
    day = date(2026, 11, 24)
    begins_at, ends_at = calendar.bounds(day)
    before = a_ticket(house, now=begins_at - timedelta(microseconds=1))
    first = a_ticket(house, now=begins_at)
    last = a_ticket(house, now=ends_at - timedelta(microseconds=1))
    after = a_ticket(house, now=ends_at)
    assert figures_of(day).flows["new"] == {first.number, last.number}
    assert list(listed(day, "open")) == [before.number, first.number, last.number]
    assert after.number in listed(day + timedelta(days=1), "new")


def test_beside_monday_stands_friday_and_the_weekend_is_told_apart(house: House):
    friday, saturday, monday = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
    for day in (friday, friday, saturday, monday):
        a_ticket(house, now=company_calendar().at(day, 12 * 60))
    figures = figures_of(monday)
    assert len(figures.flows["new"]) == 1
    assert len(figures.flows_before["new"]) == 2
    assert {day: len(flows["new"]) for day, flows in figures_of(friday).free_days.items()} == {
        saturday: 1, date(2026, 11, 22): 0}


def test_free_days_follow_the_calendar(session):
    calendar = company_calendar()
    assert free_days_after(date(2026, 11, 24), calendar) == []
    assert len(free_days_after(date(2026, 12, 30), calendar)) == 11  # to 11 January 2027
    assert free_days_after(date(2026, 11, 21), calendar) == []


def test_long_holidays_ask_no_more_than_a_plain_night(house: House, count_queries):
    def asked(day: date) -> int:
        db.session.expire_all()
        with count_queries() as queries:
            figures_of(day)
        return len(queries)

    before_holidays, plain = date(2026, 12, 30), date(2026, 11, 24)
    figures_of(plain)  # what is read once in a process is read now
    assert asked(before_holidays) == asked(plain)


def test_danger_is_what_falls_due_within_one_working_day(house: House):
    friday = date(2026, 11, 20)
    ticket = a_ticket(house, "in_fix", now=NOW - timedelta(days=6))
    calendar = company_calendar()
    change_promise(ticket, calendar.at(date(2026, 11, 23), 17 * 60), reason="Later",
                   by=ticket.holder, now=calendar.at(friday, 600))
    soon = ticket.number
    far = a_ticket(house, "in_fix", now=NOW - timedelta(days=6))
    change_promise(far, calendar.at(date(2026, 11, 24), 10 * 60), reason="Later",
                   by=far.holder, now=calendar.at(friday, 600))
    assert [each.number for each in figures_of(friday).danger] == [soon]


def test_a_mended_ticket_breaks_no_promise_and_waits_for_the_clients_check(house: House):
    ticket = a_ticket(house, "returned", now=NOW - timedelta(days=20))
    figures = figures_of(NOW.date())
    assert figures.broken == []
    assert [each.number for each in figures.unchecked] == [ticket.number]


def test_key_clients_come_first_then_the_oldest_promise(house: House):
    ordinary = a_client(tier=Tier.ORDINARY)
    old = a_ticket(house, "in_fix", now=NOW - timedelta(days=30), client=ordinary, site=None,
                   contact=None)
    newer = a_ticket(house, "in_fix", now=NOW - timedelta(days=10))
    older = a_ticket(house, "in_fix", now=NOW - timedelta(days=20))
    figures = figures_of(NOW.date())
    assert [each.number for each in figures.broken] == [older.number, newer.number, old.number]


def an_imported_step(source: str, target: str, effects: list[str], *, final: int = 0
                     ) -> dict[str, object]:
    """What the entry of a step says that another system recorded."""
    return {"move": "", "source": source, "target": target, "final": final, "effects": effects,
            "reason": "", "fields": {}, "imported": 1}


def test_of_what_another_system_did_no_client_was_asked(house: House):
    ticket = a_ticket(house, now=NOW)
    for minutes, content in enumerate((
        an_imported_step("logged", "in_fix", []),
        an_imported_step("in_fix", "returned", ["mended"]),
        an_imported_step("returned", "in_fix", ["count_rework"]),
        an_imported_step("in_fix", "closed", [], final=1),
    ), start=1):
        append(ticket, "moved", content, Sealed(), by=None, now=NOW + timedelta(minutes=minutes))
    figures = figures_of(NOW.date())
    assert figures.open == 0
    flows = figures.flows
    happened = {name for name, numbers in flows.items() if numbers == {ticket.number}}
    assert happened == {"new", "accepted", "returned", "closed_elsewhere", "reopened_elsewhere"}


def test_work_without_a_promised_date_is_counted_apart(house: House):
    ticket = a_ticket(house, now=NOW)
    append(ticket, "moved", an_imported_step("logged", "in_fix", []), Sealed(), by=None,
           now=NOW + timedelta(minutes=1))
    a_ticket(house, now=NOW)
    a_ticket(house, "in_fix", now=NOW)
    assert list(listed(NOW.date(), "unpromised")) == [ticket.number]


def test_passing_on_inside_the_department_is_no_new_acceptance(house: House):
    ticket = a_ticket(house, "accepted", now=NOW - timedelta(days=1))
    accept(offer(ticket, "pass_on", house.other_engineer, now=NOW), now=NOW)
    move(ticket, "start", now=NOW + timedelta(minutes=1))
    assert figures_of(NOW.date()).flows["accepted"] == set()
    assert figures_of(NOW.date() - timedelta(days=1)).flows["accepted"] == {ticket.number}


def test_an_unknown_number_has_no_list(session):
    for what in ("", "nothing", "hands-", "hands-x", "names", "open "):
        with pytest.raises(KeyError):
            listed(NOW.date(), what)


def test_what_has_changed_since_is_asked_once_for_all_tickets(
    house: House, count_queries, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(history, "PAGE", 2)
    for _each in range(5):
        a_ticket(house)
    db.session.flush()
    with count_queries() as queries:
        assert len(list(history.open_at(NOW + timedelta(days=1)))) == 5
    assert len([each for each in queries if "FROM ledger_entry" in each]) == 1
    assert len([each for each in queries if "LEFT OUTER JOIN handoff" in each]) == 3


def test_yesterdays_report_replays_only_what_changed_since(house: House):
    calendar = company_calendar()
    old = calendar.at(date(2026, 11, 18), 600)
    for each in range(8):
        a_ticket(house, "in_fix", now=old + timedelta(minutes=10 * each))
    changed = a_ticket(house, "accepted", now=old)
    move(changed, "start", now=calendar.bounds(date(2026, 11, 24))[1] + timedelta(hours=9))
    db.session.flush()
    read: list[object] = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if "ledger_entry.seq" in statement and "ORDER BY ledger_entry.chain" in statement:
            read.append(parameters)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        figures_of(date(2026, 11, 24))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(read) == 1
    assert f"ticket:{changed.number}" in str(read[0])
    assert str(read[0]).count("ticket:") == 1
