"""The list of people, the page of one, and what an administrator does there."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.languages import language
from registry.core.security import key_number
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import can, me, permitted
from registry.people.blueprint import bp
from registry.people.credentials import issue_password
from registry.people.forms import PeopleFilter, PersonForm
from registry.people.models import Person, Role
from registry.people.passkeys import passkeys_of
from registry.people.queries import (
    PAGE,
    Wanted,
    absences_of,
    attempts,
    departments,
    headcount,
    people_list,
    person_by_id,
    sessions_of,
    standing_in_for,
)
from registry.people.rules import reasons_against_departure
from registry.people.service import (
    change_person,
    create_person,
    deactivate_person,
    reactivate_person,
)

Answer = str | Response | tuple[str, int]


@bp.get("/people")
@permitted("see_people")
def index() -> str:
    """Who works here, by name."""
    form = PeopleFilter(request.args)
    form.offer(departments())
    rows = people_list(_wanted(form), now=utc_now())
    shown = rows[:PAGE]
    further = None
    if len(rows) > PAGE:
        asked = {key: value for key, value in request.args.items()
                 if key not in ("after_name", "after")}
        further = url_for("people.index", **asked, after_name=shown[-1].name,  # type: ignore[arg-type]
                          after=shown[-1].id)
    here, away = headcount(now=utc_now())
    return render_template("people/index.html", rows=shown, form=form, further=further,
                           paged="after" in request.args, here=here, away=away)


def _wanted(form: PeopleFilter) -> Wanted:
    after = request.args.get("after", type=key_number)
    department = form.department.data or ""
    offered = {choice.value for choice in form.department.choices}
    return Wanted(
        role=next((role for role in Role if role.value == form.role.data), None),
        department_id=int(department) if department and department in offered else None,
        active=not form.left.data, words=(form.words.data or "")[:200],
        after=(request.args.get("after_name", ""), after) if after is not None else None)


@bp.get("/people/<int:person_id>")
@permitted("see_people")
def show(person_id: int) -> str:
    """One person: where they work, what they may do, who signs for them while they are away."""
    person = found(person_by_id(person_id))
    now = utc_now()
    absences = absences_of(person, now=now)
    return render_template(
        "people/show.html", person=person, absences=absences,
        away=next((each for each in absences if each.starts_at <= now), None),
        principals=standing_in_for(person, now=now),
        sessions=sessions_of(person, now=now) if can("manage_people") else [],
        passkeys=passkeys_of(person, revoked=True) if can("manage_people") else [],
        attempts=attempts(login=person.login, limit=5)[:5] if can("manage_people") else [])


@bp.route("/people/new", methods=["GET", "POST"])
@permitted("manage_people")
def new() -> Answer:
    """Take a person on; the answer shows their one-time password, once."""
    form = PersonForm()
    form.offer(departments(only_open=True))
    if not form.is_submitted():
        form.language.data = language()
        return _form_page(form, [], None)
    try:
        with atomic():
            person = create_person(form.details(), by=me(), now=utc_now())
            secret = issue_password(person, by=me(), now=utc_now())
    except Refused as error:
        return _form_page(form, show_reasons(form, error), None), 422
    return _secret_page(person, secret)


@bp.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@permitted("manage_people")
def edit(person_id: int) -> Answer:
    """Change what is written down about a person, the roles included."""
    person = found(person_by_id(person_id))
    form = PersonForm()
    form.offer([each for each in departments()
                if each.is_active or each.id == person.department_id])
    if not form.is_submitted():
        form.show(person)
        return _form_page(form, [], person)
    try:
        with atomic():
            change_person(person, form.details(), by=me(), now=utc_now())
    except Refused as error:
        return _form_page(form, show_reasons(form, error), person), 422
    flash_done(_("Kept."))
    return _to_person(person_id)


@bp.post("/people/<int:person_id>/password")
@permitted("manage_people")
def password(person_id: int) -> Answer:
    """Issue a one-time password; the answer shows it, once."""
    person = found(person_by_id(person_id))
    with atomic():
        secret = issue_password(person, by=me(), now=utc_now())
    return _secret_page(person, secret)


@bp.route("/people/<int:person_id>/leave", methods=["GET", "POST"], endpoint="depart")
@permitted("manage_people")
def depart(person_id: int) -> Answer:
    """Say what stands against the person's leaving; where nothing does, let them leave."""
    person = found(person_by_id(person_id))
    if request.method == "GET":
        return _departure_page(person, reasons_against_departure(person))
    name = person.name
    try:
        with atomic():
            deactivate_person(person, by=me(), now=utc_now())
    except Refused as error:
        return _departure_page(person, show_reasons(None, error)), 422
    flash_done(_("%(name)s has left. The history stays.", name=name))
    return _to_person(person_id)


@bp.post("/people/<int:person_id>/return", endpoint="come_back")
@permitted("manage_people")
def come_back(person_id: int) -> Answer:
    """Take a person back; the answer shows their one-time password, once."""
    person = found(person_by_id(person_id))
    with atomic():
        reactivate_person(person, by=me(), now=utc_now())
        secret = issue_password(person, by=me(), now=utc_now())
    return _secret_page(person, secret)


def _to_person(person_id: int) -> Response:
    return redirect(url_for("people.show", person_id=person_id), 303)  # type: ignore[return-value]


def _secret_page(person: Person, secret: str) -> str:
    """Shown in the answer itself and not after a redirect: the secret would have to be kept
    somewhere in between, in the cookie or in a row, and it is kept nowhere."""
    return render_template("people/secret.html", person=person, secret=secret)


def _form_page(form: PersonForm, reasons: list[Reason], person: Person | None) -> str:
    return render_template("people/form.html", form=form, reasons=reasons, person=person)


def _departure_page(person: Person, reasons: list[Reason]) -> str:
    return render_template("people/leave.html", person=person, reasons=reasons)
