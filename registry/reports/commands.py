"""Commands of reports: show the daily report of any day, or send it."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import IntegrityError

from registry.config import Settings, clock
from registry.core.calendar import company_calendar
from registry.core.db import atomic, db, only_reading
from registry.core.languages import language
from registry.core.times import utc_now
from registry.people.models import Role
from registry.reports.daily import report_data
from registry.reports.ledger_state import ledger_as_known
from registry.reports.models import DailyReport
from registry.reports.needs import READERS
from registry.reports.rendering import rendered
from registry.reports.rules import latest_owed
from registry.reports.service import Sending, keep_report, must_be_over, send_report


@click.group()
def report() -> None:
    """Reports."""


@report.command()
@click.option("--day", "day_text", type=click.DateTime(["%Y-%m-%d"]), default=None,
              help="The day reported on; by default the last working day.")
@click.option("--show", is_flag=True, help="Print it (what else is asked for stays undone).")
@click.option("--send", is_flag=True, help="Make it, and mail it to those who were not sent it.")
@click.option("--for", "role", type=click.Choice([role.value for role in READERS]),
              default=READERS[0].value, show_default=True, help="Whose first line is shown.")
@with_appcontext
def daily(day_text: datetime | None, show: bool, send: bool, role: str) -> None:
    """The daily report. Without --send it is printed and nothing is kept."""
    now = utc_now()
    day = day_text.date() if day_text else _last_day(now)
    if show and send:
        raise click.UsageError("Choose one of --show and --send.")
    if send:
        _send(day, now)
    else:
        _show(day, Role(role), now)


def _show(day: date, role: Role, now: datetime) -> None:
    must_be_over(day, now)
    with only_reading():
        kept = db.session.get(DailyReport, day)
        data = kept.data if kept else report_data(day, ledger_as_known(), now=now)
        mail = rendered(data, role, language())
    click.echo(f"{mail.subject}\n\n{mail.text}", nl=False)


def _send(day: date, now: datetime) -> None:
    try:
        sending = _made_and_queued(day, now)
    except IntegrityError:  # another did so at this very moment: now his report is found
        sending = _made_and_queued(day, now)
    subject = day.isoformat()
    for name in sending.queued:
        click.echo(f"{subject}: {name}: queued, the worker sends it")
    for name in sending.unreachable:
        click.echo(f"{subject}: {name}: has no mail address", err=True)
    if not sending.queued:
        click.echo(f"{subject}: everybody who reads it was sent it before")


def _made_and_queued(day: date, now: datetime) -> Sending:
    with atomic():
        return send_report(keep_report(day, now=now), now=now)


def _last_day(now: datetime) -> date:
    settings: Settings = current_app.config["SETTINGS"]
    return latest_owed(company_calendar(), clock(settings.report_at), now).day


COMMANDS = [report]
