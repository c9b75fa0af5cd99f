"""Pages of imports: which histories of other systems were brought in, and what was left out."""

from __future__ import annotations

from flask import render_template, request, url_for

from registry.admin.blueprint import bp
from registry.core.languages import say
from registry.core.security import key_number
from registry.core.web import found
from registry.core.words import N_
from registry.imports import queries
from registry.imports.queries import PAGE
from registry.people.access import permitted

# What the formats are called that come with the product; one of the operator's own has its name.
SYSTEMS = {"incident_log": N_("Event log of a service desk (CSV)"), "xes": N_("Event log (XES)")}


def system_name(source: str) -> str:
    """What kind of log an import was brought in from."""
    return say(SYSTEMS[source]) if source in SYSTEMS else source


@bp.get("/settings/imports")
@permitted("see_event_imports")
def imports() -> str:
    """The imports, the newest first."""
    rows = queries.runs_page(request.args.get("before", type=key_number))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return render_template(
        "admin/imports.html", rows=rows, system_name=system_name,
        broken_off=sum(row.is_broken_off for row in rows),
        next_url=url_for("admin.imports", before=rows[-1].id) if more else None)


@bp.get("/settings/imports/<int:run_id>")
@permitted("see_event_imports")
def import_faults(run_id: int) -> str:
    """What one import left out, row by row."""
    run = found(queries.run_row(run_id))
    rows = queries.faults_page(run_id, request.args.get("after", 0, type=key_number))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return render_template(
        "admin/import_faults.html", run=run, rows=rows, kept=queries.faults_kept(run_id),
        next_url=url_for("admin.import_faults", run_id=run_id, after=rows[-1].id)
        if more else None)
