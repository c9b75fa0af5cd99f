"""Bringing in a list by the screen: choose the file, read the report, confirm it.

A file is kept between report and confirmation only when it could be entered whole; a refused one
leaves nothing behind. The report is made anew at each step, so it never shows an old registry.
"""

from __future__ import annotations

from pathlib import Path

from flask import Response, current_app, render_template, request
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage

from registry.clients import uploads
from registry.clients.answers import Answer, on_to
from registry.clients.blueprint import bp
from registry.clients.forms import ImportForm
from registry.clients.import_columns import HEADERS, Column
from registry.clients.import_plan import Act, Plan
from registry.clients.imports import BOUNDS, import_clients, plan_import
from registry.core.db import atomic
from registry.core.errors import Conflict, Reason, Refused
from registry.core.tables import write_csv
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.core.words import N_
from registry.people.access import me, permitted

MOST_SHOWN = 200


@bp.route("/clients/import", methods=["GET", "POST"])
@permitted("import_clients")
def import_() -> Answer:
    """Choose a file; a good one leads to its report, a bad one is told all that is bad in it."""
    form = ImportForm()
    if not form.is_submitted():
        return _choice_page(form, [], None)
    try:
        data, name = _sent(form.file.data)
        plan = plan_import(data, name, by=me())
    except Refused as error:
        return _choice_page(form, show_reasons(form, error), None), 422
    if plan.bad:
        return _choice_page(form, [], plan), 422
    if not plan.steps:
        return _choice_page(form, [], plan)
    key = uploads.keep(data, name, _folder(), owner=me().id, now=utc_now())
    return on_to("clients.import_report", key=key)


@bp.get("/clients/import/<key>")
@permitted("import_clients")
def import_report(key: str) -> Answer:
    """What the kept file would do; where it can be entered no more, what is bad in it now."""
    plan = plan_import(_kept(key), key, by=me())
    return _report_page(key, plan, []) if not plan.bad else _refused_later(key, plan)


@bp.post("/clients/import/<key>")
@permitted("import_clients")
def import_confirm(key: str) -> Answer:
    """Do what the report showed, all of it or nothing."""
    data = _kept(key)
    try:
        with atomic():
            plan = import_clients(data, key, by=me(), now=utc_now(),
                                  shown=request.form.get("shown", "-"))
    except Conflict as error:
        return _report_page(key, plan_import(data, key, by=me()), list(error.reasons)), 409
    except Refused:
        return _refused_later(key, plan_import(data, key, by=me()))
    uploads.forget(key, _folder(), owner=me().id)
    added = plan.count(Act.ADD_CLIENT)
    flash_done(ngettext("The list is in: %(num)d new client.",
                        "The list is in: %(num)d new clients.", added))
    return on_to("clients.index")


@bp.post("/clients/import/<key>/leave")
@permitted("import_clients")
def import_leave(key: str) -> Answer:
    """Enter nothing and take the file away."""
    uploads.forget(key, _folder(), owner=me().id)
    return on_to("clients.import_")


@bp.get("/clients/import/template-<in_language>.csv")
@permitted("import_clients")
def import_template(in_language: str) -> Response:
    """An empty table with the headers, in one of the languages."""
    headers = found(HEADERS.get(in_language))
    return Response(write_csv([list(headers.values())]), mimetype="text/csv", headers={
        "Content-Disposition": f'attachment; filename="clients-{in_language}.csv"'})


def _sent(file: FileStorage | None) -> tuple[bytes, str]:
    if file is None or not file.filename:
        raise Refused(Reason("file_missing", N_("Choose the file with the list."), field="file"))
    return file.stream.read(BOUNDS.size + 1), file.filename


def _kept(key: str) -> bytes:
    return uploads.kept(key, _folder(), owner=me().id)


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir / "uploads"
    return folder


def _choice_page(form: ImportForm, reasons: list[Reason], plan: Plan | None) -> str:
    return render_template("clients/import.html", form=form, reasons=reasons, plan=plan,
                           headers=HEADERS, columns=list(Column), most=MOST_SHOWN, bounds=BOUNDS)


def _refused_later(key: str, plan: Plan) -> Answer:
    """The registry has changed since the file was found good."""
    uploads.forget(key, _folder(), owner=me().id)
    return _choice_page(ImportForm(formdata=None), [], plan), 422


def _report_page(key: str, plan: Plan, reasons: list[Reason]) -> str:
    return render_template("clients/import_report.html", key=key, plan=plan, reasons=reasons,
                           acts=Act, most=MOST_SHOWN)
