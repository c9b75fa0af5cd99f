"""What keeps the installation running, on one page; the calendar of working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from registry.admin.blueprint import bp
from registry.admin.forms import WORKING, DayForm
from registry.admin.queries import declared_day, declared_days, holiday_names
from registry.admin.rules import YEARS_AHEAD, special_days
from registry.admin.service import declare_day, forget_day
from registry.config import Settings
from registry.core.calendar import company_calendar
from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.languages import language
from registry.core.times import local, utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import can, me, permitted

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Place:
    """Something to manage: which page, what stands there, who may."""

    endpoint: str
    title: str
    about: str
    permission: str


PLACES = (
    Place("people.index", _l("People"),
          _l("who works here, their roles, passwords and absences"), "see_people"),
    Place("people.departments", _l("Departments"),
          _l("between which tickets pass"), "see_people"),
    Place("people.attempts", _l("Attempts to sign in"),
          _l("who tried, from where, and whether the password was right"), "manage_people"),
    Place("admin.signatures", _l("Signatures"),
          _l("how long a password alone signs, and what needs a passkey"),
          "manage_signature_rules"),
    Place("admin.erased", _l("Erased by law"),
          _l("whose personal data is gone, when, by whom and why"), "erase_personal_data"),
    Place("admin.calendar", _l("Calendar"),
          _l("working days, holidays and our own exceptions"), "see_registry"),
    Place("clients.criteria", _l("Criteria"),
          _l("the norms against which service is measured"), "see_clients"),
    Place("tickets.lifecycles", _l("Lifecycles"),
          _l("which states a ticket passes and who signs"), "see_registry"),
    Place("reports.mail", _l("Mail"),
          _l("what waits, what was sent, what the server refused"), "see_mail"),
    Place("reports.jobs", _l("Jobs"),
          _l("what the worker does next and what failed"), "see_mail"),
    Place("webhooks.index", _l("Webhooks"),
          _l("which programs are told of what happens to tickets"), "manage_webhooks"),
    Place("admin.imports", _l("Imported history"),
          _l("logs of other systems that were brought in, and the rows left out"),
          "see_event_imports"),
)


@bp.get("/settings")
def index() -> str:
    """All that can be managed, as far as the person's roles let them."""
    there = [place for place in PLACES
             if can(place.permission) and place.endpoint in current_app.view_functions]
    return render_template("admin/index.html", places=there)


@bp.route("/settings/calendar", methods=["GET", "POST"])
@permitted("see_registry")
def calendar() -> Answer:
    """A year's free and working days that are not as their weekday says; declaring one."""
    form = DayForm()
    if not form.is_submitted():
        return _calendar_page(form, [])
    try:
        with atomic():
            declare_day(form.day.data, is_working=form.kind.data == WORKING,
                        reason=form.reason.data or "", by=me(), calendar=company_calendar(),
                        now=utc_now())
    except Refused as error:
        return _calendar_page(form, show_reasons(form, error)), 422
    flash_done(_("The day is declared."))
    return _to_calendar(form.day.data)


@bp.post("/settings/calendar/<day>/forget")
@permitted("manage_calendar")
def forget(day: str) -> Answer:
    """Take a declared day back."""
    asked = _day_of(day)
    exception = found(declared_day(asked) if asked else None)
    with atomic():
        forget_day(exception, by=me(), calendar=company_calendar(), now=utc_now())
    flash_done(_("The country's calendar counts for this day again."))
    return _to_calendar(asked)


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _to_calendar(day: date | None) -> Response:
    target = url_for("admin.calendar", year=day.year if day else None)
    return redirect(target, 303)  # type: ignore[return-value]


def _calendar_page(form: DayForm, reasons: list[Reason]) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    today = local(utc_now()).date()
    this_year = today.year
    years = range(this_year - 1, this_year + YEARS_AHEAD + 1)
    asked = request.args.get("year", this_year, type=int)
    year = asked if asked in years else this_year
    days = special_days(year, company_calendar(), declared_days(year),
                        holiday_names(settings.calendar, year, language()))
    return render_template("admin/calendar.html", form=form, reasons=reasons, days=days,
                           year=year, years=years, settings=settings, today=today,
                           works=company_calendar().is_working(today))
