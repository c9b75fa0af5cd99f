"""Making documents: setting them, and entering their hashes in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import IntegrityError

from registry.core.db import db
from registry.core.settings import address_of
from registry.documents.models import Document, Kind
from registry.documents.press import SHOWN, Sheetful, press
from registry.documents.queries import document_by_digest
from registry.ledger.entries import record
from registry.people.models import Person

ENTERED = "document_made"


@dataclass(frozen=True)
class Made:
    """A document's file with what the ledger is to know of it."""

    kind: Kind
    about: str
    upto: int
    sheetful: Sheetful
    pdf: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return sha256(self.pdf).hexdigest()


def set_document(kind: Kind, about: str, sheetful: Sheetful, upto: int = 0) -> Made:
    """Set the document. Takes its time and needs no database: call it outside a transaction."""
    return Made(kind, about, upto, sheetful,
                press(sheetful, address_of(f"/documents/{sheetful.mark[:SHOWN]}")))


def enter_document(made: Made, *, by: Person | None, now: datetime) -> Document:
    """Enter the hash in the ledger, in a chain of the document's own; the same content made again
    is entered no second time. ``by`` is None for the operator at the command line."""
    standing = document_by_digest(made.digest)
    if standing is not None:
        return standing
    try:
        with db.session.begin_nested():
            return _enter(made, by, now)
    except IntegrityError:  # somebody made the same one at this moment: its entry stands for both
        standing = document_by_digest(made.digest)
        if standing is None:
            raise
        return standing


def _enter(made: Made, by: Person | None, now: datetime) -> Document:
    document = Document(
        digest=made.digest, mark=made.sheetful.mark, kind=made.kind, about=made.about,
        upto=made.upto, language=made.sheetful.language, made_by_id=by.id if by else None,
        made_at=now, head_seq=0, head_hash="0" * 64)
    db.session.add(document)
    db.session.flush()
    record(document, ENTERED, by=by.ref if by else "system", at=now, content=entered(document))
    db.session.flush()
    return document


def entered(document: Document) -> dict[str, str | int]:
    """What the document's one entry says."""
    return {"digest": document.digest, "mark": document.mark, "kind": document.kind.value,
            "about": document.about, "upto": document.upto, "language": document.language}
