"""What ``verify`` asks of documents: is each row what its one entry says?"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import String, cast, select

from registry.core.db import db
from registry.core.words import N_
from registry.documents.models import Document
from registry.documents.service import ENTERED, entered
from registry.ledger.entries import content_of
from registry.ledger.findings import Finding
from registry.ledger.models import LedgerEntry
from registry.ledger.owners import chain_number

DIFFERS = N_("the row of this document is not what its entry says")


def check_documents(only: str | None) -> Iterator[Finding]:
    """Findings about the document of that name, or about all of them."""
    query = (select(Document, LedgerEntry).execution_options(yield_per=500)
             .outerjoin(LedgerEntry, (LedgerEntry.seq == 1) & (
                 LedgerEntry.chain == "document:" + cast(Document.id, String)))
             .order_by(Document.id))
    if only is not None:
        query = query.where(Document.id == chain_number(only))
    for document, entry in db.session.execute(query):
        if entry is None or not _agrees(document, entry):
            yield Finding(document.chain, 1, "document_differs", DIFFERS)


def _agrees(document: Document, entry: LedgerEntry) -> bool:
    by = f"person:{document.made_by_id}" if document.made_by_id else "system"
    return (entry.kind == ENTERED and entry.actor == by and entry.at == document.made_at
            and content_of(entry) == entered(document))
