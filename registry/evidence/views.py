"""Taking evidence of a ticket, and the page on which anybody may have an evidence file checked.

The page is open to all and keeps nothing; it runs the very verify.py that lies in each file. That
it is our own registry's it says only where we made its checkpoint: a key can be stolen.
"""

from __future__ import annotations

from importlib.resources import files

from flask import Response, render_template, request
from werkzeug.datastructures import FileStorage

from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import as_download
from registry.core.words import N_
from registry.evidence import verify
from registry.evidence.blueprint import bp
from registry.evidence.edge import evidence_at_edge
from registry.ledger.models import LedgerCheckpoint
from registry.people.access import me, open_to_all, permitted

LARGEST = 8 * 1024 * 1024
LONGEST_KEY = 400
PROGRAM = files("registry.evidence").joinpath("verify.py")


@bp.post("/tickets/<int:number>/evidence.zip")
@permitted("take_evidence")
def take(number: int) -> Response:
    """The evidence file of one ticket."""
    taken = evidence_at_edge(number, by=me(), now=utc_now(),
                             attachments="attachments" in request.form)
    return as_download(Response(taken.file, mimetype="application/zip"), taken.name)


@bp.get("/evidence/check")
@open_to_all
def check() -> str:
    """Where a file is dropped."""
    return _page()


@bp.post("/evidence/check")
@open_to_all
def judge() -> tuple[str, int]:
    """What the file proves and what not; nothing of it is kept."""
    file, against = _sent("file"), _sent("against")
    key = request.form.get("key", "").strip()[:LONGEST_KEY]
    try:
        if file is None:
            raise Refused(Reason("no_file", N_("Choose at least one file."), field="file"))
        result = verify.verify(_read(file, "file"), key=key,
                               against=_read(against, "against") if against else None)
    except Refused as error:
        return _page(key=key, reasons=error.reasons), 422
    except verify.Unreadable as error:
        sentence = verify.spoken(error.code, error.params, language())
        field = {"no_checkpoint": "against", "bad_key": "key"}.get(error.code, "file")
        return _page(key=key, unreadable={field: sentence}), 422
    return _page(key=key, result=result, is_ours=_is_ours(result)), 200


def _sent(name: str) -> FileStorage | None:
    file = request.files.get(name)
    return file if file is not None and file.filename else None


def _read(file: FileStorage, field: str) -> bytes:
    """The file, if it is of a size that is looked at here. Raises Refused."""
    body = file.stream.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Refused(Reason("file_large", N_(
            "This page looks at files of up to %(count)d megabytes. Larger ones: verify.py, on "
            "your own machine."), {"count": LARGEST >> 20}, field))
    return body


def _is_ours(result: verify.Result) -> bool:
    """Whether this registry made the checkpoint in the file, to the letter."""
    note = result.note
    made = db.session.get(LedgerCheckpoint, note.size) if note else None
    return made is not None and verify.find_note(made.note.encode()) == note


def _page(*, key: str = "", result: verify.Result | None = None, is_ours: bool = False,
          reasons: tuple[Reason, ...] = (), unreadable: dict[str, str] | None = None) -> str:
    lines = {kind: [each.text(language()) for each in result.lines if each.kind == kind]
             for kind in ("bad", "good", "limit")} if result else {}
    return render_template(
        "evidence/check.html", key=key, result=result, is_ours=is_ours, lines=lines,
        by_field={each.field: each for each in reasons}, unreadable=unreadable or {})


@bp.get("/evidence/verify.py")
@open_to_all
def program() -> Response:
    """The program itself, to be run elsewhere."""
    return as_download(Response(PROGRAM.read_bytes(), mimetype="text/plain"), "verify.py")
