"""My account: telephone and language, the devices on which I am signed in, my absences."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.errors import Forbidden, Reason, Refused
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.absences import end_absence, record_absence
from registry.people.access import me
from registry.people.blueprint import bp
from registry.people.forms import AbsenceForm, OwnForm
from registry.people.gate import forget_session
from registry.people.models import Person
from registry.people.passkeys import passkeys_of
from registry.people.permissions import may
from registry.people.queries import (
    absence_by_id,
    absences_of,
    others_at_work,
    person_by_id,
    session_by_id,
    sessions_of,
    standing_in_for,
)
from registry.people.service import change_own
from registry.people.session_access import session_id
from registry.people.sessions import end_session

Answer = str | Response | tuple[str, int]


@bp.route("/account", methods=["GET", "POST"])
def account() -> Answer:
    """What I may change of myself, and what I see of my sessions and absences."""
    form = OwnForm()
    if not form.is_submitted():
        form.phone.data, form.language.data = me().phone, me().language
        return _account_page(form, [])
    language = form.language.data or ""
    try:
        with atomic():
            change_own(me(), phone=form.phone.data or "", language=language, now=utc_now())
    except Refused as error:
        return _account_page(form, show_reasons(form, error)), 422
    session["language"] = language
    flash_done(_("Kept."))
    return _to(url_for("people.account"))


@bp.post("/sessions/end")
def stop_session() -> Answer:
    """End a session on some device; ending the own one is signing out."""
    key = request.form.get("session", "")
    standing = found(session_by_id(key))
    owner = standing.person_id
    with atomic():
        end_session(standing, by=me(), now=utc_now())
    if key == session_id():
        forget_session()
        return _to(url_for("people.sign_in"))
    flash_done(_("The session is ended."))
    return _to(_home_of(owner))


@bp.route("/people/<int:person_id>/absence", methods=["GET", "POST"])
def absence(person_id: int) -> Answer:
    """Write down when a person is away and who signs meanwhile."""
    person = found(person_by_id(person_id))
    if person.id != me().id and not may(me(), "manage_absences"):
        raise Forbidden()
    form = AbsenceForm()
    others = others_at_work(person)
    form.offer(others)
    if not form.is_submitted():
        return _absence_page(person, form, [])
    name, home = person.name, _home_of(person.id)
    try:
        with atomic():
            record_absence(form.away(person, others), by=me(), now=utc_now())
    except Refused as error:
        return _absence_page(person, form, show_reasons(form, error)), 422
    flash_done(_("The absence of %(name)s is written down.", name=name))
    return _to(home)


@bp.post("/absences/<int:absence_id>/end")
def stop_absence(absence_id: int) -> Answer:
    """The person is back sooner, or does not go at all."""
    standing = found(absence_by_id(absence_id))
    home = _home_of(standing.person_id)
    with atomic():
        end_absence(standing, by=me(), now=utc_now())
    flash_done(_("The absence is ended."))
    return _to(home)


def _home_of(person_id: int) -> str:
    if person_id == me().id:
        return url_for("people.account")
    return url_for("people.show", person_id=person_id)


def _to(target: str) -> Response:
    return redirect(target, 303)  # type: ignore[return-value]


def _account_page(form: OwnForm, reasons: list[Reason]) -> str:
    now = utc_now()
    return render_template(
        "people/account.html", form=form, reasons=reasons, person=me(),
        sessions=sessions_of(me(), now=now), here=session_id(),
        passkeys=passkeys_of(me(), revoked=True),
        absences=absences_of(me(), now=now), principals=standing_in_for(me(), now=now))


def _absence_page(person: Person, form: AbsenceForm, reasons: list[Reason]) -> str:
    return render_template("people/absence.html", form=form, reasons=reasons, person=person,
                           home=_home_of(person.id))
