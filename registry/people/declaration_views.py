"""The declaration as a page of its own: for whoever wants to sign it before anything else, and for
those who act by a program and never see a page of an act."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import flash_done, show_reasons
from registry.ledger.entries import stamp
from registry.people.access import all_signed, is_rehearsal, me, rehearsal, signing_by
from registry.people.blueprint import bp
from registry.people.declaration import declaration_text, has_declared
from registry.people.forms import DeclarationForm
from registry.people.rehearsing import signing_options
from registry.people.signing import Signing, declare, new_nonce
from registry.people.told import told

Answer = str | Response | tuple[str, int]


@bp.route("/account/declaration", methods=["GET", "POST"], endpoint="declaration")
def sign_declaration() -> Answer:
    """Show the declaration: to be signed, or when it was."""
    form = DeclarationForm()
    if request.method == "GET" or has_declared(me()):
        form.nonce.data = new_nonce()
        return _page(form, [])
    now = utc_now()
    signing = signing_by(me(), form.password.data or "", nonce=form.nonce.data or "", now=now,
                         passkey="passkey")
    if is_rehearsal():
        return _shown(signing, now)
    try:
        with atomic():
            declare(signing, now=now)
            all_signed()
    except Refused as error:
        return _page(form, show_reasons(form, error)), 422
    flash_done(_("The declaration is signed. You can sign from now on."))
    return redirect(url_for("people.account"), 303)  # type: ignore[return-value]


def _shown(signing: Signing, now: datetime) -> Response:
    """The statement, for the page that signs with a passkey; nothing is kept."""
    def shown() -> dict[str, Any]:
        with rehearsal() as showing:
            declare(signing, now=now)
            options = signing_options(showing)
        return {"statements": [json.loads(body) for body in showing.bodies],
                "at": stamp(showing.at), "options": options, "changes": []}

    return told(shown)


def _page(form: DeclarationForm, reasons: list[Reason]) -> str:
    return render_template("people/declaration.html", form=form, reasons=reasons, person=me(),
                           text=declaration_text(language()), is_signed=has_declared(me()))
