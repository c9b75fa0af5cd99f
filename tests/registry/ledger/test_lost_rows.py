"""Rows deleted, put in, exchanged or rewritten as a whole are found, however well they agree."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from registry.ledger.entries import canonical, leaf_hash
from registry.ledger.findings import CHECKPOINT
from registry.ledger.models import (
    ZERO,
    LedgerCheckpoint,
    LedgerEntry,
    LedgerLeaf,
    LedgerPending,
    SealedText,
)
from registry.people.models import Person, Signature
from registry.tickets.models import Ticket
from tests.factories import NOW
from tests.registry.ledger.conftest import KeptLedger

Place = tuple[str, int | None]


def found(kept: KeptLedger) -> set[tuple[str, str, int | None]]:
    """Code and place of each finding."""
    return {(each.code, each.chain, each.seq) for each in kept.found()}


def entry_of(kept: KeptLedger, chain: str, seq: int) -> dict[str, Any]:
    """The row as plain values."""
    row = kept.session.execute(select(LedgerEntry.__table__).where(
        LedgerEntry.chain == chain, LedgerEntry.seq == seq)).one()
    return dict(row._mapping)


def take_entry(kept: KeptLedger, chain: str, seq: int) -> None:
    """Delete the entry and everything that places it."""
    for model in (LedgerEntry, LedgerLeaf, LedgerPending):
        kept.session.execute(delete(model).where(model.chain == chain, model.seq == seq))


@pytest.mark.parametrize("seq", [1, 4, 0], ids=["first", "middle", "last"])
@pytest.mark.parametrize("number", [0, 3], ids=["under a checkpoint", "waiting"])
def test_a_deleted_entry_is_named(kept: KeptLedger, seq: int, number: int) -> None:
    ticket = kept.tickets[number]
    chain, at = ticket.chain, seq or ticket.head_seq
    code = "missing" if seq else "short"
    with kept.altered():
        take_entry(kept, chain, at)
        assert (code, chain, at) in found(kept)


def test_a_whole_chain_that_is_deleted_with_its_signatures_is_missed(kept: KeptLedger) -> None:
    chain = kept.tickets[3].chain
    with kept.altered():
        for model in (LedgerEntry, LedgerLeaf, LedgerPending, Signature):
            kept.session.execute(delete(model).where(model.chain == chain))
        assert ("short", chain, 1) in found(kept)


def test_a_chain_cut_short_together_with_its_owner_is_missed_by_the_tree(kept: KeptLedger) -> None:
    ticket = kept.tickets[0]
    before = entry_of(kept, ticket.chain, ticket.head_seq - 1)
    with kept.altered():
        take_entry(kept, ticket.chain, ticket.head_seq)
        kept.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(
            head_seq=before["seq"], head_hash=before["hash"]))
        assert {"leaf_missing", "tree"} <= {code for code, _, _ in found(kept)}


def test_an_entry_rewritten_with_all_that_follow_is_found_under_its_checkpoint(
    kept: KeptLedger,
) -> None:
    ticket = kept.tickets[0]
    with kept.altered():
        rewrite(kept, ticket, "logged", measured="99")
        findings = [each for each in kept.found() if each.code == "tree"]
        place = kept.session.scalar(select(LedgerLeaf.index).where(
            LedgerLeaf.chain == ticket.chain, LedgerLeaf.seq == 1))
    assert len(findings) == 1
    assert findings[0].params["first"] <= place <= findings[0].params["last"]


def rewrite(kept: KeptLedger, ticket: Ticket, kind: str, **changes: str) -> None:
    """Change an entry's content as somebody would who knows how the ledger is made."""
    before = ZERO
    for seq in range(1, ticket.head_seq + 1):
        entry = entry_of(kept, ticket.chain, seq)
        said = json.loads(entry["body"])
        if entry["kind"] == kind:
            said["content"] |= changes
        said["prev"] = before
        body = canonical(said)
        kept.session.execute(update(LedgerEntry).where(
            LedgerEntry.chain == ticket.chain, LedgerEntry.seq == seq
        ).values(body=body, prev_hash=before, hash=leaf_hash(body)))
        before = leaf_hash(body)
    kept.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(head_hash=before))


def test_an_entry_put_in_at_the_end_is_named(kept: KeptLedger) -> None:
    ticket = kept.tickets[1]
    seq = ticket.head_seq + 1
    body = canonical({"v": 1, "chain": ticket.chain, "seq": seq, "by": "system", "kind": "moved",
                      "at": "2026-11-24T09:00:00.000000Z", "content": {},
                      "prev": ticket.head_hash})
    with kept.altered():
        kept.session.execute(insert(LedgerEntry).values(
            chain=ticket.chain, seq=seq, kind="moved", actor="system", body=body,
            at=NOW.replace(hour=9, minute=0), prev_hash=ticket.head_hash, hash=leaf_hash(body)))
        kept.session.execute(insert(LedgerPending).values(chain=ticket.chain, seq=seq))
        assert ("long", ticket.chain, seq) in found(kept)


def test_a_chain_that_nobody_owns_is_named(kept: KeptLedger) -> None:
    body = canonical({"v": 1, "chain": "ticket:777", "seq": 1, "by": "system", "kind": "logged",
                      "at": "2026-11-24T09:00:00.000000Z", "content": {}, "prev": ZERO})
    with kept.altered():
        kept.session.execute(insert(LedgerEntry).values(
            chain="ticket:777", seq=1, kind="logged", actor="system", body=body,
            at=NOW.replace(hour=9, minute=0), prev_hash=ZERO, hash=leaf_hash(body)))
        kept.session.execute(insert(LedgerPending).values(chain="ticket:777", seq=1))
        assert found(kept) == {("ownerless", "ticket:777", None)}


