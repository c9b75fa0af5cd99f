"""Another key takes the place of the old one: by rotation, after a loss, after a theft; what was
signed before verifies for ever, and what a thief signs later does not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.config import SettingError, Settings
from registry.core.db import db
from registry.core.errors import Refused
from registry.ledger import rotation
from registry.ledger.checkpoints import latest_checkpoint, make_checkpoint
from registry.ledger.entries import leaf_hash, record
from registry.ledger.keyring import CHAIN, handover_text, key_chain, keyring
from registry.ledger.keys import (
    FILE_NAME,
    NEXT_NAME,
    PUBLIC_NAME,
    known_verifiers,
    put_in_place,
    remember,
    signer_of,
    verifier_of,
)
from registry.ledger.models import LedgerCheckpoint, LedgerEntry
from registry.ledger.note import Checkpoint, Note, Signer
from registry.ledger.proofs import StoredTree
from registry.ledger.rotation import (
    Replaced,
    replace_lost_key,
    replace_stolen_key,
    rotate_key,
    settle,
)
from registry.ledger.tree import root_of
from registry.ledger.verify import verify, verify_chain
from tests.factories import NOW
from tests.registry.ledger.conftest import KeptLedger

HOUR = timedelta(hours=1)


@pytest.fixture
def grow(kept: KeptLedger) -> Callable[..., LedgerCheckpoint]:
    """One entry more and a checkpoint over it, some hours after the last."""
    def grown(hours: int, signer: Signer) -> LedgerCheckpoint:
        record(kept.left, "noted", by="system", at=NOW + hours * HOUR, content={"hours": hours})
        made = make_checkpoint(now=NOW + hours * HOUR, signer=signer)
        assert made is not None
        return made
    return grown


def codes(verifier: Any, against: str = "") -> list[str]:
    found = verify(verifier=verifier, against=against.encode() if against else None)
    return [each.code for each in found.findings]


def rotated(settings: Settings, hours: int = 5) -> Replaced:
    done = rotate_key(settings, now=NOW + hours * HOUR)
    put_in_place(settings)
    return done


def notes() -> list[LedgerCheckpoint]:
    return list(db.session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.size)))


def test_after_a_rotation_old_and_new_mails_verify_by_either_key(
        kept: KeptLedger, settings: Settings, grow: Callable[..., LedgerCheckpoint]) -> None:
    before = notes()
    done = rotated(settings)
    grow(6, signer_of(settings))

    assert done.old == kept.signer.verifier
    assert verifier_of(settings) == done.new != done.old
    assert done.new.name == done.old.name
    assert [kept.signer.verifier.has_signed(Note.parse(each.note)) for each in notes()] == [
        True] * (len(before) + 1) + [False] * 2
    for trusted in (done.new, done.old):
        assert codes(trusted) == []
        for row in notes():
            assert codes(trusted, row.note) == []


def test_keys_are_rotated_again_and_again(kept: KeptLedger, settings: Settings) -> None:
    keys = [kept.signer.verifier, *(rotated(settings, 5 + each).new for each in range(3))]

    ring = keyring(keys[-1])
    assert ring is not None
    assert [each.verifier for each in ring.tenures] == keys == known_verifiers(settings)
    assert [codes(each) for each in keys] == [[]] * 4
    assert verify_chain(CHAIN, verifier=keys[-1]).is_sound
    assert verify_chain(kept.tickets[0].chain, verifier=keys[-1]).is_sound


def test_the_secret_of_the_old_key_is_gone_and_the_new_file_is_its_owners_alone(
        kept: KeptLedger, settings: Settings) -> None:
    old = (settings.data_dir / FILE_NAME).read_text(encoding="utf-8")
    rotated(settings)

    for path in settings.data_dir.glob("ledger.*"):
        assert old not in path.read_text(encoding="utf-8")
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert not (settings.data_dir / NEXT_NAME).exists()


def test_the_old_key_signs_no_tree_after_its_time(
        kept: KeptLedger, settings: Settings, grow: Callable[..., LedgerCheckpoint]) -> None:
    """The registry refuses, and a note that whoever kept the old key made of the very tree too."""
    done = rotated(settings)
    with pytest.raises(Refused) as refused:
        make_checkpoint(now=NOW + 6 * HOUR, signer=kept.signer)
    assert [each.code for each in refused.value.reasons] == ["key_replaced"]

    last = grow(6, signer_of(settings))
    forged = kept.signer.sign(Note.parse(last.note).text)
    assert codes(done.new, str(forged)) == ["against_key"]
    with kept.altered():
        kept.session.execute(update(LedgerCheckpoint).where(
            LedgerCheckpoint.size == last.size).values(note=str(forged)))
        assert "note_key" in codes(done.new)


def test_whoever_has_the_database_puts_no_key_of_theirs_into_the_history(
        kept: KeptLedger, settings: Settings) -> None:
    """Neither for the whole nor for the page of one ticket."""
    rotated(settings)
    theirs = Signer(kept.signer.name, Ed25519PrivateKey.generate())
    entry = kept.session.scalars(select(LedgerEntry).where(LedgerEntry.chain == CHAIN)).one()
    body = entry.body.replace(str(kept.signer.verifier).encode(), str(theirs.verifier).encode())
    with kept.altered():
        kept.session.execute(update(LedgerEntry).where(LedgerEntry.chain == CHAIN).values(
            body=body, hash=leaf_hash(body)))
        for row in notes():
            if kept.signer.verifier.has_signed(Note.parse(row.note)):
                kept.session.execute(update(LedgerCheckpoint).where(
                    LedgerCheckpoint.size == row.size).values(
                        note=str(theirs.sign(Note.parse(row.note).text))))
        assert {"key_handover", "tree"} <= set(codes(verifier_of(settings)))
        for chain in (CHAIN, kept.tickets[0].chain):
            found = verify_chain(chain, verifier=verifier_of(settings)).findings
            assert {"key_handover", "tree"} <= {each.code for each in found}


@pytest.mark.parametrize("placed", [True, False])
def test_a_history_signed_anew_by_a_key_of_ones_own_is_found(
        kept: KeptLedger, settings: Settings, placed: bool) -> None:
    """Whoever has the database, and no key, enters that theirs was lost and ours came after it."""
    theirs = Signer(kept.signer.name, Ed25519PrivateKey.generate())
    ours = str(kept.signer.verifier)
    with kept.altered():
        if not placed:
            make_checkpoint(now=NOW + 5 * HOUR, signer=kept.signer)
        last = latest_checkpoint()
        assert last is not None
        record(key_chain(), "key_replaced", by="system", at=NOW, content={
            "why": "lost", "old": str(theirs.verifier), "new": ours, "handover": "",
            "size": 10**6 if placed else last.size, "until": 10**6 if placed else last.size,
            "confirmed": [], "held": []})
        if placed:
            make_checkpoint(now=NOW + 5 * HOUR, signer=kept.signer)
        kept.session.flush()
        for row in notes():
            kept.session.execute(update(LedgerCheckpoint).where(
                LedgerCheckpoint.size == row.size).values(
                    note=str(theirs.sign(Note.parse(row.note).text))))
        kept.session.expire_all()
        assert "note_signature" in codes(kept.signer.verifier)
        found = verify_chain(kept.tickets[0].chain, verifier=kept.signer.verifier).findings
        assert "note_signature" in {each.code for each in found}
        with pytest.raises(Refused):  # nor is it signed over
            make_checkpoint(now=NOW + 6 * HOUR, signer=kept.signer)


def test_another_handover_is_found(
        kept: KeptLedger, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed by the right key, but for another key or another tree."""
    monkeypatch.setattr(rotation, "handover_text", lambda new, size: handover_text(new, size + 1))
    assert codes(rotated(settings).new) == ["key_handover"]


