"""Departments, and the attempts to sign in that an administrator looks through."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.security import key_number
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import me, permitted
from registry.people.blueprint import bp
from registry.people.departments import (
    close_department,
    create_department,
    rename_department,
    reopen_department,
)
from registry.people.forms import DepartmentForm
from registry.people.models import Department
from registry.people.queries import PAGE, attempts, department_by_id
from registry.people.queries import departments as all_departments

Answer = str | Response | tuple[str, int]


@bp.route("/departments", methods=["GET", "POST"])
@permitted("see_people")
def departments() -> Answer:
    """The departments and how many work in each; an administrator opens new ones."""
    form = DepartmentForm()
    if not form.is_submitted():
        return _departments_page(form, [])
    try:
        with atomic():
            create_department(form.name.data or "", by=me())
    except Refused as error:
        return _departments_page(form, show_reasons(form, error)), 422
    flash_done(_("The department is open."))
    return _to_departments()


@bp.route("/departments/<int:department_id>", methods=["GET", "POST"])
@permitted("manage_people")
def department(department_id: int) -> Answer:
    """Give a department another name."""
    standing = found(department_by_id(department_id))
    form = DepartmentForm()
    if not form.is_submitted():
        form.name.data = standing.name
        return _department_page(standing, form, [])
    try:
        with atomic():
            rename_department(standing, form.name.data or "", by=me())
    except Refused as error:
        return _department_page(standing, form, show_reasons(form, error)), 422
    flash_done(_("Kept."))
    return _to_departments()


@bp.post("/departments/<int:department_id>/close", endpoint="close_department")
@permitted("manage_people")
def shut(department_id: int) -> Answer:
    """Close a department in which nobody works any more."""
    standing = found(department_by_id(department_id))
    try:
        with atomic():
            close_department(standing, by=me())
    except Refused as error:
        form = DepartmentForm()
        form.name.data = standing.name
        return _department_page(standing, form, show_reasons(None, error)), 422
    flash_done(_("The department is closed."))
    return _to_departments()


@bp.post("/departments/<int:department_id>/reopen", endpoint="reopen_department")
@permitted("manage_people")
def open_again(department_id: int) -> Answer:
    """Let a closed department take people again."""
    with atomic():
        reopen_department(found(department_by_id(department_id)), by=me())
    flash_done(_("The department is open."))
    return _to_departments()


@bp.get("/people/attempts", endpoint="attempts")
@permitted("manage_people")
def attempts_page() -> str:
    """Who tried to prove who they are, from where, and whether it was right."""
    failed_only = request.args.get("failed") == "1"
    login = request.args.get("login", "")[:80]
    rows = attempts(failed_only=failed_only, login=login,
                    before=request.args.get("before", type=key_number))
    shown = rows[:PAGE]
    further = (url_for("people.attempts", before=shown[-1].id, login=login or None,
                       failed="1" if failed_only else None) if len(rows) > PAGE else None)
    return render_template("people/attempts.html", rows=shown, failed_only=failed_only,
                           login=login, further=further, paged="before" in request.args)


def _to_departments() -> Response:
    return redirect(url_for("people.departments"), 303)  # type: ignore[return-value]


def _departments_page(form: DepartmentForm, reasons: list[Reason]) -> str:
    return render_template("people/departments.html", form=form, reasons=reasons,
                           rows=all_departments())


def _department_page(standing: Department, form: DepartmentForm, reasons: list[Reason]) -> str:
    return render_template("people/department.html", form=form, reasons=reasons,
                           department=standing)
