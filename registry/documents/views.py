"""Making documents, and the pages that say whether a paper in somebody's hands is genuine.

Making one is a POST: it leaves an entry in the ledger. What the paper says is read without the
write lock, and it is set while no transaction stands.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import file_digest

from flask import Response, redirect, render_template, request, url_for

from registry.clients.queries import client_by_id
from registry.core.calendar import company_calendar
from registry.core.db import atomic, only_reading
from registry.core.errors import NotFound, Reason
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.core.web import as_download, found
from registry.core.words import N_
from registry.documents.blueprint import bp
from registry.documents.extract import extract_of
from registry.documents.models import Document, Kind
from registry.documents.press import Sheetful, grouped, press
from registry.documents.queries import (
    document_by_digest,
    documents_by_hash,
    erased_since,
    typed_hash,
)
from registry.documents.questionnaire import blank_questionnaire, filled_questionnaire
from registry.documents.service import enter_document, set_document
from registry.documents.sheet_paper import sheet_paper_of
from registry.documents.titles import about_title, kind_title
from registry.documents.week import FIRST_DAY, monday_of, week_of
from registry.ledger.keys import verifier_of
from registry.ledger.queries import chain_verdict
from registry.people.access import me, permitted
from registry.tickets.sheet_forms import number_typed
from registry.tickets.sheet_queries import sheet_by_id
from registry.tickets.ticket_queries import ticket_by_number
from registry.tickets.visits import tickets_of, visit_of

Gathered = tuple[Sheetful, int]


@bp.post("/tickets/<int:number>/extract.pdf")
@permitted("see_registry")
def extract(number: int) -> Response:
    """The extract of one ticket."""
    def gather() -> Gathered:
        ticket = found(ticket_by_number(number))
        return extract_of(ticket), ticket.head_seq

    return _made(Kind.EXTRACT, f"ticket:{number}", gather, f"ticket-{number}")


@bp.post("/sheets/<int:sheet_id>/sheet.pdf")
@permitted("see_registry")
def sheet(sheet_id: int) -> Response:
    """A handover sheet on paper."""
    return _made(Kind.SHEET, f"sheet:{sheet_id}",
                 lambda: (sheet_paper_of(found(sheet_by_id(sheet_id))), 0), f"sheet-{sheet_id}")


@bp.post("/tickets/week.pdf")
@permitted("see_registry")
def week() -> Response | tuple[str, int]:
    """The registry's page of the week that the day in the form belongs to."""
    day = _day_or_none(request.form.get("day", ""))
    if day is None or not FIRST_DAY <= day <= _today():
        return _page(reasons=(Reason("no_such_week", N_(
            "Give a day of a week that has begun."), field="day"),)), 422
    monday = monday_of(day)
    return _made(Kind.WEEK, f"week:{monday}", lambda: (week_of(monday), 0), f"registry-{monday}")


@bp.post("/tickets/<int:number>/questionnaire.pdf")
@permitted("see_registry")
def questionnaire(number: int) -> Response:
    """What is known of the visit at which the ticket was logged."""
    with only_reading():
        visit = visit_of(found(ticket_by_number(number)))
        first = min(each.number for each in tickets_of(visit))
    return _made(Kind.QUESTIONNAIRE, f"visit_of:{first}",
                 lambda: (filled_questionnaire(tickets_of(visit)), 0), f"questionnaire-{first}")


@bp.get("/questionnaire.pdf")
@permitted("see_clients")
def blank() -> Response:
    """An empty questionnaire, for the client in the address or for any. It is a form and no
    document: nothing is entered in the ledger."""
    wanted = request.args.get("client", "")
    with only_reading():
        client = found(client_by_id(number_typed(wanted))) if wanted else None
        sheetful = blank_questionnaire(client, _today())
    return _sent(press(sheetful), f"questionnaire-{sheetful.language}")


@bp.get("/documents")
@permitted("see_registry")
def index() -> str | Response | tuple[str, int]:
    """Where a hash is typed or a file is given, and a week of the registry is taken on paper."""
    typed = request.args.get("hash", "")
    if not typed.strip():
        return _page()
    begin = typed_hash(typed)
    if begin is None:
        return _page(typed=typed, reasons=(Reason("no_hash", N_(
            "Type at least eight of the digits and letters a to f that stand at the foot of the "
            "paper."), field="hash"),)), 422
    return _go(url_for("documents.show", begin=begin))


@bp.post("/documents")
@permitted("see_registry")
def compare() -> str | Response | tuple[str, int]:
    """Whether a file is, byte for byte, one that the registry made. The file is not kept."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(reasons=(Reason("no_file", N_("Choose at least one file."),
                                     field="file"),)), 422
    digest = file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    if document_by_digest(digest) is None:
        return _page(unknown=digest)
    return _go(url_for("documents.show", begin=digest, compared=1))


@bp.get("/documents/<begin>")
@permitted("see_registry")
def show(begin: str) -> str | tuple[str, int]:
    """Which documents have a hash that begins so, and whether their entries verify."""
    plain = typed_hash(begin)
    if plain is None:
        raise NotFound()
    documents = documents_by_hash(plain)
    html = render_template(
        "documents/show.html", begin=plain, documents=documents, kind_title=kind_title,
        about_title=about_title, address=_address, grouped=grouped, verdicts={
            each.id: chain_verdict(each.chain, verifier=verifier_of(current_settings()))
            for each in documents},
        since={each.id: _since(each) for each in documents}, erased_since=erased_since,
        compared=bool(request.args.get("compared")) and len(plain) == 64)
    return html if documents else (html, 404)


def _made(kind: Kind, about: str, gather: Callable[[], Gathered], name: str) -> Response:
    now = utc_now()
    with only_reading():
        sheetful, upto = gather()
    made = set_document(kind, about, sheetful, upto)
    with atomic():
        enter_document(made, by=me(), now=now)
    return _sent(made.pdf, f"{name}-{sheetful.language}")


def _sent(pdf: bytes, name: str) -> Response:
    return as_download(Response(pdf, mimetype="application/pdf"), f"{name}.pdf")


def _page(*, typed: str = "", unknown: str = "", reasons: tuple[Reason, ...] = ()) -> str:
    return render_template("documents/index.html", typed=typed, unknown=unknown, reasons=reasons,
                           by_field={each.field: each for each in reasons}, today=_today())


def _address(document: Document) -> str | None:
    """The page of what the document is about; a week has none."""
    what, _, name = document.about.partition(":")
    if what in ("ticket", "visit_of"):
        return url_for("tickets.show", number=int(name))
    return url_for("tickets.sheet", sheet_id=int(name)) if what == "sheet" else None


def _since(document: Document) -> int:
    """How many entries the ticket of an extract has got since."""
    if document.kind is not Kind.EXTRACT:
        return 0
    ticket = ticket_by_number(int(document.about.partition(":")[2]))
    return ticket.head_seq - document.upto if ticket else 0


def _today() -> date:
    return company_calendar().local(utc_now()).date()


def _day_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _go(target: str) -> Response:
    return redirect(target, 303)  # type: ignore[return-value]
