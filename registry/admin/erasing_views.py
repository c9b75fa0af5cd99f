"""The page on which an administrator erases somebody's data by law, and the list of what was."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.admin.blueprint import bp
from registry.admin.erasing import erase_subject, statement_of
from registry.admin.erasing_edge import take_files_away
from registry.admin.erasing_plan import Plan, plan_erasure
from registry.admin.erasing_queries import PAGE, erasures_page, subject_of
from registry.admin.forms import ErasingForm
from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.security import key_number
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import all_signed, is_rehearsal, me, permitted, signing_by
from registry.people.erasing import reasons_against_erasing
from registry.people.erasures import Subject
from registry.people.models import Person
from registry.people.signing import Signing
from registry.tickets.rehearsal import rehearsed

Answer = str | Response | tuple[str, int]


@bp.get("/settings/erased")
@permitted("erase_personal_data")
def erased() -> str:
    """What was erased by law: by number, when, by whom, why; the newest first."""
    rows = erasures_page(request.args.get("before", type=key_number))
    further = (url_for("admin.erased", before=rows[PAGE - 1].id) if len(rows) > PAGE else None)
    return render_template("admin/erased.html", rows=rows[:PAGE], further=further)


@bp.route("/settings/erase/<what>/<int:number>", methods=["GET", "POST"])
@permitted("erase_personal_data")
def erase(what: str, number: int) -> Answer:
    """Say what erasing means and what stands against it; sign, and it is done."""
    kind = found(next((each for each in Subject if each.value == what), None))
    subject = found(subject_of(kind, number))
    form = ErasingForm()
    if kind is not Subject.CLIENT:
        del form.tickets
    if not form.is_submitted():
        form.show()
        return _page(form, kind, subject, _against(subject))
    now = utc_now()
    signing = signing_by(me(), form.password.data or "", nonce=form.nonce.data or "", now=now,
                         passkey="passkey")
    act = partial(_erase, form, kind, number, signing, now)
    if is_rehearsal():
        return rehearsed(act, ())
    try:
        with atomic():
            plan = act()
            all_signed()
        take_files_away(plan)
    except Refused as error:
        return _page(form, kind, found(subject_of(kind, number)), show_reasons(form, error)), 422
    flash_done(_("Erased. The ledger says so, and nothing else is left of it."))
    return redirect(url_for("admin.erased"), 303)  # type: ignore[return-value]


def _erase(
    form: ErasingForm, kind: Subject, number: int, signing: Signing, now: datetime
) -> Plan:
    plan = plan_erasure(kind, found(subject_of(kind, number)),  # type: ignore[arg-type]
                        further=form.further_words(),
                        tickets=kind is Subject.CLIENT and bool(form.tickets.data))
    erase_subject(plan, reason=form.reason.data or "", by=me(), now=now, signing=signing)
    return plan


def _against(subject: Any) -> list[Reason]:
    return list(reasons_against_erasing(subject, me())) if isinstance(subject, Person) else []


def _page(form: ErasingForm, kind: Subject, subject: Any, reasons: list[Reason]) -> str:
    return render_template("admin/erase.html", form=form, kind=kind, subject=subject,
                           reasons=reasons, statement=statement_of(kind, subject.id))
