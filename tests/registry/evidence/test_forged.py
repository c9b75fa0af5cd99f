"""Files that somebody made who has keys, time or malice: nothing in them speaks for itself, and
none of them keeps the page busy."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.evidence import verify
from registry.evidence.gathering import evidence_members
from registry.evidence.verify import pack
from registry.ledger.checkpoints import latest_checkpoint, make_checkpoint
from registry.ledger.entries import record
from registry.ledger.keyring import key_chain
from registry.ledger.note import Signer
from tests.factories import NOW
from tests.registry.evidence.conftest import DAY, Kept, codes


def replaced(kept: Kept, why: str) -> tuple[str, bytes]:
    """A whole file with an entry that our key came after another's; and that other key."""
    other = Signer(kept.signer.name, Ed25519PrivateKey.generate()).verifier
    last = latest_checkpoint()
    assert last is not None
    record(key_chain(), "key_replaced", by="system", at=NOW, content={
        "why": why, "old": str(other), "new": str(kept.signer.verifier), "handover": "",
        "size": last.size, "until": last.size, "confirmed": [], "held": []})
    made = make_checkpoint(now=NOW + 9 * DAY, signer=kept.signer)
    assert made is not None
    return str(other), pack(evidence_members(kept.ticket.chain, made, kept.signer.verifier))


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
