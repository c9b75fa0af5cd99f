"""The house of the factories as the lived registry's company: small, quick, inside a test's own
transaction; and more rows of everything that a page lists."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from registry.clients.criteria import ensure_criteria
from registry.clients.models import Criterion
from registry.core.db import db
from registry.core.models import DayException, Job, Message, MessageState
from registry.demo.company import Company
from registry.imports.models import ImportRun
from registry.people.models import Person, Role
from registry.people.sessions import open_session
from registry.reports.models import DailyReport
from registry.tickets.attachments import MOST_FILES
from registry.tickets.filters import Filters
from registry.tickets.models import Attachment, Ticket
from registry.tickets.saved_views import save_view
from registry.webhooks.models import DeliveryState, WebhookEndpoint
from tests.factories import House, a_client, a_contact, a_criterion, a_department, a_person, a_site
from tests.lived.days import A_TEST, Days, Places
from tests.lived.registry import (
    a_fault,
    a_message,
    a_passkey,
    an_endpoint,
    an_import,
    every_state,
)


def lived_house(folder: Path, now: datetime) -> tuple[Company, Places]:
    """The house with everything that a page can be about; and the places of its things."""
    house = House()
    house.director.declared_version, house.director.declared_at = 0, None  # has signed nothing yet
    ensure_criteria()
    node = a_site(name="Building 1")
    house.site.fed_by_id = node.id
    house.client.persons = [house.visitor, house.lead]
    db.session.flush()
    company = Company(
        visitors=[house.visitor, house.other_visitor],
        engineers=[house.engineer, house.other_engineer], clients=[house.client],
        managers={Role.REGISTRAR: house.registrar, Role.DEPUTY: house.deputy,
                  Role.LEAD: house.lead, Role.HEAD_OF_SALES: house.head_of_sales,
                  Role.COMMERCIAL_DIRECTOR: house.director,
                  Role.ADMINISTRATOR: house.administrator},
        criteria={each.code: each for each in db.session.query(Criterion)})
    places = every_state(company, "en", folder, now, lasts=A_TEST)
    return company, places | {"node": str(node.id)}


def more_of_everything(
    company: Company, places: Places, count: int, folder: Path, now: datetime
) -> None:
    """``count`` further rows in each list that a page shows."""
    # So close that forty acts for each row are over before midnight.
    days = Days(company, "en", now, after=timedelta(minutes=4 * count), lasts=A_TEST,
                apart=timedelta(seconds=20))
    for number in range(count):
        _more_tickets(days, places, folder)
        _more_clients(company)
        _more_people(company, now)
        _more_of_the_offices(company, number, now)
        a_fault(db.session.get_one(ImportRun, int(places["run"])), number)
    assert days.now < now, "nothing is signed before what it is signed upon"
    db.session.flush()


def _more_tickets(days: Days, places: Places, folder: Path) -> None:
    days.handoffs()
    for make in (days.logged, days.offered, days.taken, days.returned, days.sheet):
        make()
    days.checked(gone=False)
    days.promised(days.taken())
    ticket = db.session.query(Ticket).filter_by(number=int(places["in_fix"])).one()
    if db.session.query(Attachment).count() < MOST_FILES:
        days.attended(ticket, folder)
    else:
        days.promised(ticket)


def _more_clients(company: Company) -> None:
    first = company.clients[0]
    a_contact(first)
    a_site(first, fed_by_id=first.sites[0].fed_by_id)
    client = a_client()
    client.persons = [company.visitors[0], company.managers[Role.LEAD]]
    a_contact(client, is_key=True)
    a_site(client, fed_by_id=first.sites[0].fed_by_id)
    a_criterion()


def _more_people(company: Company, now: datetime) -> None:
    department = a_department()
    for role in Role:
        a_person(role, department_id=department.id)
    a_person(Role.VISITOR, is_active=False)
    for person in (company.visitors[0], company.engineers[0]):
        open_session(person, address="127.0.0.1", device="Chrome, Linux", now=now)
        a_passkey(person, now)


def _more_of_the_offices(company: Company, number: int, now: datetime) -> None:
    stamp = f"{db.session.query(Job).count()}"
    administrator: Person = company.managers[Role.ADMINISTRATOR]
    db.session.add_all([
        Message(key=f"more{stamp}", kind="daily_report", recipient=administrator.email,
                subject="24 Nov", text="Quiet", html="<p>Quiet</p>", created_at=now, due_at=now,
                state=MessageState.REFUSED, answer="550 no such user"),
        Job(key=f"more{stamp}", kind="daily_report", created_at=now, due_at=now, given_up_at=now,
            error="OSError: disk full")])
    an_endpoint(now)
    first = db.session.query(WebhookEndpoint).order_by(WebhookEndpoint.id).first()
    assert first is not None
    for state in DeliveryState:
        a_message(first, state, now)
    free = db.session.query(DayException).count()
    db.session.add(DayException(day=date(2031, 1, 1) + timedelta(days=free), is_working=False,
                                reason="Leave"))
    report = db.session.query(DailyReport).first()
    assert report is not None
    earlier = date(2020, 1, 1) + timedelta(days=db.session.query(DailyReport).count())
    db.session.add(DailyReport(day=earlier, made_at=now, due_at=now, note="", data=report.data))
    an_import(now)
    if number < 20:
        save_view(f"View {stamp}", Filters(state="in_fix"), by=company.visitors[0], now=now)
