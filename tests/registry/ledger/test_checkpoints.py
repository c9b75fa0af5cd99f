"""Checkpoints: every waiting entry gets one place, and no tree is signed that hides a change."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import Executable, delete, func, select, update
from sqlalchemy.orm import Session

from registry.core.db import atomic, db
from registry.core.errors import Refused
from registry.ledger import checkpoints
from registry.ledger.checkpoints import latest_checkpoint, make_checkpoint
from registry.ledger.entries import record
from registry.ledger.keys import signer_of
from registry.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerPending
from registry.ledger.note import Checkpoint, Note, Signer
from registry.ledger.tree import root_of
from registry.ledger.verify import verify
from registry.people.models import Person
from tests.factories import NOW, a_person
from tests.ground.at_once import at_once
from tests.registry.ledger.conftest import KeptLedger


def enter(person: Person, count: int) -> None:
    """Append entries to the person's chain."""
    for number in range(count):
        record(person, "noted", by="system", at=NOW, content={"number": number})
        db.session.flush()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_checkpoint_signs_the_root_over_all_entries(session: Session, signer: Signer) -> None:
    one, other = a_person(), a_person()
    enter(one, 3)
    enter(other, 2)

    made = make_checkpoint(now=NOW, signer=signer)

    assert made is not None
    assert made is latest_checkpoint()
    hashes = session.scalars(
        select(LedgerEntry.hash).join(LedgerLeaf, (LedgerLeaf.chain == LedgerEntry.chain)
                                      & (LedgerLeaf.seq == LedgerEntry.seq))
        .order_by(LedgerLeaf.index))
    note = Note.parse(made.note)
    says = Checkpoint.parse(note.text)
    assert signer.verifier.has_signed(note)
    assert says.root == root_of([bytes.fromhex(each) for each in hashes])
    assert (says.origin, says.size, says.extensions) == (
        signer.name, 5, ("time 2026-11-24T07:40:00.000000Z", "previous 0"))
    assert (made.size, made.root, count(LedgerLeaf), count(LedgerPending)) == (
        5, says.root.hex(), 5, 0)


def test_without_new_entries_nothing_is_signed(session: Session, signer: Signer) -> None:
    assert make_checkpoint(now=NOW, signer=signer) is None
    enter(a_person(), 1)
    assert make_checkpoint(now=NOW, signer=signer) is not None

    assert make_checkpoint(now=NOW + timedelta(days=1), signer=signer) is None
    assert count(LedgerCheckpoint) == 1


def test_many_entries_make_several_checkpoints_each_after_the_last(
    session: Session, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "BATCH", 4)
    enter(a_person(), 10)

    made = make_checkpoint(now=NOW, signer=signer)

    assert made is not None
    assert made.size == 10
    assert list(session.scalars(select(LedgerCheckpoint.size).order_by(LedgerCheckpoint.size))) == [
        4, 8, 10]
    verdict = verify(verifier=signer.verifier)
    assert verdict.is_sound
    assert verdict.checkpoints == 3


@pytest.mark.parametrize("spoil", [
    update(LedgerCheckpoint).values(frontier="00" * 32),
    update(LedgerCheckpoint).values(root="00" * 32),
    update(LedgerCheckpoint).values(at=NOW),
    delete(LedgerLeaf).where(LedgerLeaf.index == 3),
    update(LedgerEntry).where(LedgerEntry.kind == "logged").values(hash="00" * 32),
], ids=["frontier", "root", "at", "leaf", "entry"])
def test_a_changed_ledger_is_not_signed(kept: KeptLedger, spoil: Executable) -> None:
    with kept.altered():
        kept.session.execute(spoil)
        with pytest.raises(Refused) as refused:
            make_checkpoint(now=NOW + timedelta(days=1), signer=kept.signer)
    assert [reason.code for reason in refused.value.reasons] == ["ledger_damaged"]


def test_another_key_does_not_sign_on(kept: KeptLedger) -> None:
    other = Signer(kept.signer.name, Ed25519PrivateKey.generate())

    with pytest.raises(Refused, match="not as this registry's key signed"):
        make_checkpoint(now=NOW + timedelta(days=1), signer=other)


def test_a_tree_without_any_checkpoint_is_not_signed(kept: KeptLedger) -> None:
    with kept.altered():
        kept.session.execute(delete(LedgerCheckpoint))
        with pytest.raises(Refused, match="no checkpoint covers them"):
            make_checkpoint(now=NOW + timedelta(days=1), signer=kept.signer)


def test_workers_at_once_give_each_entry_one_place(committed_app: Flask) -> None:
    with committed_app.app_context(), atomic():
        persons = [a_person().id for _ in range(4)]
    signer = signer_of(committed_app.config["SETTINGS"])

    def write(person_id: int) -> None:
        for _ in range(8):
            with atomic():
                enter(db.session.get_one(Person, person_id), 2)

    def sign() -> None:
        for _ in range(6):
            with atomic():
                make_checkpoint(now=NOW, signer=signer)

    acts = [*(partial(write, each) for each in persons), sign, sign]
    assert at_once(committed_app, acts) == ["done"] * 6
    with committed_app.app_context():
        with atomic():
            make_checkpoint(now=NOW, signer=signer)
        assert (count(LedgerLeaf), count(LedgerPending)) == (64, 0)
        assert verify(verifier=signer.verifier).is_sound
