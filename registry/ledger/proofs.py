"""Proofs out of the stored tree, without reading all of it.

A whole subtree's root stands in the frontier of the first checkpoint that was made after it was
whole and before its neighbour was; where there is no such checkpoint the subtree is small, for a
checkpoint takes few entries (checkpoints.BATCH), or its halves have one. So a proof reads a few
rows and the leaves near by, in a ledger of any size.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, select

from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.check import is_hash
from registry.ledger.stored import CHECKPOINT, ENTRY, LEAF
from registry.ledger.tree import (
    Frontier,
    consistency_ranges,
    inclusion_ranges,
    node_hash,
    root_of,
    split,
)

CHUNK = 256


class StoredTree:
    """The tree as it stands in the tables; keeps what it has read, so use one for many proofs.

    Its methods raise Refused where leaves are missing.
    """

    def __init__(self) -> None:
        self._hashes: dict[tuple[int, int], bytes] = {}
        self._chunks: dict[int, list[bytes]] = {}

    def inclusion(self, size: int, index: int) -> list[bytes]:
        """The proof that leaf ``index`` is in the tree of ``size``."""
        return self._all(inclusion_ranges(size, index))

    def consistency(self, size: int, old_size: int) -> list[bytes]:
        """The proof that the tree of ``size`` extends the one of ``old_size``."""
        return self._all(consistency_ranges(size, old_size))

    def root(self, size: int) -> bytes:
        """The root over the first ``size`` leaves."""
        return self._hash(0, size) if size else root_of(())

    def _all(self, ranges: Iterable[tuple[int, int]]) -> list[bytes]:
        return [self._hash(first, end) for first, end in ranges]

    def _hash(self, first: int, end: int) -> bytes:
        """The root over the leaves from ``first`` up to ``end``, which is not among them."""
        if (first, end) not in self._hashes:
            self._hashes[first, end] = self._kept(first, end) or self._computed(first, end)
        return self._hashes[first, end]

    def _computed(self, first: int, end: int) -> bytes:
        if first // CHUNK == (end - 1) // CHUNK:
            return root_of(self._leaves(first, end))
        middle = first + split(end - first)
        return node_hash(self._hash(first, middle), self._hash(middle, end))

    def _kept(self, first: int, end: int) -> bytes | None:
        """As a checkpoint keeps it: only the left half of a larger subtree can be."""
        size = end - first
        if size <= CHUNK or size.bit_count() != 1 or (first // size) % 2:
            return None
        row = db.session.execute(
            select(CHECKPOINT.c.size, CHECKPOINT.c.frontier)
            .where(CHECKPOINT.c.size >= end, CHECKPOINT.c.size < end + size)
            .order_by(CHECKPOINT.c.size).limit(1)).first()
        if row is None:
            return None
        larger = (row.size // (2 * size)).bit_count()
        return Frontier.parse(row.size, row.frontier).nodes[larger]

    def _leaves(self, first: int, end: int) -> list[bytes]:
        chunk, start = first // CHUNK, first % CHUNK
        if chunk not in self._chunks:
            self._chunks[chunk] = _read(chunk * CHUNK)
        leaves = self._chunks[chunk][start:start + end - first]
        if len(leaves) != end - first:
            raise Refused(Reason("ledger_damaged", N_(
                "The tree of the ledger no longer is the one that was signed last.")))
        return leaves


def _read(first: int) -> list[bytes]:
    """The leaves of a chunk, up to the first that is missing."""
    query = select(LEAF.c.index, ENTRY.c.hash).join(
        ENTRY, and_(ENTRY.c.chain == LEAF.c.chain, ENTRY.c.seq == LEAF.c.seq)).where(
        LEAF.c.index >= first, LEAF.c.index < first + CHUNK).order_by(LEAF.c.index)
    found: list[bytes] = []
    for index, leaf in db.session.execute(query):
        if index != first + len(found) or not is_hash(leaf):
            break
        found.append(bytes.fromhex(leaf))
    return found
