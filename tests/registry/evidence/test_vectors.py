"""The published vectors are what the code computes, and what other people's code verifies."""

from __future__ import annotations

import ast
import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import metamorphic_log
import pytest

from registry.config import ROOT
from registry.evidence import verify
from registry.ledger.note import Verifier

FOLDER = ROOT / "docs" / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))
TREE, NOTE = VECTORS["tree"], VECTORS["note"]
LEAVES = [bytes.fromhex(each["leaf_hash"]) for each in TREE["leaves"]]
ROOTS = [bytes.fromhex(each) for each in TREE["roots"]]


def proof(each: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(step) for step in each["proof"]]


def test_the_vectors_are_those_that_the_code_computes() -> None:
    spec = spec_from_file_location("make_vectors", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.vectors() == VECTORS


def test_the_program_that_stands_alone_agrees_with_them() -> None:
    for each in VECTORS["canonical"]:
        assert verify.canonical(each["value"]).decode() == each["bytes"]
    seal = VECTORS["seal"]
    assert verify.seal_of(seal["salt"], seal["words"]) == seal["seal"]
    for each in VECTORS["entries"]:
        assert verify.leaf_hash(each["body"].encode()).hex() == each["leaf_hash"]
    statement = VECTORS["statement"]
    assert verify.canonical(statement["said"]).decode() == statement["bytes"]
    assert verify.sha256(statement["bytes"].encode()) == statement["sha256"]
    assert verify.challenge_of([statement["sha256"]]).hex() == statement["challenge_of_one"]
    assert verify.challenge_of(statement["list"]).hex() == statement["challenge_of_list"]
    for each in TREE["inclusion"]:
        index, size = each["index"], each["size"]
        assert verify.is_included(LEAVES[index], index, size, proof(each), ROOTS[size])
        assert not verify.is_included(LEAVES[index], index, size, proof(each), bytes(32))
    for each in TREE["consistency"]:
        old, size = each["old_size"], each["size"]
        assert verify.is_extension(old, size, ROOTS[old], ROOTS[size], proof(each))
        assert not verify.is_extension(old, size, bytes(32), ROOTS[size], proof(each))
    assert verify.Note.parse(NOTE["note"]).is_signed_by(verify.Key.parse(NOTE["key"]))
    handover = VECTORS["handover"]
    assert verify._is_handed_over(handover, verify.Key.parse(handover["old"]))
    assert not verify._is_handed_over(handover | {"size": 8}, verify.Key.parse(handover["old"]))


def test_it_needs_nothing_but_python_and_cryptography() -> None:
    tree = ast.parse(Path(str(verify.__file__)).read_text(encoding="utf-8"))
    named = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for each in node.names}
    named |= {f"{'.' * node.level}{node.module or ''}" for node in ast.walk(tree)
              if isinstance(node, ast.ImportFrom)}
    strange = {each.partition(".")[0] for each in named} - sys.stdlib_module_names
    assert strange == {"cryptography"}
    assert not any(isinstance(node, ast.Name) and node.id in ("__import__", "exec", "eval")
                   for node in ast.walk(tree))


def test_another_implementation_verifies_the_note() -> None:
    """C2SP signed note and checkpoint, by a library in Rust that knows nothing of us."""
    head = metamorphic_log.checkpoint_verify(NOTE["note"], [NOTE["key"]])
    assert (head.origin, head.size, bytes(head.root)) == (
        Verifier.parse(NOTE["key"]).name, len(LEAVES), ROOTS[-1])
    handover = VECTORS["handover"]
    assert metamorphic_log.verify_signed_note(handover["handover"], [handover["old"]]) == 1
    for note, key in ((NOTE["note"].replace("previous 4", "previous 5"), NOTE["key"]),
                      (NOTE["note"], handover["new"])):
        with pytest.raises(metamorphic_log.VerifyError):
            metamorphic_log.checkpoint_verify(note, [key])


def test_another_implementation_verifies_the_proofs() -> None:
    for each in TREE["inclusion"]:
        metamorphic_log.verify_inclusion(each["index"], each["size"], LEAVES[each["index"]],
                                         proof(each), ROOTS[each["size"]])
    for each in TREE["consistency"]:
        metamorphic_log.verify_consistency(each["old_size"], each["size"], proof(each),
                                           ROOTS[each["old_size"]], ROOTS[each["size"]])
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.verify_inclusion(0, 7, LEAVES[1], proof(TREE["inclusion"][-7]), ROOTS[7])