def test_an_entry_of_keys_that_cannot_be_read_is_found(kept: KeptLedger, settings: Settings
                                                       ) -> None:
    new = rotated(settings).new
    entry = kept.session.scalars(select(LedgerEntry).where(LedgerEntry.chain == CHAIN)).one()
    body = entry.body.replace(b'"until":', b'"untie":')
    with kept.altered():
        kept.session.execute(update(LedgerEntry).where(LedgerEntry.chain == CHAIN).values(
            body=body, hash=leaf_hash(body)))
        assert "note_signature" in codes(new)


def test_a_lost_key_is_not_silently_followed_by_another(kept: KeptLedger, settings: Settings
                                                        ) -> None:
    (settings.data_dir / FILE_NAME).unlink()
    with pytest.raises(SettingError, match="key lost"):
        signer_of(settings)
    assert not (settings.data_dir / FILE_NAME).exists()


def test_after_a_loss_the_mails_lead_on(
        kept: KeptLedger, settings: Settings, grow: Callable[..., LedgerCheckpoint]) -> None:
    before = notes()
    (settings.data_dir / FILE_NAME).unlink()

    done = replace_lost_key(settings, now=NOW + 5 * HOUR)
    put_in_place(settings)
    grow(6, signer_of(settings))

    assert (done.old, done.size) == (kept.signer.verifier, before[-1].size)
    assert codes(done.new) == []
    for row in notes():
        assert codes(done.new, row.note) == []
    # Who noted the old key is told that nothing but the mails leads from it to the new one.
    assert codes(done.old, before[-1].note) == ["key_unproven"]
    said = kept.session.scalars(select(LedgerEntry).where(LedgerEntry.chain == CHAIN)).one().body
    assert b'"why":"lost"' in said
    assert b'"handover":""' in said


