"""Whether the files of tickets are those that the ledger names (``verify --attachments``).

The chains carry the digest of every file; that the rows agree with the chains is checked in
replays.py. Here the files themselves are read. One that was erased by law is missed by nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from registry.core.db import db
from registry.core.settings import current_settings
from registry.core.words import N_
from registry.ledger.entries import ERASED, content_of
from registry.ledger.findings import Finding
from registry.ledger.models import LedgerEntry
from registry.tickets.attachments import file_of
from registry.tickets.models import Attachment, Ticket

BATCH = 500
SENTENCES = {
    "file_missing": N_("The attachment %(digest)s is not on the disk."),
    "file_altered": N_("The attachment %(digest)s on the disk is not the file that was attached."),
}


def check_attachments() -> Iterator[Finding]:
    """Every attachment whose file is missing or altered."""
    folder, last = current_settings().attachments_dir, 0
    while rows := db.session.execute(
            select(Attachment.id, Attachment.digest, Ticket.number)
            .join(Ticket, Ticket.id == Attachment.ticket_id).where(Attachment.id > last)
            .order_by(Attachment.id).limit(BATCH)).all():
        for _, digest, number in rows:
            code = _fault(file_of(folder, digest), digest)
            if code and not (code == "file_missing" and digest in erased_files_of(number)):
                yield Finding(f"ticket:{number}", None, code, SENTENCES[code],
                              {"digest": digest[:8]})
        last = rows[-1].id


def _fault(path: Path, digest: str) -> str | None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "file_missing"
    return None if found == digest else "file_altered"


def erased_files_of(number: int) -> set[str]:
    """The digests of the files that entries of the ticket's chain say were erased by law."""
    query = select(LedgerEntry).where(LedgerEntry.chain == f"ticket:{number}",
                                      LedgerEntry.kind == ERASED)
    return {digest for entry in db.session.scalars(query)
            for digest in content_of(entry).get("files", ())}
