"""Signing in and out, and choosing the own password instead of the one-time one.

An unknown name and a wrong password give the same answer after the same time. In the demo the
page offers each account of the domain's table by one tap.
"""

from __future__ import annotations

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from registry.core.db import atomic
from registry.core.errors import NotFound, Reason, Refused
from registry.core.security import local_path
from registry.core.times import utc_now
from registry.core.web import flash_done, show_reasons
from registry.people.access import address, me, open_to_all, prove_at_edge
from registry.people.blueprint import bp
from registry.people.credentials import change_password
from registry.people.demo import DEMO_PASSWORD, demo_accounts, demo_person
from registry.people.forms import PasswordForm, SignInForm
from registry.people.gate import forget_session, keep_session
from registry.people.proof import Proof
from registry.people.queries import person_by_login
from registry.people.rules import device_of, login_key
from registry.people.session_access import session_id
from registry.people.sessions import open_session, sign_in, sign_out

Answer = str | Response | tuple[str, int]


@bp.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@open_to_all
def take_in() -> Answer:
    """Ask who comes, prove it, begin a session; somebody who is signed in goes on."""
    form = SignInForm()
    if not form.is_submitted():
        if current_user.is_authenticated:
            return _onward(request.args.get("next"))
        form.next.data = request.args.get("next", "")
        return _page(form, [])
    login = login_key(form.login.data or "")
    person = person_by_login(login)
    proved = prove_at_edge(person, form.password.data or "", login=login, purpose="sign_in",
                           now=utc_now())
    try:
        return begin_session(proved, form.next.data)
    except Refused as error:
        return _page(form, show_reasons(form, error)), 422


def begin_session(proved: Proof | Reason, target: str | None) -> Response:
    """Sign in whoever proved who they are, and go on. Raises Refused."""
    with atomic():
        begun = sign_in(proved, address=address(), device=_device(), now=utc_now())
        new_id, language = begun.id, begun.person.language
    keep_session(new_id, language)
    return _onward(target)


def page_again(target: str, error: Refused) -> str:
    """The page of signing in, with what a passkey was refused for."""
    form = SignInForm(formdata=None)
    form.next.data = target
    return _page(form, show_reasons(form, error))


@bp.post("/sign-in/demo", endpoint="sign_in_demo")
@open_to_all
def take_in_demo() -> Answer:
    """In the demo: sign in as one of its accounts by one tap."""
    person = demo_person(request.form.get("login", ""))
    if not current_app.config["SETTINGS"].demo or person is None:
        raise NotFound()
    language = person.language
    with atomic():
        new_id = open_session(person, address=address(), device=_device(), now=utc_now()).id
    keep_session(new_id, language)
    return _onward(request.form.get("next"))


@bp.post("/sign-out", endpoint="sign_out")
def leave() -> Answer:
    """End the session at this screen."""
    with atomic():
        sign_out(session_id(), now=utc_now())
    forget_session()
    return redirect(url_for("people.sign_in"), 303)  # type: ignore[return-value]


@bp.route("/account/password", methods=["GET", "POST"], endpoint="change_password")
def choose_password() -> Answer:
    """Choose the own password; with a one-time password there is no other page than this."""
    form = PasswordForm()
    if not form.is_submitted():
        form.next.data = request.args.get("next", "")
        return _password_page(form, [])
    proved = prove_at_edge(me(), form.old.data or "", login=me().login, purpose="sign_in",
                           now=utc_now())
    try:
        with atomic():
            change_password(me(), form.new.data or "", again=form.again.data or "",
                            proved=proved, now=utc_now(), keep=session_id())
    except Refused as error:
        return _password_page(form, show_reasons(form, error)), 422
    flash_done(_("Your password is changed. You are signed out everywhere else."))
    return _onward(form.next.data)


def _device() -> str:
    return device_of(request.user_agent.string)


def _onward(target: str | None) -> Response:
    path = local_path(target, url_for("tickets.desk"))
    return redirect(path, 303)  # type: ignore[return-value]


def _page(form: SignInForm, reasons: list[Reason]) -> str:
    demo = demo_accounts() if current_app.config["SETTINGS"].demo else ()
    return render_template("people/sign_in.html", form=form, reasons=reasons, demo=demo,
                           demo_password=DEMO_PASSWORD)


def _password_page(form: PasswordForm, reasons: list[Reason]) -> str:
    return render_template("people/password.html", form=form, reasons=reasons)
