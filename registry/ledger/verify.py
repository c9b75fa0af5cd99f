"""``verify``: is the ledger as it was written? Every table is read and compared with every other.

Streams, so a million entries need no memory. Call it inside ``stored.snapshot`` where others may
write meanwhile. Reads only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from registry.core.db import db
from registry.ledger.check import Check
from registry.ledger.entry_check import check_entries, check_heads
from registry.ledger.findings import Finding, Verdict
from registry.ledger.key_check import check_keys
from registry.ledger.keyring import KIND, key_heads, keyring
from registry.ledger.note import Verifier
from registry.ledger.owners import files as files_of_areas
from registry.ledger.owners import projections
from registry.ledger.scratch import Scratch
from registry.ledger.seal_check import check_seals
from registry.ledger.signature_check import check_signatures
from registry.ledger.stored import TABLES, Stored, any_bytes
from registry.ledger.tree_check import check_places, check_tree
from registry.ledger.triggers import expected_triggers, standing
from registry.ledger.witness import compare_witness, read_witness

OURS = {KIND: key_heads}


def verify(
    *, verifier: Verifier | None, against: bytes | None = None,
    progress: Callable[[int], None] | None = None, files: bool = False,
) -> Verdict:
    """Check the whole ledger: triggers, chains, heads, signatures, sealed words, tree, projections.

    ``verifier`` is the registry's key, or one of its former that somebody noted; None where it has
    none yet; ``against`` is a mail or note from
    outside. ``progress`` is told how many rows of ``work`` were done since. With ``files`` the
    attachments on the disk are read too. Raises Refused where ``against`` holds no checkpoint.
    """
    witness = read_witness(against) if against is not None else None
    size = witness[1].size if witness else None

    def everything(check: Check) -> None:
        _check_triggers(check)
        _check_storage(check)
        check_entries(check)
        check_heads(check, OURS)
        check_signatures(check)
        check_seals(check)
        check_keys(check)
        held, root = check_tree(check, size)
        if witness is not None:
            compare_witness(check.findings, witness, held, root, check.keys)
        _check_projections(check)
        for kind, check_files in files_of_areas().items() if files else ():
            _check_projection(check, kind, check_files())

    return _verdict(Check(_stored(), Scratch(), progress=progress or _no_progress), verifier,
                    everything, covered=size)


def verify_chain(chain: str, *, verifier: Verifier | None) -> Verdict:
    """Check one chain: its entries, head, signatures, words, projection, and that its entries lie
    under the checkpoints that took them in. Quick enough for a page."""

    def one_chain(check: Check) -> None:
        check_entries(check)
        check_heads(check, OURS)
        check_signatures(check)
        check_seals(check)
        check_keys(check)
        check_places(check)
        _check_projections(check)

    return _verdict(Check(_stored(), Scratch(), only=chain), verifier, one_chain)


def work() -> int:
    """How many rows ``verify`` tells ``progress`` about."""
    stored = _stored()
    return sum(stored.count(rows) for rows in TABLES[:2])


def _stored() -> Stored:
    db.session.flush()
    return Stored(db.session.connection())


def _no_progress(done: int) -> None:
    """Nobody is watching."""


def _verdict(check: Check, verifier: Verifier | None, run: Callable[[Check], None],
             covered: int | None = None) -> Verdict:
    try:
        with any_bytes(check.stored.connection):
            check.keys = keyring(verifier, check.stored.connection)
            run(check)
    except DatabaseError as error:
        # A damaged file of SQLite cannot be read to its end; what was found stands. A database that
        # is only away raises a subclass, and that says nothing about the ledger.
        if type(error) is not DatabaseError:
            raise
        check.findings.add("storage", answer=str(error.orig))
    finally:
        check.scratch.close()
    return Verdict(check.entries, check.chains, check.signatures, check.checkpoints,
                   tuple(check.findings.kept), check.findings.omitted, covered)


def _check_triggers(check: Check) -> None:
    found = standing(check.stored.connection)
    for name, table in expected_triggers(check.stored.connection.dialect.name).items():
        if name not in found:
            check.findings.add("trigger", name=name, table=table)


def _check_storage(check: Check) -> None:
    """SQLite reads some columns from an index: see that index and table agree."""
    if not check.stored.is_sqlite:
        return
    for rows in TABLES:
        query = text(f"PRAGMA integrity_check('{rows.name}')")
        for (answer,) in check.stored.connection.execute(query):
            if answer != "ok":
                check.findings.add("storage", answer=answer)


def _check_projections(check: Check) -> None:
    kind, _, name = check.only.partition(":")
    for each, projection in projections().items():
        if not check.only:
            _check_projection(check, each, projection(None))
        elif each == kind:
            _check_projection(check, each, projection(name))


def _check_projection(check: Check, kind: str, found: Iterable[Finding]) -> None:
    """Replaying expects entries that can be read: where some cannot, it may stop in the middle."""
    try:
        for finding in found:
            check.findings.take(finding)
    except SQLAlchemyError:
        raise
    except Exception:
        if not check.findings.kept:
            raise
        check.findings.add("not_replayed", kind=kind)
