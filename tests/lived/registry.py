"""A registry in which every page has something to show: the demo's company, and on top of its
tickets one in each state that a page can be about, made by the verbs that people use.

It is made once for a run and language and copied from then on; ``places`` says under which name
each of its things stands in an address.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import select

from registry import create_app
from registry.admin.service import declare_day
from registry.clients import uploads
from registry.clients.criteria import ensure_criteria
from registry.clients.import_columns import HEADERS, Column
from registry.clients.models import Criterion, Site
from registry.config import Settings
from registry.core.calendar import company_calendar
from registry.core.db import atomic, db
from registry.core.models import Job, Message, MessageState
from registry.core.tables import write_csv
from registry.core.times import utc_now
from registry.demo import make_company
from registry.demo.company import Company
from registry.demo.words import words_of
from registry.imports.models import ImportFault, ImportRun
from registry.ledger.entries import record
from registry.people.credentials import issue_password
from registry.people.models import Person, Role
from registry.people.passkey_models import Passkey
from registry.people.rules import Details
from registry.people.service import create_person, deactivate_person
from registry.reports.service import keep_report, send_report
from registry.tickets.filters import Filters
from registry.tickets.lifecycles import current_lifecycle, ensure_lifecycles
from registry.tickets.saved_views import save_view
from registry.webhooks.events import a_delivery
from registry.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from registry.webhooks.rules import new_secret
from tests.ground.databases import Database, locked, settings_for
from tests.lived.days import A_RUN, Days, Places

TICKETS = 12
PLACES = "places.json"


@dataclass(frozen=True)
class Lived:
    """A copy of the registry: its language, folder, and places by name."""

    language: str
    folder: Path
    places: Places

    def make(self, **changes: Any) -> Flask:
        """An application on the copy; a browser asks for each style and letter only once."""
        app = create_app(_settings(self.language, self.folder, **changes))
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
        return app


def lived_registry(language: str, database: Database, ground: Path, folder: Path) -> Lived:
    """A copy of the registry in ``folder``; made first where this run has none yet."""
    made = ground / f"lived-{language}"
    with locked(ground / f"lived-{language}.lock"):
        if not (made / PLACES).exists():
            shutil.rmtree(made, ignore_errors=True)
            _make(language, database, made)
    copy = folder / "lived"
    shutil.copytree(made, copy)
    return Lived(language, copy, json.loads((copy / PLACES).read_text(encoding="utf-8")))


def _settings(language: str, folder: Path, **changes: Any) -> Settings:
    return settings_for(f"sqlite:///{folder / 'registry.sqlite3'}", folder, language=language,
                        demo=True, **changes)


def _make(language: str, database: Database, folder: Path) -> None:
    folder.mkdir()
    fresh = Path(database.copy().removeprefix("sqlite:///"))
    fresh.rename(folder / "registry.sqlite3")
    app = create_app(_settings(language, folder))
    with app.app_context():
        now = utc_now()
        with atomic():
            ensure_lifecycles(now=now)
            ensure_criteria()
        company = make_company(language=language, seed=7, tickets=TICKETS, now=now)
        with atomic():
            places = every_state(company, language, folder, now)
        db.session.remove()
        db.engine.dispose()
    (folder / PLACES).write_text(json.dumps(places), encoding="utf-8")


def every_state(company: Company, language: str, folder: Path, now: datetime,
                lasts: timedelta = A_RUN) -> Places:
    """Bring about, on top of what there is, everything that a page can be about; for how long it
    is looked at stands in ``lasts``."""
    days = Days(company, language, now, lasts=lasts)
    return {**days.tickets(folder), **_offices(company, language, folder, now)}


def an_import(now: datetime) -> ImportRun:
    """An import that left a row out and was broken off."""
    count = db.session.query(ImportRun).count()
    run = ImportRun(source="incident_log", file_name=f"incidents-{count}.csv", mapping="",
                    file_digest=f"{count:064}", mapping_digest="0" * 64, cases=20, position=5,
                    tickets=4, known=1, bad_rows=1, begun_at=now, head_seq=0, head_hash="0" * 64)
    db.session.add(run)
    db.session.flush()
    record(run, "import_begun", by="system", at=now, content={"source": run.source})
    a_fault(run, 7)
    return run


def a_passkey(person: Person, now: datetime) -> Passkey:
    """A passkey of the person's that was never used."""
    passkey = Passkey(person_id=person.id, credential_id=f"device-{uuid4()}", public_key=b"",
                      sign_count=0, name="№ 1", aaguid="", created_at=now)
    db.session.add(passkey)
    db.session.flush()
    return passkey


