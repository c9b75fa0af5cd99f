"""Files that somebody made who has keys, time or malice: nothing in them speaks for itself, and
none of them keeps the page busy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.evidence import verify
from registry.evidence.verify import unpack
from registry.ledger.checkpoints import latest_checkpoint
from registry.ledger.entries import content_of, entries_of, record
from registry.ledger.keyring import key_chain
from registry.ledger.note import Signer
from tests.factories import NOW
from tests.registry.evidence.conftest import Kept, again, codes, whole

Change = Callable[[dict[str, bytes], dict[str, Any]], None]


def replaced(kept: Kept, why: str) -> tuple[str, bytes]:
    """A whole file with an entry that our key came after another's; and that other key."""
    other = Signer(kept.signer.name, Ed25519PrivateKey.generate()).verifier
    last = latest_checkpoint()
    assert last is not None
    record(key_chain(), "key_replaced", by="system", at=NOW, content={
        "why": why, "old": str(other), "new": str(kept.signer.verifier), "handover": "",
        "size": last.size, "until": last.size, "confirmed": [], "held": []})
    return str(other), whole(kept)


@pytest.mark.parametrize("why", ["noted", "zzz", "", ["lost"], None])
def test_a_key_is_replaced_for_one_of_three_reasons_and_no_other(kept: Kept, why: Any) -> None:
    """The sentence is chosen by the reason, and the reason stands in the file."""
    _, file = replaced(kept, why)
    result = verify.verify(file)
    assert codes(result, "bad") == ["key_history"]
    assert not result.is_anchored
    assert verify.report(result, "ru").startswith("СХОДИТСЯ НЕ ВСЁ")


def test_what_is_not_proved_leads_to_no_file(kept: Kept) -> None:
    """A sentence among the limits is no anchor, whatever it is about."""
    result = verify.Result()
    result.add("limit", "key_noted")
    assert not result.is_anchored


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each part of the program that costs something is called."""
    counted: Counter[str] = Counter()

    def counting(name: str) -> Callable[..., Any]:
        real = getattr(verify, name)

        def call(*values: Any, **named: Any) -> Any:
            counted[name] += 1
            return real(*values, **named)
        return call

    for name in ("is_included", "is_extension", "_verifies"):
        monkeypatch.setattr(verify, name, counting(name))
    return counted


def with_trees(count: int) -> Change:
    def change(members: dict[str, bytes], said: dict[str, Any]) -> None:
        said["trees"] = [{"size": 1, "root": f"{each:064x}", "proof": []} for each in range(count)]
    return change


def with_entries_again(members: dict[str, bytes], said: dict[str, Any]) -> None:
    said["entries"] += [said["entries"][0]] * 5000


def with_wrong_proofs(members: dict[str, bytes], said: dict[str, Any]) -> None:
    for each in said["entries"]:
        each["index"] += 1


@pytest.mark.parametrize("change", [
    with_trees(1900), with_trees(2001), with_entries_again, with_wrong_proofs])
def test_the_first_thing_that_does_not_agree_in_the_tree_is_enough(
        kept: Kept, calls: Counter[str], change: Change) -> None:
    """The page is open to all: what costs time is not done for a file that is bad already."""
    file = again(kept.take().file, change)
    result = verify.verify(file)
    assert len(codes(result, "bad")) == 1
    assert calls["is_included"] <= sum(each.startswith("entries/") for each in unpack(file))
    assert calls["is_extension"] <= 1


def test_of_very_much_that_does_not_agree_a_part_is_told(
        kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sentence is compared with those before it, and all would be on the page."""
    file = again(kept.take().file, lambda members, said: members.update({
        "words.json": verify.canonical(dict.fromkeys(json.loads(members["words.json"])))}))
    assert len(verify.verify(file).lines) > 6
    monkeypatch.setattr(verify, "MOST_LINES", 5)
    result = verify.verify(file)
    assert len(result.lines) == 6
    assert codes(result, "bad")[-1] == "and_more"


def test_a_signature_stands_in_one_place(kept: Kept, calls: Counter[str]) -> None:
    """A claim that is written a thousand times is verified once."""
    claim = next(each for entry in entries_of(kept.ticket.chain)
                 for each in content_of(entry).get("signatures", ()) if each["method"] == "passkey")
    record(kept.ticket, "noted", by="system", at=NOW, content={"signatures": [claim] * 1000})
    result = verify.verify(whole(kept))
    assert codes(result, "bad") == ["statement_twice"]
    assert calls["_verifies"] == 2  # the checkpoint's signature and the one by passkey
