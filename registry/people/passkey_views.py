"""Passkeys on the account page, an administrator's revoking, and signing in with one.

The pages say what they need where a browser or the registry's address allows none. Enrolling and
revoking ask for the password, or for another passkey.
"""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.errors import Forbidden, Reason, Refused
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import me, open_to_all, passkey_at_edge
from registry.people.blueprint import bp
from registry.people.confirming import confirmed
from registry.people.forms import ConfirmForm, PasskeyForm
from registry.people.passkey_history import passkey_history
from registry.people.passkey_models import Passkey
from registry.people.passkeys import (
    Enrolling,
    ask_for,
    enrol_passkey,
    passkey_by_id,
    passkeys_of,
    revoke_passkey,
)
from registry.people.permissions import may
from registry.people.queries import person_by_id
from registry.people.rules import device_of
from registry.people.sign_in_views import begin_session, page_again
from registry.people.told import told

Answer = str | Response | tuple[str, int]


@bp.post("/account/passkeys/ask")
def ask_passkey() -> Response:
    """What the browser is to ask of a device: a new passkey, or an answer that confirms."""
    purpose = "enrol" if request.form.get("purpose") == "enrol" else "confirm"

    def asked() -> dict[str, object]:
        with atomic():
            return ask_for(purpose, me(), now=utc_now())

    return told(asked)


@bp.route("/account/passkeys/new", methods=["GET", "POST"])
def new_passkey() -> Answer:
    """Enrol a passkey, under a name."""
    form = PasskeyForm()
    if not form.is_submitted():
        form.name.data = device_of(request.user_agent.string)
        return _new_page(form, [])
    enrolling = Enrolling(form.passkey.data or "", form.name.data or "")
    proved = confirmed(form, now=utc_now())
    try:
        with atomic():
            enrol_passkey(me(), enrolling, proved=proved, now=utc_now())
    except Refused as error:
        return _new_page(form, show_reasons(form, error)), 422
    flash_done(_("The passkey is enrolled. You can sign in and sign with it."))
    return _to(url_for("people.account"))


@bp.route("/passkeys/<int:passkey_id>/revoke", methods=["GET", "POST"], endpoint="revoke_passkey")
def stop_passkey(passkey_id: int) -> Answer:
    """Revoke a passkey: one's own, or anybody's for an administrator."""
    passkey = found(passkey_by_id(passkey_id))
    if passkey.person_id != me().id and not may(me(), "manage_people"):
        raise Forbidden()
    form = ConfirmForm()
    if not form.is_submitted():
        return _revoke_page(passkey, form, [])
    owner_id, proved = passkey.person_id, confirmed(form, now=utc_now())
    try:
        with atomic():
            revoke_passkey(passkey, by=me(), proved=proved, now=utc_now())
    except Refused as error:
        return _revoke_page(passkey, form, show_reasons(form, error)), 422
    flash_done(_("The passkey is revoked. What it signed before stays valid."))
    return _to(_home_of(owner_id))


@bp.get("/people/<int:person_id>/passkeys", endpoint="passkey_history")
def history(person_id: int) -> str:
    """All passkeys that somebody ever had: one's own, or anybody's for an administrator."""
    person = found(person_by_id(person_id))
    if person.id != me().id and not may(me(), "manage_people"):
        raise Forbidden()
    return render_template("people/passkey_history.html", person=person, home=_home_of(person.id),
                           history=passkey_history(person))


@bp.post("/sign-in/passkey/ask")
@open_to_all
def ask_who_comes() -> Response:
    """What the browser is to ask of a device, to tell who is at the screen."""
    def asked() -> dict[str, object]:
        with atomic():
            return ask_for("sign_in", None, now=utc_now())

    return told(asked)


@bp.post("/sign-in/passkey", endpoint="sign_in_passkey")
@open_to_all
def take_in_by_passkey() -> Answer:
    """Begin a session of whoever the passkey belongs to; no name is asked."""
    target = request.form.get("next", "")
    proved = passkey_at_edge(request.form.get("passkey", ""), purpose="sign_in", person=None,
                             now=utc_now())
    try:
        return begin_session(proved, target)
    except Refused as error:
        return page_again(target, error), 422


def _new_page(form: PasskeyForm, reasons: list[Reason]) -> str:
    return render_template("people/passkey_new.html", form=form, reasons=reasons,
                           has_one=bool(passkeys_of(me())))


def _revoke_page(passkey: Passkey, form: ConfirmForm, reasons: list[Reason]) -> str:
    return render_template("people/passkey_revoke.html", passkey=passkey, form=form,
                           reasons=reasons)


def _home_of(person_id: int) -> str:
    return (url_for("people.account") if person_id == me().id
            else url_for("people.show", person_id=person_id))


def _to(target: str) -> Response:
    return redirect(target, 303)  # type: ignore[return-value]
