"""Imported tickets on the screen: they say that nobody signed, and never that a client checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.cli import cli
from registry.core.db import atomic, db
from registry.people.models import Role
from registry.tickets.lifecycles import ensure_lifecycles
from registry.tickets.models import Ticket
from registry.tickets.registry_queries import rows_of
from tests.factories import NOW, House, a_person, accept, offer
from tests.registry.imports import kept


@pytest.fixture
def numbers(app: Flask, session: Session, cut: Path, repairs: Path) -> dict[str, int]:
    """Tickets of both logs by their cases."""
    with atomic():
        ensure_lifecycles(now=NOW)
    for file, mapping in ((cut, "incident_log"), (repairs, "xes")):
        answer = app.test_cli_runner().invoke(
            cli, ["import", "events", str(file), "--mapping", mapping])
        assert answer.exit_code == 0, answer.output
    return kept.numbers_by_case() | kept.numbers_by_case("xes")


@pytest.mark.parametrize(("language", "imported", "closed", "lie"), [
    ("en", "imported, not signed", "Closed %s in another system; whether the client checked is not "
                                   "known.", "it was gone"),
    ("ru", "импортировано, не подписано", "Закрыта %s в другой системе; проверил ли клиент, "
                                          "неизвестно.", "больше нет"),
])
def test_a_ticket_closed_elsewhere_does_not_say_that_the_client_checked(
    numbers: dict[str, int], sign_in, language: str, imported: str, closed: str, lie: str
):
    browser = sign_in(a_person(Role.REGISTRAR, language=language))
    page = browser.get(f"/tickets/{numbers['INC0000137']}",
                       headers={"Accept-Language": language}).text
    beginning, end = closed.split("%s")
    assert beginning in page
    assert end in page
    assert lie not in page
    assert page.count(imported) > 3


def test_the_list_shows_no_imported_ticket_as_confirmed(numbers: dict[str, int]):
    rows = rows_of(list(db.session.scalars(select(Ticket.id).where(Ticket.state == "closed"))))
    assert len(rows) > 60
    assert all(row.is_imported and not row.is_confirmed for row in rows)


def test_pages_of_an_imported_registry_open(numbers: dict[str, int], sign_in):
    browser = sign_in(a_person(Role.REGISTRAR, Role.ADMINISTRATOR, Role.DEPUTY))
    clients = db.session.scalars(select(Ticket.client_id).distinct().limit(3)).all()
    for address in ("/", "/tickets", "/tickets?state=closed", "/people", "/departments",
                    f"/tickets/{numbers['R-2']}", f"/tickets/{numbers['R-1']}/ledger",
                    "/reports/daily/2016-03-07", "/reports/daily/2016-03-07/new",
                    *(f"/clients/{client}" for client in clients)):
        assert browser.get(address).status_code == 200, address


def test_an_imported_ticket_goes_on_under_signatures_once_it_is_taken_by_authority(
    numbers: dict[str, int]
):
    house = House()
    ticket = db.session.scalars(select(Ticket).where(Ticket.number == numbers["R-2"])).one()
    assert not ticket.holder.is_active
    accept(offer(ticket, "take_by_authority", house.registrar, by=house.deputy,
                 note="Imported; its holder has no account"))
    assert ticket.holder is house.registrar
    assert (ticket.state, ticket.originator, ticket.taken_by_authority) == (
        "in_fix", ticket.raised_by, True)
    assert kept.proved().is_sound


def test_the_list_of_imports_names_the_kind_of_log_in_words(numbers: dict[str, int], sign_in):
    page = sign_in(a_person(Role.ADMINISTRATOR)).get("/settings/imports").text
    assert "Event log of a service desk (CSV)" in page
    assert "Event log (XES)" in page
    assert "incident_log" not in page
