"""A chain as a page shows it: entries with their words, signed statements and place in the tree.

Three queries for any chain. Whether it verifies is said by ``chain_verdict``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.engine import Row

from registry.core.db import db
from registry.ledger.entries import moment, seals_in, unseal
from registry.ledger.entry_check import read_body
from registry.ledger.findings import Verdict
from registry.ledger.note import Verifier
from registry.ledger.stored import ENTRY, LEAF, SIGNATURE
from registry.ledger.verify import verify_chain


@dataclass(frozen=True)
class EntryRow:
    """One entry, read from its body. ``words`` maps its seals to the words, None where they were
    erased; ``statements`` maps the hashes of the signatures it names to what was signed; ``place``
    is its place in the tree, None while it waits for the next checkpoint; ``raw`` is the text as it
    was hashed. Of a damaged entry that cannot be read only ``seq``, ``prev_hash``, ``hash``,
    ``place`` and ``raw`` are known, bytes that are no text written out."""

    seq: int
    at: datetime | None
    kind: str
    by: str
    content: Mapping[str, Any]
    words: Mapping[str, str | None]
    statements: Mapping[str, Mapping[str, Any]]
    prev_hash: str
    hash: str
    place: int | None
    raw: str


def chain_of(chain: str, *, after: int = 0, size: int | None = None) -> tuple[EntryRow, ...]:
    """The chain's entries in their order, those that follow the entry ``after``, ``size`` at most;
    empty where there is none."""
    query = select(ENTRY.c.seq, ENTRY.c.body, ENTRY.c.prev_hash, ENTRY.c.hash,
                   LEAF.c.index.label("place"))
    rows = db.session.execute(query.outerjoin(
        LEAF, and_(LEAF.c.chain == ENTRY.c.chain, LEAF.c.seq == ENTRY.c.seq)
    ).where(ENTRY.c.chain == chain, ENTRY.c.seq > after).order_by(ENTRY.c.seq).limit(size)).all()
    read = [(row, read_body(row.body)) for row in rows]
    words = unseal(seals_in([said for _, said in read]))
    named = _named(said for _, said in read) if size is not None else None
    statements = _statements(chain, named) if rows else {}
    return tuple(_entry_row(row, said, words, statements) for row, said in read)


def _entry_row(
    row: Row[*tuple[Any, ...]], said: dict[str, Any] | None, words: Mapping[str, str | None],
    statements: Mapping[str, Mapping[str, Any]],
) -> EntryRow:
    content = said["content"] if said else {}
    named = [claim.get("statement") for claim in content.get("signatures", ())]
    return EntryRow(
        row.seq, moment(said["at"]) if said else None, said["kind"] if said else "",
        said["by"] if said else "", content,
        {seal: words[seal] for seal in seals_in(content) if seal in words},
        {key: statements[key] for key in named if key in statements},
        row.prev_hash, row.hash, row.place, bytes(row.body).decode("utf-8", "backslashreplace"))


def _named(bodies: Iterable[dict[str, Any] | None]) -> set[str]:
    """The hashes of the statements that the entries name, as far as they can be read."""
    claims = [claim for said in bodies if said for claim in said["content"].get("signatures", ())]
    return {claim["statement"] for claim in claims if isinstance(claim.get("statement"), str)}


def _statements(chain: str, named: set[str] | None) -> dict[str, Mapping[str, Any]]:
    """What was signed on the chain, by the hash of the statement, of those ``named`` where they
    are; none that was changed."""
    query = select(SIGNATURE.c.statement_hash, SIGNATURE.c.statement).where(
        SIGNATURE.c.chain == chain)
    if named is not None:
        query = query.where(SIGNATURE.c.statement_hash.in_(named))
    return {key: json.loads(body) for key, body in db.session.execute(query)
            if hashlib.sha256(body).hexdigest() == key}


def chain_verdict(chain: str, *, verifier: Verifier | None) -> Verdict:
    """Whether the chain verifies, with its signatures, words, head and place in the tree.

    A page reads without a snapshot: somebody may act on the ticket between two reads. Damage stays,
    so only what is found a second time is told.
    """
    verdict = verify_chain(chain, verifier=verifier)
    return verdict if verdict.is_sound else verify_chain(chain, verifier=verifier)