def test_without_its_file_the_old_key_is_told_by_hand(kept: KeptLedger, settings: Settings) -> None:
    for name in (FILE_NAME, PUBLIC_NAME):
        (settings.data_dir / name).unlink()
    other = Signer(kept.signer.name, Ed25519PrivateKey.generate())
    for old in ("", str(other.verifier)):
        with pytest.raises(Refused) as refused:
            replace_lost_key(settings, now=NOW + 5 * HOUR, old=old)
        assert [each.code for each in refused.value.reasons] == ["old_key_unknown"]

    done = replace_lost_key(settings, now=NOW + 5 * HOUR, old=str(kept.signer.verifier))
    assert codes(done.new) == []


def test_a_key_that_is_here_is_not_lost(kept: KeptLedger, settings: Settings) -> None:
    with pytest.raises(Refused) as refused:
        replace_lost_key(settings, now=NOW + 5 * HOUR)
    assert [each.code for each in refused.value.reasons] == ["key_is_here"]


def test_after_a_theft_the_mails_alone_speak_for_what_came_later(
        kept: KeptLedger, settings: Settings, grow: Callable[..., LedgerCheckpoint]) -> None:
    """Stolen after the second checkpoint, found after the fifth; a director has the fourth."""
    _, second = notes()
    third, fourth, fifth = (grow(hours, kept.signer) for hours in (5, 6, 7))
    done = replace_stolen_key(settings, now=NOW + 8 * HOUR, since=second.at + HOUR,
                              mails=[fourth.note.encode()])
    put_in_place(settings)
    last = grow(9, signer_of(settings))

    assert codes(done.new) == []
    for row in (second, third, fourth, last):
        assert codes(done.new, row.note) == []
    assert codes(done.new, fifth.note) == ["against_key"]
    for size, root in ((fifth.size + 1, bytes(32)), (fourth.size, bytes(32)),
                       (last.size, bytes.fromhex(last.root))):
        forged = kept.signer.sign(str(Checkpoint(kept.signer.name, size, root)))
        assert codes(done.new, str(forged)) == ["against_key"]