def an_endpoint(now: datetime) -> tuple[WebhookEndpoint, WebhookDelivery]:
    """A program that is told of tickets, with messages in every state; one of the given up."""
    endpoint = WebhookEndpoint(url="https://hooks.example.org/countersign", secret=new_secret(),
                               kinds=["ticket.accepted", "ticket.checked"], created_at=now)
    db.session.add(endpoint)
    db.session.flush()
    return endpoint, [a_message(endpoint, state, now) for state in DeliveryState][-1]


def a_message(endpoint: WebhookEndpoint, state: DeliveryState, now: datetime) -> WebhookDelivery:
    """A message to the endpoint as it stands in ``state``."""
    seq = db.session.query(WebhookDelivery).count() + 1
    message = a_delivery(endpoint.id, "ticket:1", seq, "ticket.accepted", "{}", f"{seq}", now=now)
    message.state = state
    if state is not DeliveryState.WAITING:
        message.tries, message.tried_at = 1, now
    if state is DeliveryState.DELIVERED:
        message.delivered_at, message.status = now, 204
    elif state is DeliveryState.GIVEN_UP:
        message.status, message.answer, message.tries = 550, "550 no such user", 10
    db.session.add(message)
    db.session.flush()
    return message


def a_fault(run: ImportRun, line: int) -> None:
    """A row that the run left out."""
    db.session.add(ImportFault(run_id=run.id, line=line, reasons=[{
        "code": "time_missing", "text": "“%(column)s” has no time",
        "params": {"column": "opened_at"}}]))
    db.session.flush()


def _offices(company: Company, language: str, folder: Path, now: datetime) -> Places:
    """What the offices keep: a report and its mails, a job that fails, days, lists, people."""
    words = words_of(language)
    administrator, lead = company.managers[Role.ADMINISTRATOR], company.managers[Role.LEAD]
    calendar = company_calendar()
    today = calendar.local(now).date()
    day = calendar.previous_working_day(today)
    send_report(keep_report(day, now=now), now=now)
    first, second = db.session.query(Message).order_by(Message.id).limit(2)
    first.state, first.sent_at, first.tries = MessageState.SENT, now, 1
    second.state, second.answer, second.tries = MessageState.REFUSED, "550 no such user", 5
    job = Job(key="broken", kind="daily_report", created_at=now, due_at=now, tries=9,
              given_up_at=now, error="OSError: disk full")
    db.session.add(job)
    free = declare_day(calendar.next_working_day(today), is_working=False, now=now,
                       reason=words["absence"], by=administrator, calendar=calendar)
    save_view(words["departments"]["lines"], Filters(state="in_fix"), by=company.visitors[0],
              now=now)
    header = HEADERS[language][Column.CLIENT]
    rows = [[header], [words["company"]]]
    key = uploads.keep(write_csv(rows), "clients.csv", folder / "uploads", owner=lead.id, now=now)
    run = an_import(now)
    endpoint, delivery = an_endpoint(now)
    return {
        "endpoint": str(endpoint.id), "delivery": str(delivery.id),
        "passkey": str(a_passkey(company.engineers[0], now).id),
        "run": str(run.id),
        "day": day.isoformat(), "mail": str(second.id), "import": key,
        "earlier": calendar.previous_working_day(day).isoformat(),
        "job": str(job.id), "free": free.day.isoformat(),
        "lifecycle": current_lifecycle().digest, "engineer": str(company.engineers[0].id),
        "visitor": str(company.visitors[0].id), "visitor_login": company.visitors[0].login,
        "registrar_login": company.registrar.login,
        "colleague": str(company.engineers[1].id), "registrar": str(company.registrar.id),
        "director": str(company.managers[Role.COMMERCIAL_DIRECTOR].id),
        "department": str(company.engineers[0].department_id),
        "client": str(company.clients[0].id), "contact": str(company.clients[0].contacts[0].id),
        "site": str(company.clients[0].sites[0].id),
        "node": str(_first(Site.id, Site.client_id.is_(None))),
        "criterion": str(_first(Criterion.id)),
        "left": str(_left(administrator, language, now).id),
    }


def _first(key: Any, *conditions: Any) -> int:
    """The least key of a table; sequences of PostgreSQL need not begin at 1."""
    return db.session.scalars(select(key).where(*conditions).order_by(key)).first() or 0


def _left(administrator: Person, language: str, now: datetime) -> Person:
    """Somebody who worked here for a day, with a password that was never changed."""
    words = words_of(language)
    person = create_person(
        Details("newcomer", f"{words['first'][1]} {words['last'][5]}", "", "", language, None,
                frozenset({Role.VISITOR})), by=administrator, now=now)
    issue_password(person, by=administrator, now=now)
    deactivate_person(person, by=administrator, now=now)
    return person
