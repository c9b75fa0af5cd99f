"""The one page of notices: what I am told by mail, and when."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.errors import Refused
from registry.core.times import utc_now
from registry.core.web import flash_done, show_reasons
from registry.notices.choices import choose
from registry.notices.forms import ChoicesForm
from registry.notices.queries import choices_of
from registry.people.access import me
from registry.people.models import Person

Answer = str | Response | tuple[str, int]
bp = Blueprint("notices", __name__, template_folder="templates")


@bp.route("/account/mail", methods=["GET", "POST"])
def choices() -> Answer:
    """What I am told of my tickets by mail; nothing must be chosen."""
    form = ChoicesForm()
    form.offer()
    if not form.is_submitted():
        form.show(choices_of([me()])[me().id])
        return render_template("notices/choices.html", form=form, reasons=[], person=me())
    try:
        with atomic():
            choose(me(), form.kinds.data or [], form.rhythm.data or "", by=me(), now=utc_now())
    except Refused as error:
        reasons = show_reasons(form, error)
        return render_template("notices/choices.html", form=form, reasons=reasons,
                               person=me()), 422
    flash_done(_("Kept."))
    return redirect(url_for("notices.choices"), 303)  # type: ignore[return-value]


def account_part(person: Person) -> str:
    """On one's own account: where to choose."""
    if person.id != me().id:
        return ""
    return render_template("notices/_account.html")
