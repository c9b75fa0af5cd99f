"""All of one visit, or all of one department, goes on a sheet by one tap."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.factories import NOW, PASSWORD, a_client, a_department, a_ticket
from tests.registry.tickets.sheet_steps import form_of, handoffs, only_sheet, signed, to


@pytest.fixture
def visits(house):
    """Three tickets of one day at Volga Bank, one of the day before, one elsewhere."""
    other = a_client(name="Duma Hotel")
    same = [a_ticket(house, "logged") for _ in range(3)]
    return same, [a_ticket(house, "logged", now=NOW - timedelta(days=1)),
                  a_ticket(house, "logged", client=other, site=None, contact=None)]


def picked(page):
    return re.findall(r'href="/sheets/new\?part=([\w-]+)&amp;purpose=visit">(.+?)</a>', page)


def test_only_what_is_several_is_offered(house, visits, sign_in):
    (name, title), = picked(sign_in(house.visitor).get("/sheets/new").text)
    assert name == f"visit-{house.client.id}-{house.visitor.id}-2026-11-24"
    assert re.fullmatch(r"Volga Bank, visit of 24 Nov( 2026)? by Anna Kim: 3 tickets\.", title)


def test_the_sheet_holds_that_visit_alone(house, visits, sign_in):
    client = sign_in(house.visitor)
    (name, _), = picked(client.get("/sheets/new").text)
    page = client.get("/sheets/new", query_string={"part": name, "purpose": "visit"}).text
    assert f'name="part" value="{name}"' in page
    assert "You have 3 tickets in your hands." in page
    args = to(house.engineer, witness=house.registrar.id, part=name, purpose="visit")
    assert signed(client, args).status_code == 303
    assert [each.ticket_id for each in handoffs()] == [each.id for each in visits[0]]
    assert only_sheet().purpose == "visit"


def test_what_was_offered_meanwhile_is_no_part_any_more(house, visits, sign_in):
    client = sign_in(house.visitor)
    (name, _), = picked(client.get("/sheets/new").text)
    args = to(house.engineer, witness=house.registrar.id, part=name)
    values = form_of(client.get("/sheets/new", query_string=args))
    assert signed(client, args).status_code == 303
    assert picked(client.get("/sheets/new").text) == []
    page = client.get("/sheets/new", query_string=args)
    assert "Nothing of this part is left in hand." in page.text
    again = client.post("/sheets/new", query_string=args, data=values | {"password": PASSWORD})
    assert again.status_code in (200, 422)
    assert len(handoffs()) == 3


def test_a_day_is_one_of_the_company_s_clock(house, sign_in):
    """22:30 and 1:30 in Moscow are two days, though one in London."""
    late = NOW.replace(hour=19, minute=30)
    for hours in (0, 0, 3, 3):
        a_ticket(house, "logged", now=late + timedelta(hours=hours))
    names = [name for name, _ in picked(sign_in(house.visitor).get("/sheets/new").text)]
    assert [name[-10:] for name in names] == ["2026-11-25", "2026-11-24"]


def test_all_of_one_department(house, sign_in):
    tickets = [a_ticket(house, "accepted") for _ in range(3)]
    tickets[0].department_id = a_department("Zonal").id
    client = sign_in(house.engineer)
    parts = re.findall(r'part=(department-\d+)&amp;purpose=work">(.+?)</a>',
                       client.get("/sheets/new").text)
    assert [title for _, title in parts] == [
        f"Tickets of the department: {house.tech.name}.",
        "Tickets of the department: Zonal."]
    page = client.get("/sheets/new", query_string={"part": parts[1][0]}).text
    assert "You have 1 ticket in your hands." in page


@pytest.mark.parametrize("name", [
    "visit-1-1-2026-11-23", "visit-x", "visit-1-1-2026-13-41", "department-9", "'", "visit-",
    "visit-99999999999999999999-1-2026-11-24"], ids=str)
def test_what_is_no_part_holds_nothing(house, sign_in, name):
    a_ticket(house, "accepted")
    page = sign_in(house.engineer).get("/sheets/new", query_string={"part": name})
    assert page.status_code == 200
    assert "Nothing of this part is left in hand." in page.text
    assert 'name="receiver"' not in page.text


def test_receivers_stand_under_their_departments(house, sign_in):
    a_ticket(house, "accepted")
    page = sign_in(house.engineer).get("/sheets/new").text
    assert f'<p class="hint">{house.tech.name}</p>' in page
