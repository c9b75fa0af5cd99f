"""The verb of evidence: one ticket's history leaves the house, with all that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from registry.core.db import db
from registry.core.errors import Conflict, Reason, Refused
from registry.core.words import N_
from registry.evidence.gathering import evidence_members
from registry.evidence.taking import enter_taking
from registry.evidence.verify import files_of, pack, sha256
from registry.ledger.checkpoints import latest_checkpoint, make_checkpoint
from registry.ledger.entries import content_of, entries_of
from registry.ledger.models import LedgerCheckpoint, LedgerPending
from registry.ledger.note import Signer, Verifier
from registry.ledger.queries import chain_verdict
from registry.people.models import Person
from registry.people.permissions import require_of
from registry.tickets.models import Attachment, Ticket

# All of a ticket's files together; verify.py reads no evidence file above 64 megabytes.
MOST_ATTACHED = 40 * 1024 * 1024


@dataclass(frozen=True)
class Paper:
    """The document about the ticket: the file, its chain, and up to which entry it tells."""

    pdf: bytes
    chain: str
    upto: int


@dataclass(frozen=True)
class Taken:
    """An evidence file; the same history under the same checkpoint gives the same bytes."""

    name: str
    file: bytes
    digest: str


def take_evidence(
    ticket: Ticket, *, by: Person | None, now: datetime, signer: Signer,
    paper: Paper | None = None, attachments: Mapping[str, bytes] | None = None,
) -> Taken:
    """Make the evidence file of the ticket and enter that it was taken.

    ``attachments`` are the ticket's files by their digests, where they are to go with it. ``by`` is
    None at the command line. Makes a checkpoint where entries of the ticket wait for
    one. Raises Forbidden, Conflict where somebody acted since ``paper`` was set, and Refused where
    the history does not verify: damage is looked into, not handed out under a seal.
    """
    require_of(by, "take_evidence")
    if paper is not None and paper.upto != ticket.head_seq:
        raise Conflict()
    last = _covering([ticket.chain, *([paper.chain] if paper else [])], now, signer)
    judge_history(ticket, signer.verifier)
    file = pack(evidence_members(ticket.chain, last, signer.verifier,
                                 paper=paper.pdf if paper else None,
                                 paper_chain=paper.chain if paper else "",
                                 attachments=attachments))
    taken = Taken(f"evidence-{ticket.number}.zip", file, sha256(file))
    enter_taking(ticket.number, by=by, now=now, digest=taken.digest, upto=ticket.head_seq)
    return taken


def files_to_take(ticket: Ticket) -> list[str]:
    """The digests of the ticket's files that the law has not taken. Raises Refused where they are
    more than an evidence file holds."""
    attached, erased = files_of({"kind": each.kind, "content": content_of(each)}
                                for each in entries_of(ticket.chain))
    kept = sorted(attached - erased)
    sizes = db.session.execute(select(Attachment.digest, Attachment.size).where(
        Attachment.ticket_id == ticket.id, Attachment.digest.in_(kept)).distinct())
    if sum(row.size for row in sizes) > MOST_ATTACHED:
        raise Refused(Reason("attachments_large", N_(
            "The files of No. %(number)s are more than %(count)d megabytes: take the evidence "
            "without them, and the files by themselves. Their SHA-256 is in the evidence."),
            {"number": ticket.number, "count": MOST_ATTACHED >> 20}))
    return kept


def judge_history(ticket: Ticket, verifier: Verifier) -> None:
    """Raise Refused where the ticket's history does not verify."""
    if not chain_verdict(ticket.chain, verifier=verifier).is_sound:
        raise Refused(Reason("history_unsound", N_(
            "The history of No. %(number)s does NOT verify, so no evidence is made of it. Look at "
            "“Does this history verify?” and tell the administrator."),
            {"number": ticket.number}))


def _covering(chains: list[str], now: datetime, signer: Signer) -> LedgerCheckpoint:
    """The last checkpoint; one is made where entries of the chains wait for it."""
    waits = select(exists().where(LedgerPending.chain.in_(chains)))
    last = latest_checkpoint()
    if last is None or db.session.scalar(waits):
        last = make_checkpoint(now=now, signer=signer) or last
    assert last is not None
    return last
