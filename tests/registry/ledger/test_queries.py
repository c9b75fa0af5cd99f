"""One chain, read out for a page: whole, in few queries, and with its own verdict."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from registry.ledger import checkpoints, owners
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.entries import record
from registry.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, SealedText
from registry.ledger.owners import Head
from registry.ledger.queries import chain_of, chain_verdict
from registry.people.models import Signature
from tests.factories import NOW
from tests.registry.ledger.conftest import KeptLedger


def codes(kept: KeptLedger, chain: str) -> set[str]:
    """What is found in the one chain."""
    return {each.code for each in chain_verdict(chain, verifier=kept.signer.verifier).findings}


def test_a_chain_is_read_with_words_statements_and_places(kept: KeptLedger) -> None:
    ticket = kept.tickets[2]
    rows = chain_of(ticket.chain)

    assert [row.seq for row in rows] == list(range(1, ticket.head_seq + 1))
    assert rows[0].words[rows[0].content["summary"]] == "Slow line"
    assert rows[0].at == NOW + timedelta(hours=2)
    assert rows[0].place is not None
    assert rows[-1].hash == ticket.head_hash
    offered = rows[1]
    (claim,) = offered.content["signatures"]
    assert offered.statements[claim["statement"]]["signer"] == claim["by"] == offered.by
    assert {row.place for row in chain_of(kept.tickets[3].chain)} == {None}


def test_a_page_of_a_chain_is_the_same_entries_read_in_part(kept: KeptLedger) -> None:
    chain = kept.tickets[2].chain
    whole = chain_of(chain)

    assert len(whole) > 2
    assert chain_of(chain, size=2) == whole[:2]
    assert chain_of(chain, after=1, size=1) == whole[1:2]
    assert chain_of(chain, after=len(whole), size=2) == ()


def test_erased_words_are_told_apart_from_empty_ones(kept: KeptLedger) -> None:
    named, erased = chain_of(kept.left.chain)

    assert list(named.words.values()).count(None) == 1
    assert "12" in named.words.values()
    assert erased.words == {erased.content["erased"][0]: None}


def test_there_is_nothing_to_read_where_there_is_no_chain(kept: KeptLedger) -> None:
    assert chain_of("ticket:999") == ()


def test_a_chain_is_read_in_three_queries(
    kept: KeptLedger, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with count_queries() as queries:
        chain_of(kept.tickets[0].chain)
    assert len(queries) == 3, queries


def test_each_chain_of_a_sound_ledger_verifies_by_itself(kept: KeptLedger) -> None:
    for owner in (*kept.tickets, kept.left):
        verdict = chain_verdict(owner.chain, verifier=kept.signer.verifier)

        assert verdict.is_sound, verdict.findings
        assert (verdict.entries, verdict.chains) == (owner.head_seq, 1)


def test_damage_in_the_chain_is_found_and_damage_elsewhere_is_not(kept: KeptLedger) -> None:
    chain, other = kept.tickets[0].chain, kept.tickets[1].chain
    for change, expected in (
        (update(LedgerEntry).where(LedgerEntry.chain == chain, LedgerEntry.seq == 2)
         .values(actor="person:1000"), {"column"}),
        (delete(LedgerLeaf).where(LedgerLeaf.chain == chain, LedgerLeaf.seq == 2),
         {"placeless", "tree"}),
        (delete(Signature).where(Signature.chain == chain), {"signature_missing"}),
        (update(LedgerCheckpoint).values(root="00" * 32), {"note_column"}),
        (delete(LedgerCheckpoint), {"leaf_outside"}),
    ):
        with kept.altered():
            kept.session.execute(change)
            assert codes(kept, chain) == expected
            if "checkpoint" not in str(change) and "leaf" not in str(change):
                assert codes(kept, other) == set()


def test_changed_words_are_found_in_their_chain(kept: KeptLedger) -> None:
    with kept.altered():
        kept.session.execute(update(SealedText).where(SealedText.words == "Slow line").values(
            words="Fast line"))
        for ticket in kept.tickets:
            assert "seal_words" in codes(kept, ticket.chain)
        assert codes(kept, kept.left.chain) == set()


def test_another_entry_under_the_same_checkpoint_is_found_by_the_chain(kept: KeptLedger) -> None:
    """The proof takes the whole stretch between two signed trees."""
    chain, other = kept.tickets[0].chain, kept.tickets[1].chain
    with kept.altered():
        kept.session.execute(update(LedgerEntry).where(
            LedgerEntry.chain == other, LedgerEntry.seq == 1).values(hash="00" * 32))
        assert codes(kept, chain) == {"tree"}
        assert codes(kept, kept.tickets[2].chain) == set()


def test_a_chain_under_many_checkpoints_verifies(
    kept: KeptLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "BATCH", 2)
    make_checkpoint(now=NOW + timedelta(days=1), signer=kept.signer)

    verdict = chain_verdict(kept.tickets[3].chain, verifier=kept.signer.verifier)

    assert verdict.is_sound
    assert verdict.checkpoints >= 3


def test_a_damaged_entry_does_not_hide_the_others(kept: KeptLedger) -> None:
    chain = kept.tickets[0].chain
    with kept.altered():
        kept.session.execute(update(LedgerEntry).where(
            LedgerEntry.chain == chain, LedgerEntry.seq == 2).values(body=b"\xff{"))
        rows = chain_of(chain)
    assert (rows[1].seq, rows[1].at, rows[1].content) == (2, None, {})
    assert rows[2].kind == "handoff_signed"


def test_an_act_between_two_reads_is_not_taken_for_damage(
    kept: KeptLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = kept.left
    acts = [lambda: record(person, "noted", by="system", at=NOW, content={})]

    def heads(only: str | None) -> list[Head]:
        """The owner's head, read after somebody has acted."""
        if acts:
            acts.pop()()
            kept.session.flush()
        return [Head(str(person.id), person.head_seq, person.head_hash)]

    monkeypatch.setitem(owners.owners(), "person", heads)  # type: ignore[call-overload]

    assert chain_verdict(person.chain, verifier=kept.signer.verifier).is_sound
    assert not acts
