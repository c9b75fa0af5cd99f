"""The registry: every ticket ever, which are open, and in whose hands each one is now.

The list, its saved views and its export; all take the same arguments (filters.py), so what is on
the screen can be sent as a link, kept under a name and taken away as a table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _

from registry.core.calendar import company_calendar
from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.languages import say_reason
from registry.core.tables import csv_pieces, write_xlsx
from registry.core.times import local, utc_now
from registry.core.web import flash_done
from registry.people.access import me, permitted
from registry.tickets.blueprint import bp
from registry.tickets.exports import MOST_ROWS, export_rows
from registry.tickets.filters import AGES, Filters, printable
from registry.tickets.places import Place
from registry.tickets.registry_choices import filter_choices
from registry.tickets.registry_queries import (
    MOST_COUNTED,
    count_beside,
    head_counts,
    most_counted,
    registry_page,
    ticket_has_number,
)
from registry.tickets.saved_views import forget_view, save_view, views_of
from registry.tickets.state_names import state_names
from registry.tickets.timelines import timelines_of
from registry.tickets.typed_names import (
    Typed,
    client_suggestions,
    client_typed,
    site_suggestions,
    site_typed,
)

NUMBER = re.compile(r"\s*(?:№|no\.?|n|#)?\s*(\d{1,15})\s*", re.IGNORECASE)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = str | Response | tuple[str, int]


@bp.get("/tickets")
@permitted("see_registry")
def registry() -> Answer:
    """The list. A ticket's number in the search opens the ticket; a typed name becomes a filter."""
    number = NUMBER.fullmatch(request.args.get("q", ""))
    if number and ticket_has_number(int(number[1])):
        return _go(url_for("tickets.show", number=int(number[1])))
    typed = _typed_names(request.args)
    if typed and all(each.id is not None for each in typed.values()):
        return _go(url_for("tickets.registry", **_named(request.args, typed)))
    return _list(request.args, typed)


@bp.get("/tickets/export.<any(csv, xlsx):kind>")
@permitted("see_registry")
def export(kind: str) -> Response:
    """The list as a table: read in pieces while it is sent."""
    filters = Filters.from_args(request.args)
    now = utc_now()
    rows = export_rows(filters, state_names(), me=me(), now=now, most=MOST_ROWS[kind])
    zone = company_calendar().zone
    if kind == "csv":
        answer = Response(stream_with_context(csv_pieces(rows, zone=zone)),
                          mimetype="text/csv", content_type="text/csv; charset=utf-8")
    else:
        answer = Response(write_xlsx(rows, zone=zone, title=_("Registry")), mimetype=XLSX)
    name = f"registry-{local(now):%Y-%m-%d-%H%M}.{kind}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@bp.post("/tickets/views")
@permitted("see_registry")
def save() -> Answer:
    """Keep the filters on the screen under a name of one's own."""
    args = dict(parse_qsl(request.form.get("query", "")))
    filters = Filters.from_args(args)
    try:
        with atomic():
            view = save_view(request.form.get("name", ""), filters, by=me(), now=utc_now())
            name = view.name
    except Refused as error:
        return _list(args, {}, unsaved=request.form.get("name", ""), reasons=error.reasons)
    flash_done(_("Saved as “%(name)s”. Nobody else sees it.", name=name))
    shown: dict[str, Any] = filters.to_args()
    return _go(url_for("tickets.registry", **shown), 303)


@bp.post("/tickets/views/<int:view_id>/forget")
@permitted("see_registry")
def forget(view_id: int) -> Response:
    """Forget one of one's own views."""
    with atomic():
        forget_view(view_id, by=me())
    flash_done(_("The view is forgotten; the tickets are where they were."))
    return _go(url_for("tickets.registry"), 303)


@bp.get("/tickets/names")
@permitted("see_registry")
def suggest_names() -> str:
    """What the browser suggests while somebody types the name of a client or a site."""
    client = printable(request.args.get("client_name", ""))
    site = printable(request.args.get("site_name", ""))
    found = site_suggestions(site) if site else client_suggestions(client)
    return render_template("tickets/suggestions.html", found=found)


def _list(args: Mapping[str, str], typed: Mapping[str, Typed], *, unsaved: str | None = None,
          reasons: tuple[Reason, ...] = ()) -> Answer:
    """The page of the list; 422 with every sentence where something was not understood."""
    now, names = utc_now(), state_names()
    found = [*reasons, *(each.reason for each in typed.values() if each.reason)]
    try:
        filters, place = Filters.from_args(args), Place.from_args(args)
    except Refused as error:
        filters, place = Filters(), None
        found += error.reasons
    not_understood = bool(found) and unsaved is None
    page = None if not_understood else registry_page(filters, place, names, me=me(), now=now)
    counts = head_counts(names, now=now)
    heads = {row.number: row.head for row in page.rows} if page else {}
    html = render_template(
        "tickets/registry.html", filters=filters, everything=Filters(), page=page, names=names,
        typed=typed,
        counts=counts, most=MOST_COUNTED, ages=AGES, unsaved=unsaved,
        most_in_list=most_counted(filters),
        matching=count_beside(page, counts, filters, names, me=me(), now=now) if page else None,
        next_url=_address(filters, page.following if page else None),
        previous_url=_address(filters, page.previous if page else None),
        choices=filter_choices(filters, names), views=views_of(me()), place=place,
        reasons={each.field or "": say_reason(each) for each in found},
        timelines=timelines_of(heads, company_calendar(), now=now), given=args)
    return (html, 422) if found else html


def _address(filters: Filters, place: Place | None) -> str | None:
    """The address of a neighbouring page; None where there is none."""
    if place is None:
        return None
    there: dict[str, Any] = filters.to_args() | place.to_args()
    return url_for("tickets.registry", **there)


def _typed_names(args: Mapping[str, str]) -> dict[str, Typed]:
    """What was typed as the name of a client or a site, each with what it means."""
    found = {}
    client = printable(args.get("client_name", ""))
    site = printable(args.get("site_name", ""))
    if client:
        found["client"] = client_typed(client)
    if site:
        found["site"] = site_typed(site, found["client"].id if client else None)
    return found


def _named(args: Mapping[str, str], typed: Mapping[str, Typed]) -> dict[str, Any]:
    """The arguments with ids in the place of typed names."""
    kept = {name: value for name, value in args.items()
            if value and name not in ("client_name", "site_name")}
    return kept | {name: str(each.id) for name, each in typed.items()}


def _go(target: str, status: int = 302) -> Response:
    return redirect(target, status)  # type: ignore[return-value]
