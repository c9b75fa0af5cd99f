"""Taking evidence out, for pages and commands alike; the paper is set outside a transaction."""

from __future__ import annotations

from datetime import datetime

from registry.core.db import atomic, only_reading
from registry.core.errors import Reason, Refused
from registry.core.settings import current_settings
from registry.core.web import found
from registry.core.words import N_
from registry.documents.extract import extract_of
from registry.documents.models import Kind
from registry.documents.service import enter_document, set_document
from registry.evidence.service import (
    Paper,
    Taken,
    files_to_take,
    judge_history,
    take_evidence,
)
from registry.evidence.verify import sha256
from registry.ledger.keys import signer_of
from registry.people.models import Person
from registry.tickets.attachments import file_of
from registry.tickets.ticket_queries import ticket_by_number


def evidence_at_edge(
    number: int, *, by: Person | None, now: datetime, attachments: bool = False
) -> Taken:
    """The evidence file of the ticket, with its ``attachments`` where they are asked for. Raises
    NotFound and as ``take_evidence``."""
    signer = signer_of(current_settings())
    with only_reading():
        ticket = found(ticket_by_number(number))
        judge_history(ticket, signer.verifier)  # first: a damaged history cannot be told on paper
        sheetful, about, upto = extract_of(ticket), ticket.chain, ticket.head_seq
        digests = files_to_take(ticket) if attachments else None
    files = None if digests is None else {each: _read_file(number, each) for each in digests}
    made = set_document(Kind.EXTRACT, about, sheetful, upto)
    with atomic():
        document = enter_document(made, by=by, now=now)
        return take_evidence(found(ticket_by_number(number)), by=by, now=now, signer=signer,
                             paper=Paper(made.pdf, document.chain, upto), attachments=files)


def _read_file(number: int, digest: str) -> bytes:
    """An attached file. Raises Refused where it is gone or is another: that is damage, and damage
    is looked into, not handed out."""
    path = file_of(current_settings().attachments_dir, digest)
    body = path.read_bytes() if path.is_file() else b""
    if sha256(body) != digest:
        raise Refused(Reason("attachment_unsound", N_(
            "A file of No. %(number)s is gone from the disk or was changed (SHA-256 %(digest)s): "
            "run “countersign verify --attachments”, or take the evidence without files."),
            {"number": number, "digest": digest[:8]}))
    return body
