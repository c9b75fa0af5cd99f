"""A chain as a page shows it: entries with their words, signed statements and place in the tree.

Three queries for any chain. Whether it verifies is said by ``chain_verdict``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from registry.core.db import db
from registry.ledger.entries import content_of, seals_in, unseal
from registry.ledger.findings import Verdict
from registry.ledger.models import LedgerEntry, LedgerLeaf
from registry.ledger.note import Verifier
from registry.ledger.stored import SIGNATURE
from registry.ledger.verify import verify_chain


@dataclass(frozen=True)
class EntryRow:
    """One entry, read out. ``words`` maps its seals to the words, None where they were erased;
    ``statements`` maps the hashes of the signatures it names to what was signed; ``place`` is its
    place in the tree, None while it waits for the next checkpoint."""

    seq: int
    at: datetime
    kind: str
    by: str
    content: Mapping[str, Any]
    words: Mapping[str, str | None]
    statements: Mapping[str, Mapping[str, Any]]
    prev_hash: str
    hash: str
    place: int | None


def chain_of(chain: str) -> tuple[EntryRow, ...]:
    """The chain's entries in their order; empty where there is none."""
    rows = db.session.execute(
        select(LedgerEntry, LedgerLeaf.index).outerjoin(LedgerLeaf, and_(
            LedgerLeaf.chain == LedgerEntry.chain, LedgerLeaf.seq == LedgerEntry.seq))
        .where(LedgerEntry.chain == chain).order_by(LedgerEntry.seq)).all()
    contents = [content_of(entry) for entry, _ in rows]
    words = unseal(seals_in(contents)) if contents else {}
    statements = _statements(chain) if contents else {}
    return tuple(
        EntryRow(
            entry.seq, entry.at, entry.kind, entry.actor, content,
            {seal: words[seal] for seal in seals_in(content) if seal in words},
            {key: statements[key] for key in _named(content) if key in statements},
            entry.prev_hash, entry.hash, place)
        for (entry, place), content in zip(rows, contents, strict=True))


def chain_verdict(chain: str, *, verifier: Verifier | None) -> Verdict:
    """Whether the chain verifies, with its signatures, words, head and place in the tree."""
    return verify_chain(chain, verifier=verifier)


def _statements(chain: str) -> dict[str, dict[str, Any]]:
    query = select(SIGNATURE.c.statement_hash, SIGNATURE.c.statement).where(
        SIGNATURE.c.chain == chain)
    return {key: json.loads(body) for key, body in db.session.execute(query)}


def _named(content: Mapping[str, Any]) -> list[str]:
    return [claim["statement"] for claim in content.get("signatures", ())]
