"""The part of ``verify`` that looks at the tree: its leaves are the entries, and every checkpoint
signs the tree that its entries give.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.engine import Row

from registry.ledger.check import Check, is_hash
from registry.ledger.checkpoints import faults_of, previous_size
from registry.ledger.findings import CHECKPOINT as CHECKPOINTS
from registry.ledger.note import Checkpoint, Note
from registry.ledger.stored import CHECKPOINT, ENTRY, LEAF, PENDING
from registry.ledger.tree import HASH_SIZE, Frontier

NO_HASH = bytes(HASH_SIZE)


def check_tree(check: Check, asked: int | None = None) -> tuple[int, bytes | None]:
    """Grow the tree again from its leaves and compare it with each checkpoint.

    Gives how many leaves there are, and the root that the first ``asked`` of them have.
    """
    signed = list(_signed(check))
    grown = TreeWalk(check, signed, asked)
    for done, row in enumerate(check.stored.stream(_leaves()), start=1):
        grown.step(row)
        if done % 1000 == 0:
            check.progress(1000)
    grown.end()
    check.progress(grown.frontier.size % 1000)
    for row in check.stored.stream(_stray_pending()):
        check.findings.add("pending_idle", row.chain, row.seq)
    return grown.frontier.size, grown.asked_root


def _leaves() -> Any:
    """The leaves in their order, each with the hash of its entry."""
    return select(LEAF.c.index, LEAF.c.chain, LEAF.c.seq, ENTRY.c.hash).outerjoin(
        ENTRY, and_(ENTRY.c.chain == LEAF.c.chain, ENTRY.c.seq == LEAF.c.seq)
    ).order_by(LEAF.c.index)


def _stray_pending() -> Any:
    return select(PENDING.c.chain, PENDING.c.seq).outerjoin(
        ENTRY, and_(ENTRY.c.chain == PENDING.c.chain, ENTRY.c.seq == PENDING.c.seq)
    ).where(ENTRY.c.hash.is_(None))


def _signed(check: Check) -> Iterator[tuple[int, bytes, str]]:
    """Size, root and frontier of each checkpoint that is sound by itself, in their order."""
    columns = [check.stored.moment(each) if each is CHECKPOINT.c.at else each
               for each in CHECKPOINT.c]
    before = 0
    for row in check.stored.stream(select(*columns).order_by(CHECKPOINT.c.size)):
        check.checkpoints += 1
        faults = faults_of(row, check.stored.stamped(row.at), check.keys)
        for code, params in faults:
            check.findings.add(code, CHECKPOINTS, row.size, **params)
        if not faults:
            previous = previous_size(Checkpoint.parse(Note.parse(row.note).text))
            if previous != before:
                check.findings.add("checkpoint_missing", CHECKPOINTS, row.size, size=previous)
            yield row.size, bytes.fromhex(row.root), row.frontier
        before = row.size


class TreeWalk:
    """The tree growing leaf by leaf; at each signed size it is compared."""

    def __init__(
        self, check: Check, signed: list[tuple[int, bytes, str]], asked: int | None
    ) -> None:
        self.check, self.signed, self.asked = check, signed, asked
        self.covered = signed[-1][0] if signed else 0
        self.frontier = Frontier()
        self.next, self.place, self.sound_to = 0, 0, 0
        self.asked_root = self.frontier.root() if asked == 0 else None

    def step(self, row: Row[*tuple[Any, ...]]) -> None:
        """Take the next leaf."""
        index: Any = row.index
        if not isinstance(index, int) or not 0 <= index < self.covered:
            self.check.findings.add("leaf_outside", row.chain, row.seq, index=index)
        elif index != self.place:
            self.check.findings.add("leaf_missing", index=self.place)
            self.place = index
        if row.hash is None:
            self.check.findings.add("leaf_idle", row.chain, row.seq)
        self.frontier.append(bytes.fromhex(row.hash) if is_hash(row.hash) else NO_HASH)
        self.place += 1
        if self.frontier.size == self.asked:
            self.asked_root = self.frontier.root()
        if self.next < len(self.signed) and self.signed[self.next][0] == self.frontier.size:
            self._compare(*self.signed[self.next])
            self.next += 1

    def _compare(self, size: int, root: bytes, frontier: str) -> None:
        if self.frontier.root() != root:
            self.check.findings.add("tree", first=self.sound_to, last=size - 1)
            # Go on from the tree that was signed, so that later damage is told apart.
            self.frontier = Frontier.parse(size, frontier)
        self.sound_to = size

    def end(self) -> None:
        """A signed tree that is larger than all the leaves has lost some of them."""
        if self.next < len(self.signed):
            self.check.findings.add("tree", first=self.sound_to, last=self.covered - 1)


def check_places(check: Check) -> None:
    """For one chain: its entries lie under the checkpoints that took them in.

    Grows, for each such checkpoint, the tree from the checkpoint before; both are signed.
    """
    places = sorted(set(check.places))
    while places:
        size = check.stored.connection.scalar(
            select(CHECKPOINT.c.size).where(CHECKPOINT.c.size > places[0])
            .order_by(CHECKPOINT.c.size).limit(1))
        if size is None:
            for place in places:
                check.findings.add("leaf_outside", check.only, index=place)
            return
        _check_step(check, size)
        places = [place for place in places if place >= size]


def _check_step(check: Check, size: int) -> None:
    at = check.stored.moment(CHECKPOINT.c.at)
    columns = [at if each is CHECKPOINT.c.at else each for each in CHECKPOINT.c]
    query = select(*columns).where(CHECKPOINT.c.size <= size)
    rows = check.stored.connection.execute(
        query.order_by(CHECKPOINT.c.size.desc()).limit(2)).all()
    for row in rows:
        faults = faults_of(row, check.stored.stamped(row.at), check.keys)
        for code, params in faults:
            check.findings.add(code, CHECKPOINTS, row.size, **params)
        if faults:
            return
    check.checkpoints += 1
    first = rows[1].size if len(rows) > 1 else 0
    frontier = Frontier.parse(first, rows[1].frontier) if len(rows) > 1 else Frontier()
    for leaf in check.stored.stream(
            _leaves().where(LEAF.c.index >= first, LEAF.c.index < size)):
        frontier.append(bytes.fromhex(leaf.hash) if is_hash(leaf.hash) else NO_HASH)
    if frontier.size != size or frontier.root().hex() != rows[0].root:
        check.findings.add("tree", first=first, last=size - 1)
