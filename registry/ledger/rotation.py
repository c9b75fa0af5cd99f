"""Verbs of the registry's key: another takes its place, by rotation, after a loss, after a theft.

Each writes one entry into ``key:registry`` and signs it at once with the new key. The new key lies
beside the old until the transaction is through; then the edge calls ``settle`` in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from registry.config import SettingError, Settings
from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.checkpoints import latest_checkpoint, make_checkpoint, take_turn
from registry.ledger.entries import record
from registry.ledger.keyring import (
    LOST,
    REPLACED,
    ROTATED,
    STOLEN,
    Tree,
    handover_text,
    key_chain,
    keyring,
)
from registry.ledger.keys import (
    drop_next,
    keep_next,
    known_verifiers,
    made_signer,
    next_verifier,
    put_in_place,
    signer_of,
    verifier_of,
)
from registry.ledger.models import LedgerCheckpoint
from registry.ledger.note import Note, Signer, Verifier
from registry.ledger.proofs import StoredTree
from registry.ledger.witness import read_witness


@dataclass(frozen=True)
class Replaced:
    """A key took another's place: both, and the size of the last tree that the old one signed."""

    old: Verifier
    new: Verifier
    size: int


def settle(settings: Settings) -> Verifier | None:
    """Take a key into use that was laid aside and that the ledger names by now, and tell which; one
    that it does not name was broken off, and is dropped. Waits for whoever replaces the key now:
    theirs is named when they have committed."""
    take_turn()
    laid_aside = next_verifier(settings)
    if laid_aside is None:
        return None
    keys = keyring(laid_aside)
    if keys is not None and len(keys.tenures) > 1 and keys.current == laid_aside:
        return put_in_place(settings)
    drop_next(settings)
    return None


def rotate_key(settings: Settings, *, now: datetime) -> Replaced:
    """Sign what waits with the old key, let it sign for the new one, and go on with that.

    Raises Refused as ``make_checkpoint`` does.
    """
    signer = signer_of(settings)
    make_checkpoint(now=now, signer=signer)
    size, new = _size(), made_signer(signer.name)
    handover = str(signer.sign(handover_text(str(new.verifier), size)))
    return _replace(settings, signer.verifier, new, now=now, why=ROTATED, until=size,
                    handover=handover)


def replace_lost_key(settings: Settings, *, now: datetime, old: str = "") -> Replaced:
    """Go on with a new key where the old one is lost; ``old`` is its public half where that does
    not lie in the data folder. Raises Refused where the old key is there or not known."""
    take_turn()
    lost = _last_key(settings, old)
    if _present(settings) == lost:
        raise Refused(Reason("key_is_here", N_(
            "The key is not lost: it lies in the data folder. To replace it: countersign key "
            "rotate. Where it was stolen: countersign key stolen.")))
    return _replace(settings, lost, made_signer(lost.name), now=now, why=LOST, until=_size())


def replace_stolen_key(
    settings: Settings, *, now: datetime, since: datetime, mails: Sequence[bytes] = (),
    old: str = "",
) -> Replaced:
    """Go on with a new key; the old one is not believed beyond the last checkpoint before ``since``
    but where one of the ``mails`` bears witness. Raises Refused where a mail and the registry
    disagree: then its history was changed."""
    take_turn()
    stolen = _last_key(settings, old)
    until = db.session.scalar(select(func.max(LedgerCheckpoint.size)).where(
        LedgerCheckpoint.at <= since)) or 0
    confirmed, held = _later_trees(until, [_witnessed(mail, stolen) for mail in mails])
    return _replace(settings, stolen, made_signer(stolen.name), now=now, why=STOLEN, until=until,
                    confirmed=confirmed, held=held)


def _later_trees(until: int, witnessed: Sequence[Tree]) -> tuple[set[Tree], set[Tree]]:
    """The trees signed after ``until``: those that the mails prove with their own, and others."""
    proved = max((size for size, _ in witnessed), default=0)
    rows = db.session.execute(select(LedgerCheckpoint.size, LedgerCheckpoint.root).where(
        LedgerCheckpoint.size > until)).all()
    held = {(row.size, row.root) for row in rows if row.size > proved}
    known = {(row.size, row.root) for row in rows if row.size <= proved}
    return known | {each for each in witnessed if each[0] > until}, held


def _witnessed(mail: bytes, verifier: Verifier) -> Tree:
    """The tree that the mail bears witness to. Raises Refused where it is not the registry's."""
    note, says = read_witness(mail)
    keys = keyring(verifier)
    assert keys is not None
    if keys.fault_of(note, says, outside=True):
        raise Refused(Reason("mail_of_another_key", N_(
            "One of the mails is not signed by a key of this registry.")))
    if says.size > _size() or StoredTree().root(says.size) != says.root:
        raise Refused(Reason("mail_disagrees", N_(
            "The mail that covers %(size)s entries and the registry disagree: its history was "
            "changed. Change nothing more, and see the operator's guide: when verify fails."),
            {"size": says.size}))
    return says.size, says.root.hex()


def _last_key(settings: Settings, written: str) -> Verifier:
    """The key that signed last, by its public half. Raises Refused where nobody knows it."""
    last = latest_checkpoint()
    present = _present(settings)
    known = [Verifier.parse(written)] if written else [
        *known_verifiers(settings), *([present] if present else [])]
    for each in reversed(known):
        keys = keyring(each)
        if keys is not None and keys.current == each and (
                last is None or each.has_signed(Note.parse(last.note))):
            return each
    raise Refused(Reason("old_key_unknown", N_(
        "Give the public key that signed last with --old: as you noted it, or as it stands in the "
        "manifest of a backup or in an evidence file.")))


def _present(settings: Settings) -> Verifier | None:
    """The key in the data folder, None where there is none that can be read."""
    try:
        return verifier_of(settings)
    except SettingError:
        return None


def _size() -> int:
    last = latest_checkpoint()
    return last.size if last else 0


def _replace(
    settings: Settings, old: Verifier, new: Signer, *, now: datetime, why: str, until: int,
    handover: str = "", confirmed: set[Tree] | None = None, held: set[Tree] | None = None,
) -> Replaced:
    """Enter the replacement, and sign it with the new key."""
    size = _size()
    keep_next(settings, new)
    record(key_chain(), REPLACED, by="system", at=now, content={
        "why": why, "old": str(old), "new": str(new.verifier), "size": size, "until": until,
        "handover": handover, "confirmed": _listed(confirmed), "held": _listed(held)})
    make_checkpoint(now=now, signer=new, after=old)
    return Replaced(old, new.verifier, size)


def _listed(trees: set[Tree] | None) -> list[dict[str, Any]]:
    return [{"size": size, "root": root} for size, root in sorted(trees or ())]
