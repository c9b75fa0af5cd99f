"""My desk, the daily report, the checkpoint."""

from __future__ import annotations

from flask import Response, jsonify, request

from registry.api import shown
from registry.api.answers import CheckpointOut, DeskOut, ReportOut
from registry.api.blueprint import bp
from registry.api.edge import caller, opens
from registry.api.responses import answers
from registry.api.rules import Scope
from registry.api.shapes import DayPath
from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.core.times import utc_now
from registry.core.web import found
from registry.ledger.checkpoints import latest_checkpoint
from registry.ledger.entries import stamp
from registry.people.permissions import require
from registry.reports.daily import report_data
from registry.reports.ledger_state import ledger_as_known
from registry.reports.models import DailyReport
from registry.reports.rules import past_day
from registry.tickets.desk_queries import desk_of
from registry.tickets.ticket_queries import absent_for


@bp.get("/desk", operation_id="desk", responses=answers(DeskOut))
@opens(Scope.READ)
def desk() -> Response:
    """What waits for me, what is in my hands, what I gave or signed, whom to call back."""
    now, person = utc_now(), caller()
    return jsonify(shown.desk(desk_of(person, absent_for(person, now=now), now=now)))


@bp.get("/reports/daily/<day>", operation_id="daily_report", responses=answers(ReportOut))
@opens(Scope.REPORTS)
def daily_report(path: DayPath) -> Response:
    """The report on a day that is over: as it was made, else counted now."""
    require(caller(), "see_reports")
    day = past_day(path.day, company_calendar().local(utc_now()).date())
    report = db.session.get(DailyReport, day)
    data = report.data if report else report_data(day, ledger_as_known(), now=utc_now())
    return jsonify(day=day.isoformat(), frozen=report is not None, data=data)


@bp.get("/checkpoint", operation_id="checkpoint", responses=answers(
    CheckpointOut, more={"text/plain": {"schema": {"type": "string"}}}))
@opens(Scope.READ)
def checkpoint() -> Response:
    """The last signed note over the ledger: text, or JSON where ``Accept`` prefers it."""
    require(caller(), "see_ledger")
    last = found(latest_checkpoint())
    wanted = request.accept_mimetypes.best_match(["text/plain", "application/json"])
    if wanted == "application/json":
        return jsonify(size=last.size, root=last.root, at=stamp(last.at), note=last.note)
    return Response(last.note, mimetype="text/plain")


