"""Naming another originator for the tickets that would come back to somebody who leaves."""

from __future__ import annotations

from flask import Response, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields import SelectChoice

from registry.core.db import atomic, db
from registry.core.errors import Reason, Refused
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import me, permitted
from registry.people.models import Person
from registry.people.queries import others_at_work
from registry.tickets.blueprint import bp
from registry.tickets.succession import count_to_return, name_successor


class SuccessorForm(FlaskForm):
    """Who is to get the tickets back instead."""

    successor = SelectField(_l("The new originator"), validate_choice=False)

    def offer(self, people: list[Person]) -> None:
        """Fill in who may be chosen."""
        self.successor.choices = [SelectChoice("", _l("choose")),
                                  *(SelectChoice(str(each.id), each.name) for each in people)]


@bp.route("/people/<int:person_id>/successor", methods=["GET", "POST"])
@permitted("name_successor")
def successor(person_id: int) -> str | Response | tuple[str, int]:
    """Choose who becomes the originator of what is with others."""
    person = found(db.session.get(Person, person_id))
    form = SuccessorForm()
    others = others_at_work(person)
    form.offer(others)
    reasons: list[Reason] = []
    if form.is_submitted():
        chosen = next((each for each in others if str(each.id) == form.successor.data), None)
        try:
            with atomic():
                count = name_successor(person, chosen, by=me(), now=utc_now())
            flash_done(ngettext("%(num)d ticket has a new originator.",
                                "%(num)d tickets have a new originator.", count))
            return redirect(url_for("people.show", person_id=person_id), 303)  # type: ignore[return-value]
        except Refused as error:
            reasons = show_reasons(form, error)
    page = render_template("tickets/successor.html", person=person, form=form, reasons=reasons,
                           count=count_to_return(person))
    return (page, 422) if form.is_submitted() else page
