"""Pages of the daily report: the list of days, one report, and the list behind each number."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.core.errors import NotFound
from registry.core.times import utc_now
from registry.people.access import can, me, permitted
from registry.people.models import Person, Role
from registry.people.names import role_name
from registry.reports.blueprint import bp
from registry.reports.daily import report_data
from registry.reports.figures import HANDS, OTHERS, STANDINGS, holder_in, listed
from registry.reports.history import FLOWS
from registry.reports.ledger_state import ledger_as_known
from registry.reports.lines import report_lines
from registry.reports.links import Links
from registry.reports.models import DailyReport
from registry.reports.needs import READERS, reader_role
from registry.reports.parts import moment_words
from registry.reports.queries import PAGE, copies_of, counts, reports_page
from registry.reports.rendering import subject_of
from registry.reports.rows import rows_on
from registry.reports.rules import day_of, past_day
from registry.reports.titles import list_title, since_title

SINCE = {"broken": "promise", "danger": "promise", "untaken": "untaken", "unchecked": "mended"}


@bp.get("/reports")
@permitted("see_reports")
def index() -> str | Response:
    """The days on which a report was made; ``day`` opens the report on any day."""
    wanted = day_of(request.args.get("day", ""))
    if wanted is not None:
        return redirect(url_for("reports.daily", day=wanted), 303)
    rows = reports_page(day_of(request.args.get("before", "")))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return render_template(
        "reports/index.html", rows=rows, subject_of=subject_of,
        next_url=url_for("reports.index", before=rows[-1].day) if more else None,
        asked=request.args.get("day", ""), yesterday=_today() - timedelta(days=1),
        counts=counts(utc_now()) if can("see_mail") else None)


@bp.get("/reports/daily/<day>")
@permitted("see_reports")
def daily(day: str) -> str:
    """The report as it was made, for one of its readers; counted now where none was made."""
    on = past_day(day, _today())
    report = db.session.get(DailyReport, on)
    data = report.data if report else report_data(on, ledger_as_known(), now=utc_now())
    role = _reader(request.args.get("for", ""))
    return render_template(
        "reports/daily.html", day=on, report=report, data=data, role=role, roles=READERS,
        role_names={each: role_name(each) for each in READERS},
        lines=report_lines(data, role.value if role else "", Links()), subject=subject_of(data),
        copies=copies_of(on) if report else ())


@bp.get("/reports/daily/<day>/<what>")
@permitted("see_reports")
def list_(day: str, what: str) -> str:
    """The tickets that one number of the day counts, as they stood when the day ended."""
    on = past_day(day, _today())
    try:
        tickets = listed(on, what)
    except KeyError:
        raise NotFound() from None
    numbers = list(tickets)
    begin = _place(numbers, request.args.get("after", ""))
    shown = numbers[begin:begin + PAGE]
    more = begin + PAGE < len(numbers)
    report = db.session.get(DailyReport, on)
    moment, since = company_calendar().bounds(on)[1], SINCE.get(what, "state")
    return render_template(
        "reports/list.html", day=on, total=len(numbers), moment_words=moment_words,
        title=list_title(what, _holder_name(what)), since_title=since_title(since),
        said=_said_count(report.data, what) if report else None,
        rows=rows_on({number: tickets[number] for number in shown}, moment, since=since),
        next_url=url_for("reports.list_", day=on, what=what, after=shown[-1]) if more else None)


def _said_count(data: dict[str, Any], what: str) -> int | None:
    """What the report said; None where it did not name this number."""
    if what in FLOWS:
        return int(data["flows"][what][0])
    if what == "open":
        return int(data["hands"]["open"])
    if what == OTHERS:
        return int(data["hands"]["others"])
    if what in STANDINGS:
        return int(data[what]["count"])
    return next((row["count"] for row in data["hands"]["rows"]
                 if f"{HANDS}{row['person']}" == what), None)


def _holder_name(what: str) -> str:
    holder = holder_in(what)
    if holder is None:
        return ""
    person = db.session.get(Person, holder)
    if person is None:
        raise NotFound()
    return person.name


def _place(numbers: list[int], after: str) -> int:
    """Where the page begins: behind the ticket ``after``, or at the beginning."""
    places = (place for place, number in enumerate(numbers, start=1) if str(number) == after)
    return next(places, 0)


def _reader(asked: str) -> Role | None:
    """For whom the page is shown: the role asked for, else the reader's own, else the first."""
    if asked in {role.value for role in READERS}:
        return Role(asked)
    return reader_role(me()) or READERS[0]


def _today() -> date:
    return company_calendar().local(utc_now()).date()
