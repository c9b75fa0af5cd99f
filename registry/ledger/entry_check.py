"""The part of ``verify`` that walks the chains: an entry fits its hash, its row and the one before.

Notes down for the other parts which signatures and sealed words the entries name, and where each
chain ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.engine import Row

from registry.ledger.check import Check, is_hash
from registry.ledger.entries import ERASED, FORMAT, SEAL, leaf_hash, seals_in
from registry.ledger.models import ZERO
from registry.ledger.owners import Heads, owners
from registry.ledger.stored import ENTRY, LEAF, PENDING

PARTS = {"v": int, "chain": str, "seq": int, "at": str, "kind": str, "by": str, "content": dict,
         "prev": str}
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def check_entries(check: Check) -> None:
    """Walk every chain in scope from its first entry to its last."""
    walk: ChainWalk | None = None
    for done, row in enumerate(check.stored.stream(_entries(check)), start=1):
        if walk is None or walk.chain != row.chain:
            if walk is not None:
                walk.end()
            walk = ChainWalk(check, row.chain)
        walk.step(row)
        if done % 1000 == 0:
            check.progress(1000)
    if walk is not None:
        walk.end()
    check.progress(check.entries % 1000)
    check.scratch.close_book()


def _entries(check: Check) -> Any:
    """Every entry with its place in the tree, or that it waits for one."""
    at = check.stored.moment(ENTRY.c.at)
    columns = [at if each is ENTRY.c.at else each for each in ENTRY.c]
    query = select(*columns, LEAF.c.index.label("place"), PENDING.c.seq.label("waits")).outerjoin(
        LEAF, and_(LEAF.c.chain == ENTRY.c.chain, LEAF.c.seq == ENTRY.c.seq)).outerjoin(
        PENDING, and_(PENDING.c.chain == ENTRY.c.chain, PENDING.c.seq == ENTRY.c.seq))
    return check.in_scope(query, ENTRY).order_by(ENTRY.c.chain, ENTRY.c.seq)


class ChainWalk:
    """One chain; ``step`` takes its rows in order, ``end`` what is known after the last."""

    def __init__(self, check: Check, chain: str) -> None:
        self.check, self.chain = check, chain
        self.seq, self.hash = 0, ZERO

    def step(self, row: Row[Any]) -> None:
        """Compare the row with the one before, with its body, and with the tree's tables."""
        self.check.entries += 1
        if not isinstance(row.seq, int) or not isinstance(self.chain, str):
            self._find("damaged", row.seq, column="seq" if isinstance(self.chain, str) else "chain")
            return
        self._follow(row)
        self._place(row)
        said = self._body(row)
        if said is not None:
            self._compare(row, said)
            self._note_down(row, said["content"], said["at"])
        self.seq, self.hash = row.seq, row.hash

    def _follow(self, row: Row[Any]) -> None:
        if row.seq <= self.seq:
            self._find("repeated", row.seq)
        elif row.seq > self.seq + 1:
            # One finding for each entry would be endless where a number was changed to a huge one.
            for missing in range(self.seq + 1, min(row.seq, self.seq + 4)):
                self._find("missing", missing)
        elif row.prev_hash != self.hash:
            self._find("prev", row.seq)

    def _place(self, row: Row[Any]) -> None:
        if row.place is None and row.waits is None:
            self._find("placeless", row.seq)
        elif row.place is not None and row.waits is not None:
            self._find("placed_twice", row.seq)
        if self.check.only and isinstance(row.place, int):
            self.check.places.append(row.place)

    def _body(self, row: Row[Any]) -> dict[str, Any] | None:
        if not isinstance(row.body, bytes):
            self._find("damaged", row.seq, column="body")
            return None
        if leaf_hash(row.body) != row.hash:
            self._find("hash", row.seq)
            return None
        said = read_body(row.body)
        if said is None:
            self._find("unreadable", row.seq)
        return said

    def _compare(self, row: Row[Any], said: Mapping[str, Any]) -> None:
        stored = {
            "chain": (row.chain, said["chain"]), "seq": (row.seq, said["seq"]),
            "at": (self.check.stored.stamped(row.at), said["at"]),
            "kind": (row.kind, said["kind"]), "actor": (row.actor, said["by"]),
            "prev_hash": (row.prev_hash, said["prev"]),
        }
        for column, (kept, hashed) in stored.items():
            if kept != hashed:
                self._find("column", row.seq, column=column)

    def _note_down(self, row: Row[Any], content: Mapping[str, Any], at: str) -> None:
        place, scratch = (self.chain, row.seq), self.check.scratch
        for claim in content.get("signatures", ()):
            if isinstance(claim, dict) and is_hash(claim.get("statement")):
                scratch.name_signature(place, claim["statement"], claim)
            else:
                self._find("unreadable", row.seq)
        if SEAL.encode() in row.body:
            for seal in set(seals_in(content)):
                scratch.name_seal(place, seal)
        if row.kind == ERASED:
            self._note_erased(place, content, at)

    def _note_erased(self, place: tuple[str, int], content: Mapping[str, Any], at: str) -> None:
        for seal in content.get("erased", ()):
            self.check.scratch.name_erasure(place, seal, at)
        for said in content.get("statements", ()):
            if isinstance(said, dict) and is_hash(said.get("statement")):
                self.check.scratch.name_emptying(place, said["statement"], str(said.get("act")),
                                                 str(said.get("nonce")))
            else:
                self._find("unreadable", place[1])

    def end(self) -> None:
        """The last row of the chain was taken."""
        self.check.chains += 1
        if isinstance(self.chain, str):
            self.check.scratch.add_tail(
                self.chain, self.seq, self.hash if is_hash(self.hash) else "")

    def _find(self, code: str, seq: object, **params: object) -> None:
        self.check.findings.add(code, self.chain, seq, **params)


def read_body(body: bytes) -> dict[str, Any] | None:
    """The entry as its body says it; None where it is not of the form that ``record`` writes."""
    try:
        said = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.keys() != PARTS.keys() or said["v"] != FORMAT:
        return None
    fits = all(isinstance(said[part], kind) for part, kind in PARTS.items())
    if not fits or _STAMP.fullmatch(said["at"]) is None:
        return None
    return said if isinstance(said["content"].get("signatures", []), list) else None


def check_heads(check: Check, ours: Mapping[str, Heads]) -> None:
    """Every chain ends where its owner says, and every chain has an owner; ``ours`` are those of
    the ledger itself."""
    kind, _, name = check.only.partition(":")
    for each, heads in {**owners(), **ours}.items():
        if not check.only:
            _compare_heads(check, each, heads(None))
        elif each == kind:
            _compare_heads(check, each, heads(name))
    for chain in check.scratch.unowned():
        check.findings.add("ownerless", chain)


def _compare_heads(check: Check, kind: str, heads: Iterable[Any]) -> None:
    for head in heads:
        chain = f"{kind}:{head.name}"
        seq, last_hash = check.scratch.tail(chain) or (0, ZERO)
        check.scratch.meet_owner(chain)
        if head.seq > seq:
            check.findings.add("short", chain, seq + 1, first=seq + 1, last=head.seq)
        elif head.seq < seq:
            check.findings.add("long", chain, head.seq + 1, last=head.seq)
        elif head.hash and head.hash != last_hash:
            check.findings.add("head", chain, seq)
