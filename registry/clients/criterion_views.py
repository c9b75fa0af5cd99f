"""The criteria of service: the norms that a visit measures against."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from registry.clients import queries
from registry.clients.answers import Answer, attempted, on_to
from registry.clients.blueprint import bp
from registry.clients.criteria import (
    add_criterion,
    change_criterion,
    restore_criterion,
    retire_criterion,
)
from registry.clients.forms import CriterionForm
from registry.clients.models import Criterion
from registry.core.db import atomic
from registry.core.errors import Reason
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.people.access import me, permitted


@bp.get("/clients/criteria")
@permitted("see_clients")
def criteria() -> str:
    """All criteria with their norms."""
    return render_template("clients/criteria.html", criteria=queries.criteria())


@bp.route("/clients/criteria/new", methods=["GET", "POST"])
@permitted("manage_criteria")
def new_criterion() -> Answer:
    """Enter a criterion."""
    form = CriterionForm()
    form.offer()
    if not form.is_submitted():
        return _form_page(form, [], None)
    outcome = attempted(form, lambda: add_criterion(form.facts(), by=me(), now=utc_now()).id)
    if not outcome.done:
        return _form_page(form, outcome.reasons, None), 422
    flash_done(_("The criterion is entered; new tickets offer it."))
    return on_to("clients.criteria")


@bp.route("/clients/criteria/<int:criterion_id>", methods=["GET", "POST"])
@permitted("manage_criteria")
def edit_criterion(criterion_id: int) -> Answer:
    """Correct a criterion or set another norm."""
    criterion = found(queries.criterion_by_id(criterion_id))
    form = CriterionForm()
    form.offer(criterion)
    if not form.is_submitted():
        return _form_page(form, [], criterion)
    outcome = attempted(
        form, lambda: change_criterion(criterion, form.facts(), by=me(), now=utc_now()))
    if not outcome.done:
        return _form_page(form, outcome.reasons, criterion), 422
    flash_done(_("Kept. Tickets logged before keep the norm that held then."))
    return on_to("clients.criteria")


@bp.post("/clients/criteria/<int:criterion_id>/retire", endpoint="retire_criterion")
@permitted("manage_criteria")
def retire(criterion_id: int) -> Answer:
    """Offer the criterion no more."""
    criterion = found(queries.criterion_by_id(criterion_id))
    with atomic():
        retire_criterion(criterion, by=me(), now=utc_now())
    flash_done(_("New tickets do not offer this criterion any more."))
    return on_to("clients.criteria")


@bp.post("/clients/criteria/<int:criterion_id>/restore", endpoint="restore_criterion")
@permitted("manage_criteria")
def restore(criterion_id: int) -> Answer:
    """Offer the criterion again."""
    criterion = found(queries.criterion_by_id(criterion_id))
    with atomic():
        restore_criterion(criterion, by=me(), now=utc_now())
    flash_done(_("New tickets offer this criterion again."))
    return on_to("clients.criteria")


def _form_page(form: CriterionForm, reasons: list[Reason], criterion: Criterion | None) -> str:
    return render_template("clients/criterion.html", form=form, reasons=reasons,
                           criterion=criterion)
