"""Making checkpoints: the entries that wait get their places in the tree, and the tree is signed.

Never signs a tree that does not extend the last one signed. One at a time in all processes; a
checkpoint takes at most BATCH entries, so that memory is bounded and the proof that an entry lies
under its checkpoint stays short (queries.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text
from sqlalchemy.engine import Row

from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.entries import leaf_hash, stamp
from registry.ledger.keyring import Keyring, keyring
from registry.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerPending
from registry.ledger.note import Checkpoint, Note, NoteError, Signer, Verifier
from registry.ledger.tree import Frontier

BATCH = 4096

# Any number, the same in every process: PostgreSQL's lock for making checkpoints.
LOCK = 7_102_001


def latest_checkpoint() -> LedgerCheckpoint | None:
    """The last checkpoint, None where there is none yet."""
    query = select(LedgerCheckpoint).order_by(LedgerCheckpoint.size.desc()).limit(1)
    return db.session.scalars(query).first()


def make_checkpoint(
    *, now: datetime, signer: Signer, after: Verifier | None = None
) -> LedgerCheckpoint | None:
    """Give every waiting entry its place and sign the tree; None where nothing waited.

    ``after`` is the key that signed last, where the signer's is to follow it (rotation.py).
    Many entries make several checkpoints; the last is returned. Raises Refused where the last
    checkpoint or a waiting entry is not as it was written: signing would hide that; and where the
    key was replaced by another.
    """
    db.session.flush()
    take_turn()
    last = latest_checkpoint()
    frontier = _grown_so_far(last, _keys_up_to(after or signer.verifier))
    made = None
    while batch := _waiting():
        _place(batch, frontier)
        made = _sign(frontier, last.size if last else 0, now=now, signer=signer)
        last = made
    return made


def take_turn() -> None:
    """Wait for whoever makes a checkpoint now. SQLite's write lock was taken by BEGIN IMMEDIATE."""
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _keys_up_to(last: Verifier) -> Keyring:
    """The keys so far. Raises Refused where ``last`` was replaced by another."""
    keys = keyring(last)
    assert keys is not None
    if keys.current != last:
        raise Refused(Reason("key_replaced", N_(
            "The registry's key was replaced, but its file still holds the old one. Run "
            "“countersign key rotate” to end what was begun.")))
    return keys


def _grown_so_far(last: LedgerCheckpoint | None, keys: Keyring) -> Frontier:
    """The tree as it was signed last. Raises Refused where the tables say something else."""
    if last is None:
        if not _has_leaves(0):
            raise _damaged(N_("The tree of the ledger has entries, but no checkpoint covers them."))
        return Frontier()
    if faults_of(last, stamp(last.at), keys):
        raise _damaged(N_("The last checkpoint of the ledger is not as this registry's key signed "
                          "it."))
    if not _has_leaves(last.size):
        raise _damaged(N_("The tree of the ledger no longer is the one that was signed last."))
    return Frontier.parse(last.size, last.frontier)


def _has_leaves(size: int) -> bool:
    """Whether the tree ends at ``size`` and its newest BATCH leaves are all there: to count all
    would read every one of them at each checkpoint. What is lost further back ``verify`` finds."""
    first = max(0, size - BATCH)
    held = db.session.scalar(
        select(func.count()).select_from(LedgerLeaf).where(LedgerLeaf.index >= first))
    return held == size - first


def entries_held(last: LedgerCheckpoint | None) -> int:
    """How many entries the ledger has: those under the last checkpoint and those that wait."""
    waiting = db.session.scalar(select(func.count()).select_from(LedgerPending)) or 0
    return waiting + (last.size if last else 0)


def _waiting() -> Sequence[Row[*tuple[Any, ...]]]:
    """The next entries without a place, with their bodies."""
    query = select(LedgerEntry.chain, LedgerEntry.seq, LedgerEntry.body, LedgerEntry.hash).join(
        LedgerPending, (LedgerPending.chain == LedgerEntry.chain)
        & (LedgerPending.seq == LedgerEntry.seq))
    return db.session.execute(
        query.order_by(LedgerPending.chain, LedgerPending.seq).limit(BATCH)).all()


def _place(batch: Sequence[Row[Any]], frontier: Frontier) -> None:
    leaves = []
    for row in batch:
        if leaf_hash(row.body) != row.hash:
            raise _damaged(N_("Entry %(seq)s of %(chain)s was changed before it was signed."),
                           chain=row.chain, seq=row.seq)
        leaves.append({"index": frontier.size, "chain": row.chain, "seq": row.seq})
        frontier.append(bytes.fromhex(row.hash))
    placed = [{"of": row.chain, "number": row.seq} for row in batch]
    connection = db.session.connection()
    connection.execute(insert(LedgerLeaf.__table__), leaves)  # type: ignore[arg-type]
    connection.execute(delete(LedgerPending.__table__).where(  # type: ignore[arg-type]
        LedgerPending.chain == bindparam("of"), LedgerPending.seq == bindparam("number")), placed)


def _sign(frontier: Frontier, previous: int, *, now: datetime, signer: Signer) -> LedgerCheckpoint:
    root = frontier.root()
    says = Checkpoint(signer.name, frontier.size, root, _more_lines(stamp(now), previous))
    made = LedgerCheckpoint(size=frontier.size, root=root.hex(), frontier=frontier.text,
                            note=str(signer.sign(str(says))), at=now)
    db.session.add(made)
    db.session.flush()
    return made


def _more_lines(at: str, previous: int) -> tuple[str, str]:
    """Signed with the tree: when, and after which checkpoint, so that none can be taken away."""
    return f"time {at}", f"previous {previous}"


def previous_size(says: Checkpoint) -> int | None:
    """The size of the checkpoint before, as this one says; None where it does not say."""
    name, _, size = says.extensions[-1].partition(" ") if says.extensions else ("", "", "")
    return int(size) if name == "previous" and size.isdecimal() else None


def faults_of(row: Any, at: object, keys: Keyring | None) -> list[tuple[str, dict[str, str]]]:
    """What is wrong with a row of ``ledger_checkpoint`` by itself: codes of findings and params.

    ``at`` is the row's moment as ``stamp`` writes it.
    """
    try:
        note = Note.parse(row.note)
        says = Checkpoint.parse(note.text)
    except (NoteError, TypeError, AttributeError, UnicodeError):
        return [("note_unreadable", {})]
    faults: list[tuple[str, dict[str, str]]] = []
    if keys is None:
        faults.append(("no_key", {}))
    elif len(note.signatures) != 1:
        faults.append(("note_signature", {}))
    elif fault := keys.fault_of(note, says):
        faults.append((f"note_{fault}", {}))
    signed = {"size": says.size, "root": says.root.hex(),
              "at": says.extensions[0].removeprefix("time ") if says.extensions else ""}
    kept = {"size": row.size, "root": row.root, "at": at}
    faults += [("note_column", {"column": name}) for name in kept if kept[name] != signed[name]]
    if not _is_frontier(row.frontier, says):
        faults.append(("frontier", {}))
    return faults


def _is_frontier(written: object, says: Checkpoint) -> bool:
    """Whether the frontier gives the root that was signed, and is written as we write it."""
    try:
        frontier = Frontier.parse(says.size, str(written))
    except ValueError:
        return False
    return frontier.text == written and frontier.root() == says.root


def _damaged(sentence: str, **params: object) -> Refused:
    return Refused(Reason("ledger_damaged", sentence, params))
