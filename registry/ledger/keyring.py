"""The keys that signed this ledger's checkpoints, one after the other, and what each may sign.

Each replacement is an entry of the chain ``key:registry`` (decision 0120), so old keys verify for
ever. A key signs the trees that are larger than those of the key before, up to the size at which it
was replaced. After a theft it is believed up to the last checkpoint before the theft, and beyond it
only where a mail confirmed the very tree.

An entry counts only where its place in the tree comes after all that it lets the old key sign: then
none but a later key can have signed for it, and whoever has the database puts no key of theirs in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection

from registry.core.db import db
from registry.ledger.entries import leaf_hash
from registry.ledger.entry_check import read_body
from registry.ledger.models import ZERO, Chained
from registry.ledger.note import Checkpoint, Note, NoteError, Verifier
from registry.ledger.owners import Head
from registry.ledger.stored import ENTRY, LEAF

KIND, NAME = "key", "registry"
CHAIN = f"{KIND}:{NAME}"
REPLACED = "key_replaced"
ROTATED, LOST, STOLEN = "rotated", "lost", "stolen"

Tree = tuple[int, str]


@dataclass(frozen=True)
class Tenure:
    """One key and the trees that it may sign: those larger than ``after``, up to ``until`` (None:
    it signs now). ``confirmed`` are later trees that mails bear witness to, ``held`` those that
    only the registry itself had when the theft was found."""

    verifier: Verifier
    after: int = -1
    until: int | None = None
    confirmed: frozenset[Tree] = frozenset()
    held: frozenset[Tree] = frozenset()

    def may_sign(self, says: Checkpoint, *, outside: bool) -> bool:
        """Whether a checkpoint by this key is believed; ``outside``: somebody brought it."""
        if self.after < says.size and (self.until is None or says.size <= self.until):
            return True
        tree = (says.size, says.root.hex())
        return tree in self.confirmed or (not outside and tree in self.held)


@dataclass(frozen=True)
class Keyring:
    """All keys, the first one first. ``anchor`` is the one that is trusted from outside."""

    tenures: tuple[Tenure, ...]
    anchor: Verifier
    faults: tuple[tuple[int, str], ...] = field(default=())

    @property
    def current(self) -> Verifier:
        """The key that signs now."""
        return self.tenures[-1].verifier

    def fault_of(self, note: Note, says: Checkpoint, *, outside: bool = False) -> str:
        """Why the note is not believed: ``signature`` (by none of the keys) or ``key`` (by one that
        may not sign that tree); empty where it is."""
        for tenure in self.tenures:
            if says.origin == tenure.verifier.name and tenure.verifier.has_signed(note):
                return "" if tenure.may_sign(says, outside=outside) else "key"
        return "signature"


def keyring(anchor: Verifier | None, connection: Connection | None = None) -> Keyring | None:
    """The keys that the ledger names, where ``anchor`` is one of them; otherwise that one alone.

    None without an anchor. Damage is left out here; ``verify`` finds it in the chain.
    """
    if anchor is None:
        return None
    entries = list(_replacements(connection or db.session.connection()))
    tenures, faults = _tenures(entries)
    if not any(each.verifier == anchor for each in tenures):
        return Keyring((Tenure(anchor),), anchor)
    return Keyring(tuple(tenures), anchor,
                   tuple(faults) + tuple(_unproven(entries, tenures, anchor)))


Replacement = tuple[int, Mapping[str, Any], int]


def _replacements(connection: Connection) -> Iterator[Replacement]:
    """The entries that can be read, each with its number and its place in the tree (-1: none)."""
    query = select(ENTRY.c.seq, ENTRY.c.body, ENTRY.c.hash, LEAF.c.index).outerjoin(
        LEAF, and_(LEAF.c.chain == ENTRY.c.chain, LEAF.c.seq == ENTRY.c.seq)).where(
        ENTRY.c.chain == CHAIN).order_by(ENTRY.c.seq)
    for row in connection.execute(query):
        said = read_body(row.body) if isinstance(row.body, bytes) else None
        if said is not None and said["kind"] == REPLACED and leaf_hash(row.body) == row.hash:
            yield row.seq, said["content"], row.index if isinstance(row.index, int) else -1


def _tenures(entries: Iterable[Replacement]) -> tuple[list[Tenure], list[tuple[int, str]]]:
    found: list[Tenure] = []
    faults: list[tuple[int, str]] = []
    after = -1
    new: Verifier | None = None
    for seq, content, place in entries:
        try:
            old, next_key = Verifier.parse(content["old"]), Verifier.parse(content["new"])
            tenure = Tenure(old, after, int(content["until"]), _trees(content["confirmed"]),
                            _trees(content["held"]))
            size = int(content["size"])
        except (NoteError, KeyError, TypeError, ValueError):
            faults.append((seq, "key_unreadable"))
            continue
        signed = max((tenure.until or 0, *(each for each, _ in tenure.confirmed | tenure.held)))
        if not after <= size <= place or signed > size or new not in (None, old):
            faults.append((seq, "key_unreadable"))
            continue
        if content.get("why") == ROTATED and not is_handed_over(content, old):
            faults.append((seq, "key_handover"))
        found.append(tenure)
        after, new = size, next_key
    if new is not None:
        found.append(Tenure(new, after))
    return found, faults


def _trees(listed: Iterable[Mapping[str, Any]]) -> frozenset[Tree]:
    return frozenset((int(each["size"]), str(each["root"])) for each in listed)


def handover_text(new: str, size: int) -> str:
    """What the old key signs when it hands over: the new key, and after which tree."""
    return f"{new.partition('+')[0]}\nkey {new}\nafter {size}\n"


def is_handed_over(content: Mapping[str, Any], old: Verifier) -> bool:
    """Whether the old key itself has signed for the new one."""
    try:
        note = Note.parse(str(content["handover"]))
    except NoteError:
        return False
    return note.text == handover_text(str(content["new"]), int(content["size"])) and (
        len(note.signatures) == 1 and old.has_signed(note))


def _unproven(entries: list[Replacement], tenures: list[Tenure], anchor: Verifier
              ) -> Iterator[tuple[int, str]]:
    """Replacements after the trusted key that no key signed for: nothing leads from it to them."""
    is_after = False
    for seq, content, _ in entries:
        is_after = is_after or content.get("old") == str(anchor)
        if is_after and content.get("why") in (LOST, STOLEN):
            yield seq, "key_unproven"


class KeyChain(Chained):
    """The chain of the registry's keys; no row owns it, its entries are all that there is."""

    def __init__(self, seq: int, head: str) -> None:
        self.head_seq, self.head_hash = seq, head

    @property
    def chain(self) -> str:
        return CHAIN


def key_chain() -> KeyChain:
    """The chain as it stands, to be appended to."""
    last = db.session.execute(select(ENTRY.c.seq, ENTRY.c.hash).where(
        ENTRY.c.chain == CHAIN).order_by(ENTRY.c.seq.desc()).limit(1)).first()
    return KeyChain(last.seq, last.hash) if last else KeyChain(0, ZERO)


def key_heads(only: str | None) -> Iterator[Head]:
    """Where the chain ends. It is covered by a checkpoint from the first moment (rotation.py), so
    that an entry taken away is missed in the tree."""
    last = db.session.scalar(select(func.max(ENTRY.c.seq)).where(ENTRY.c.chain == CHAIN))
    if last is not None and only in (None, NAME):
        yield Head(NAME, last, "")
