"""Compute vectors.json anew: ``python docs/vectors/make.py > docs/vectors/vectors.json``.

Everything secret here is published and signs nothing but these vectors. A test compares the file
with what the product's code computes (tests/registry/evidence/test_vectors.py).
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.ledger.entries import canonical, entry_values, leaf_hash, seal_of
from registry.ledger.keyring import handover_text
from registry.ledger.models import ZERO
from registry.ledger.note import Checkpoint, Signer
from registry.ledger.tree import (
    consistency_proof,
    inclusion_proof,
    node_hash,
    root_of,
)
from registry.people.assertions import challenge_of

NAME = "registry.example/countersign"
AT = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
SALT, WORDS = "000102030405060708090a0b0c0d0e0f", "Нет отчёта «утро», “again”\n"
LEAVES = 7


def vectors() -> dict[str, Any]:
    """All vectors."""
    signer = Signer(NAME, Ed25519PrivateKey.from_private_bytes(b"published, worth nothing. test 1"))
    return {
        "canonical": _canonical(), "seal": {"salt": SALT, "words": WORDS,
                                            "seal": seal_of(SALT, WORDS)},
        "entries": _entries(), "statement": _statement(), "tree": _tree(),
        "note": _note(signer), "handover": _handover(signer),
    }


def _canonical() -> list[dict[str, Any]]:
    values: list[Any] = [{"b": 1, "a": "é", "": []}, {"n": -(2**53) + 1, "t": "\u0000\u001f\"\\/"},
                         ["\u20ac", "😀", {"z": {}, "A": "№ 7"}]]
    return [{"value": each, "bytes": canonical(each).decode(),
             "sha256": hashlib.sha256(canonical(each)).hexdigest()} for each in values]


def _entries() -> list[dict[str, Any]]:
    """The first two entries of a chain."""
    before, made = ZERO, []
    for seq, kind in enumerate(("logged", "noted"), start=1):
        values = entry_values("ticket:1042", seq, before, kind, by="person:12",
                              at=AT + timedelta(minutes=seq),
                              content={"summary": seal_of(SALT, WORDS), "number": 1042})
        before = values["hash"]
        made.append({"body": values["body"].decode(), "leaf_hash": before})
    return made


def _statement() -> dict[str, Any]:
    said = {
        "v": 1, "act": "take", "meaning": "I take it", "chain": "ticket:1042", "head": ZERO,
        "signer": "person:12", "for": "", "role": "engineer",
        "parties": {"giver": "person:7", "receiver": "person:12"},
        "at": "2026-11-24T07:40:00.000000Z", "nonce": "0" * 32, "language": "ru",
        "text": "Принимаю заявку № 1042"}
    digest = hashlib.sha256(canonical(said)).hexdigest()
    other = hashlib.sha256(b"another statement").hexdigest()
    return {"said": said, "bytes": canonical(said).decode(), "sha256": digest,
            "challenge_of_one": challenge_of([digest]).hex(),
            "list": [digest, other], "challenge_of_list": challenge_of([digest, other]).hex()}


def _tree() -> dict[str, Any]:
    leaves = [bytes.fromhex(leaf_hash(bytes([number]))) for number in range(LEAVES)]
    return {
        "leaves": [{"body_hex": f"{number:02x}", "leaf_hash": leaf.hex()}
                   for number, leaf in enumerate(leaves)],
        "node": node_hash(leaves[0], leaves[1]).hex(),
        "roots": [root_of(leaves[:size]).hex() for size in range(LEAVES + 1)],
        "inclusion": [{"size": size, "index": index, "proof": [
            each.hex() for each in inclusion_proof(leaves[:size], index)]}
            for size in range(1, LEAVES + 1) for index in range(size)],
        "consistency": [{"size": size, "old_size": old, "proof": [
            each.hex() for each in consistency_proof(leaves[:size], old)]}
            for size in range(1, LEAVES + 1) for old in range(1, size + 1)],
    }


def _note(signer: Signer) -> dict[str, Any]:
    root = root_of([bytes.fromhex(leaf_hash(bytes([number]))) for number in range(LEAVES)])
    says = Checkpoint(NAME, LEAVES, root, ("time 2026-11-24T07:40:00.000000Z", "previous 4"))
    return {"key": str(signer.verifier), "key_id": signer.verifier.key_id.hex(),
            "text": str(says), "note": str(signer.sign(str(says)))}


def _handover(signer: Signer) -> dict[str, Any]:
    new = Signer(NAME, Ed25519PrivateKey.from_private_bytes(b"published, worth nothing. test 2"))
    text = handover_text(str(new.verifier), LEAVES)
    return {"old": str(signer.verifier), "new": str(new.verifier), "size": LEAVES,
            "handover": str(signer.sign(text))}


if __name__ == "__main__":
    json.dump(vectors(), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