def test_a_thiefs_checkpoint_in_the_table_is_not_believed(
        kept: KeptLedger, settings: Settings, grow: Callable[..., LedgerCheckpoint]) -> None:
    """Made of the very tree, by the stolen key, in the place of the one that the new key made."""
    done = replace_stolen_key(settings, now=NOW + 8 * HOUR, since=NOW + 4 * HOUR)
    last = latest_checkpoint()
    assert last is not None
    with kept.altered():
        kept.session.execute(update(LedgerCheckpoint).where(
            LedgerCheckpoint.size == last.size).values(
                note=str(kept.signer.sign(Note.parse(last.note).text))))
        assert "note_key" in codes(done.new)


def test_a_mail_that_disagrees_ends_the_procedure(
        kept: KeptLedger, settings: Settings, grow: Callable[..., LedgerCheckpoint]) -> None:
    said = Checkpoint.parse(Note.parse(grow(5, kept.signer).note).text)
    other = kept.signer.sign(str(Checkpoint(said.origin, said.size, bytes(32))))
    larger = kept.signer.sign(str(Checkpoint(said.origin, said.size + 1, said.root)))
    strange = Signer(said.origin, Ed25519PrivateKey.generate()).sign(str(said))
    found = []
    for mail in (other, larger, strange):
        with pytest.raises(Refused) as refused:
            replace_stolen_key(settings, now=NOW + 8 * HOUR, since=NOW,
                               mails=[str(mail).encode()])
        found += [each.code for each in refused.value.reasons]
    assert found == ["mail_disagrees", "mail_disagrees", "mail_of_another_key"]
    assert not (settings.data_dir / NEXT_NAME).exists()


def test_what_was_broken_off_is_ended_or_forgotten(kept: KeptLedger, settings: Settings) -> None:
    """After the commit and before the file has its name; and before the commit."""
    done = rotate_key(settings, now=NOW + 5 * HOUR)
    assert verifier_of(settings) == kept.signer.verifier
    assert codes(kept.signer.verifier) == []  # it signed for the new one
    assert settle(settings) == done.new == verifier_of(settings)

    with kept.session.begin_nested() as inner:
        rotate_key(settings, now=NOW + 6 * HOUR)
        inner.rollback()
    kept.session.expire_all()
    assert settle(settings) is None
    assert verifier_of(settings) == done.new
    assert not (settings.data_dir / NEXT_NAME).exists()


def test_a_public_key_lies_beside_once(kept: KeptLedger, settings: Settings) -> None:
    for _ in range(2):
        remember(settings, kept.signer.verifier)
    assert known_verifiers(settings) == [kept.signer.verifier]
    (settings.data_dir / PUBLIC_NAME).write_text("no key\n", encoding="utf-8")
    with pytest.raises(SettingError, match="one a line"):
        signer_of(settings)


def test_proofs_out_of_the_tables_are_those_of_the_leaves(
        session: Session, kept: KeptLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small chunks, so that frontiers are used; checkpoints of every distance."""
    from registry.ledger import proofs
    from registry.ledger.models import LedgerLeaf
    from registry.ledger.tree import consistency_proof, inclusion_proof

    for number in range(1, 40):
        for _ in range(number % 7):
            record(kept.left, "noted", by="system", at=NOW, content={"number": number})
        make_checkpoint(now=NOW + timedelta(days=number), signer=kept.signer)
    leaves = [bytes.fromhex(each) for each in session.scalars(
        select(LedgerEntry.hash).join(LedgerLeaf, (LedgerLeaf.chain == LedgerEntry.chain)
                                      & (LedgerLeaf.seq == LedgerEntry.seq))
        .order_by(LedgerLeaf.index))]
    size = len(leaves)
    for chunk in (1, 4, 256):
        monkeypatch.setattr(proofs, "CHUNK", chunk)
        tree = StoredTree()
        assert tree.root(size) == root_of(leaves)
        for index in range(size):
            assert tree.inclusion(size, index) == inclusion_proof(leaves, index)
            assert tree.consistency(size, index + 1) == consistency_proof(leaves, index + 1)