def test_entries_exchanged_with_each_other_are_named(kept: KeptLedger) -> None:
    chain = kept.tickets[0].chain
    one, other = entry_of(kept, chain, 2), entry_of(kept, chain, 3)
    with kept.altered():
        for here, there in ((one, other), (other, one)):
            kept.session.execute(update(LedgerEntry).where(
                LedgerEntry.chain == chain, LedgerEntry.seq == here["seq"]
            ).values({name: there[name] for name in there if name not in ("chain", "seq")}))
        assert {("prev", chain, 2), ("column", chain, 2), ("column", chain, 3)} <= found(kept)


def test_leaves_exchanged_with_each_other_are_found(kept: KeptLedger) -> None:
    first, second = kept.session.execute(
        select(LedgerLeaf.__table__).order_by(LedgerLeaf.index).limit(2)).all()
    with kept.altered():
        kept.session.execute(delete(LedgerLeaf).where(LedgerLeaf.index < 2))
        kept.session.execute(insert(LedgerLeaf), [
            {"index": 0, "chain": second.chain, "seq": second.seq},
            {"index": 1, "chain": first.chain, "seq": first.seq}])
        assert {code for code, _, _ in found(kept)} == {"tree"}


@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
def test_a_deleted_leaf_is_found(kept: KeptLedger, which: int) -> None:
    leaves = kept.session.execute(select(LedgerLeaf.__table__).order_by(LedgerLeaf.index)).all()
    with kept.altered():
        kept.session.execute(delete(LedgerLeaf).where(LedgerLeaf.index == leaves[which].index))
        assert ("placeless", leaves[which].chain, leaves[which].seq) in found(kept)


def test_an_entry_that_waits_no_longer_is_named(kept: KeptLedger) -> None:
    waiting = kept.session.execute(select(LedgerPending.__table__)).all()
    with kept.altered():
        kept.session.execute(delete(LedgerPending))
        assert found(kept) == {("placeless", row.chain, row.seq) for row in waiting}


def test_an_entry_that_waits_twice_is_named(kept: KeptLedger) -> None:
    chain = kept.tickets[0].chain
    with kept.altered():
        kept.session.execute(insert(LedgerPending).values(chain=chain, seq=1))
        kept.session.execute(insert(LedgerPending).values(chain=chain, seq=500))
        assert found(kept) == {("placed_twice", chain, 1), ("pending_idle", chain, 500)}


def test_a_deleted_checkpoint_is_missed(kept: KeptLedger) -> None:
    first, last = kept.session.scalars(select(LedgerCheckpoint.size).order_by(
        LedgerCheckpoint.size))
    with kept.altered():
        kept.session.execute(delete(LedgerCheckpoint).where(LedgerCheckpoint.size == first))
        assert found(kept) == {("checkpoint_missing", CHECKPOINT, last)}
    with kept.altered():
        kept.session.execute(delete(LedgerCheckpoint).where(LedgerCheckpoint.size == last))
        assert {code for code, _, _ in found(kept)} == {"leaf_outside"}


def test_each_deleted_signature_is_named(kept: KeptLedger) -> None:
    for row in kept.session.execute(select(Signature.statement_hash, Signature.chain)).all():
        with kept.altered():
            kept.session.execute(delete(Signature).where(
                Signature.statement_hash == row.statement_hash))
            assert {(code, chain) for code, chain, _ in found(kept)} == {
                ("signature_missing", row.chain)}


def test_a_signature_put_in_is_found(kept: KeptLedger) -> None:
    row = dict(kept.session.execute(select(Signature.__table__)).first()._mapping)  # type: ignore[union-attr]
    said = canonical(json.loads(row["statement"]) | {"nonce": "another"})
    with kept.altered():
        kept.session.execute(insert(Signature).values(row | {
            "statement": said, "nonce": "another", "statement_hash": "ab" * 32}))
        assert {"signature_idle", "signature_hash"} == {code for code, _, _ in found(kept)}


def test_deleted_and_added_words_are_found(kept: KeptLedger) -> None:
    for row in kept.session.execute(select(SealedText.seal)).all():
        with kept.altered():
            kept.session.execute(delete(SealedText).where(SealedText.seal == row.seal))
            assert "seal_missing" in {code for code, _, seq in found(kept) if seq}
    with kept.altered():
        kept.session.execute(insert(SealedText).values(seal="seal:" + "ab" * 32, salt="", words=""))
        assert found(kept) == {("seal_idle", "", None)}


def test_words_made_away_with_as_if_by_law_are_named(kept: KeptLedger) -> None:
    row = kept.session.execute(select(SealedText.seal).where(
        SealedText.words == "Slow line").limit(1)).one()
    with kept.altered():
        kept.session.execute(update(SealedText).where(SealedText.seal == row.seal).values(
            words=None, salt=None, erased_at=NOW + timedelta(hours=4)))
        assert "seal_erased" in {code for code, _, seq in found(kept) if seq}


def test_a_changed_head_of_an_owner_is_named(kept: KeptLedger) -> None:
    person = kept.left
    for values, code, seq in (
        ({"head_seq": person.head_seq + 2}, "short", person.head_seq + 1),
        ({"head_seq": person.head_seq - 1}, "long", person.head_seq),
        ({"head_hash": "00" * 32}, "head", person.head_seq),
    ):
        with kept.altered():
            kept.session.execute(update(Person).where(Person.id == person.id).values(values))
            assert found(kept) == {(code, person.chain, seq)}
