"""What was changed, cut, swapped or forged in an evidence file is found, whoever packs it anew."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from registry.evidence import verify
from registry.evidence.verify import pack, unpack
from registry.ledger.note import Note, Signer
from tests.factories import NOW
from tests.registry.evidence.conftest import Kept, again, codes


def test_one_altered_byte_anywhere_in_the_file_is_found(kept: Kept) -> None:
    """Every byte of headers, lists and small members; of texts that are the same in every file and
    of long members, as many as time allows, others at each run."""
    file = kept.take().file
    places = set(random.sample(range(len(file)), 400))
    places |= set(range(len(file) - 60, len(file))) | set(range(60))
    for name in ("checkpoint.txt", "words.json", "evidence.json"):
        start = file.index(unpack(file)[name])
        places |= set(range(start - 60, start + 120))
    for place in sorted(places):
        changed = bytearray(file)
        changed[place] ^= 1 << random.randrange(8)
        with contextlib.suppress(verify.Unreadable):
            assert not verify.verify(bytes(changed)).is_sound, place


def test_a_byte_altered_by_somebody_who_lists_and_packs_anew_is_found(kept: Kept) -> None:
    """In each member in turn. README and program prove nothing and are not believed either."""
    file = kept.take().file
    for name in unpack(file):
        if name in ("README.txt", "verify.py", "evidence.json"):
            continue
        for _ in range(12):
            def change(members: dict[str, bytes], said: dict[str, Any], name: str = name) -> None:
                body = bytearray(members[name])
                body[random.randrange(len(body))] ^= 1 << random.randrange(8)
                members[name] = bytes(body)
            assert not verify.verify(again(file, change)).is_sound, name


def swap(members: dict[str, bytes], said: dict[str, Any]) -> None:
    one, other = (each["file"] for each in said["entries"][:2])
    members[one], members[other] = members[other], members[one]


def drop_middle(members: dict[str, bytes], said: dict[str, Any]) -> None:
    del members[said["entries"][1]["file"]]
    del said["entries"][1]


def other_place(members: dict[str, bytes], said: dict[str, Any]) -> None:
    said["entries"][0]["index"] += 1


def other_proof(members: dict[str, bytes], said: dict[str, Any]) -> None:
    said["entries"][0]["proof"] = said["entries"][1]["proof"]


def other_tree(members: dict[str, bytes], said: dict[str, Any]) -> None:
    said["trees"][-1]["root"] = "00" * 32


def more(members: dict[str, bytes], said: dict[str, Any]) -> None:
    members["more.txt"] = b"more"


def stray_statement(members: dict[str, bytes], said: dict[str, Any]) -> None:
    members["statements/" + "0" * 64 + ".json"] = b"{}"


def no_words(members: dict[str, bytes], said: dict[str, Any]) -> None:
    words = json.loads(members["words.json"])
    members["words.json"] = verify.canonical(dict.fromkeys(words))


def no_statement(members: dict[str, bytes], said: dict[str, Any]) -> None:
    del members[next(name for name in members if name.startswith("statements/"))]


def no_enrolment(members: dict[str, bytes], said: dict[str, Any]) -> None:
    name = next(each["file"] for each in said["entries"] if "person-" in each["file"])
    del members[name]
    said["entries"] = [each for each in said["entries"] if each["file"] != name]


def strange_paper(members: dict[str, bytes], said: dict[str, Any]) -> None:
    members["document.pdf"] = b"%PDF-1.7"


@pytest.mark.parametrize(("change", "code"), [
    (swap, "entry_misnamed"), (drop_middle, "entry_missing"), (other_place, "not_included"),
    (other_proof, "not_included"), (other_tree, "not_extension"), (more, "member_strange"),
    (stray_statement, "member_strange"), (no_words, "words_gone"),
    (no_statement, "statement_gone"), (no_enrolment, "passkey_unknown"),
    (strange_paper, "document_unknown")])
def test_what_was_taken_away_or_put_in_its_place_is_named(
        kept: Kept, change: Callable[..., None], code: str) -> None:
    result = verify.verify(again(kept.take().file, change))
    assert code in codes(result, "bad")


def test_a_proof_for_another_tree_is_none(kept: Kept) -> None:
    """The checkpoint is a good one of this registry, but not that of the proofs."""
    def older(members: dict[str, bytes], said: dict[str, Any]) -> None:
        members["checkpoint.txt"] = kept.mails[2].encode()
    assert "not_included" in codes(verify.verify(again(kept.take().file, older)), "bad")


def test_a_whole_file_made_by_somebody_else_fails_at_the_key(kept: Kept) -> None:
    """Whoever makes all of it anew signs with another key: then the mail and the key tell."""
    theirs = Signer(kept.signer.name, Ed25519PrivateKey.generate())

    def forged(members: dict[str, bytes], said: dict[str, Any]) -> None:
        members["checkpoint.txt"] = str(theirs.sign(Note.parse(
            members["checkpoint.txt"].decode()).text)).encode()
        said["key"] = str(theirs.verifier)

    file = again(kept.take().file, forged)
    assert verify.verify(file).is_sound  # with itself alone; and it says so
    assert codes(verify.verify(file, against=kept.mails[2].encode()), "bad") == ["witness_unsigned"]
    assert codes(verify.verify(file, key=str(kept.signer.verifier)), "bad") == ["key_unknown"]


def test_nobody_slips_a_key_of_theirs_before_ours(kept: Kept, session: Session) -> None:
    """Made whole by somebody else, with an entry that our key came after theirs."""
    from registry.evidence.gathering import evidence_members
    from registry.ledger.checkpoints import latest_checkpoint
    from registry.ledger.entries import record
    from registry.ledger.keyring import key_chain

    theirs = Signer(kept.signer.name, Ed25519PrivateKey.generate())
    record(key_chain(), "key_replaced", by="system", at=NOW, content={
        "why": "lost", "old": str(theirs.verifier), "new": str(kept.signer.verifier),
        "handover": "", "size": 10**6, "until": 10**6, "confirmed": [], "held": []})
    kept.mail(7)
    last = latest_checkpoint()
    assert last is not None

    def forged(members: dict[str, bytes], said: dict[str, Any]) -> None:
        members["checkpoint.txt"] = str(theirs.sign(Note.parse(last.note).text)).encode()

    file = again(pack(evidence_members(kept.ticket.chain, last, kept.signer.verifier)), forged)
    result = verify.verify(file, key=str(kept.signer.verifier))
    assert "note_unsigned" in codes(result, "bad")


def test_a_truncated_history_says_that_it_cannot_tell(kept: Kept) -> None:
    """Nobody can prove that nothing followed; the mail shows a later state only by its own file."""
    file = kept.take().file
    hidden = sum(each.startswith("entries/ticket-") for each in unpack(file))

    def cut(members: dict[str, bytes], said: dict[str, Any]) -> None:
        name = f"entries/ticket-{kept.ticket.number}/{hidden:06d}.json"
        claims = json.loads(members.pop(name))["content"].get("signatures", ())
        said["entries"] = [each for each in said["entries"] if each["file"] != name]
        for claim in claims:
            for folder in ("statements", "proofs"):
                members.pop(f"{folder}/{claim['statement']}.json", None)
        left = b"".join(body for each, body in members.items() if each.startswith("entries/"))
        words = json.loads(members["words.json"])
        members["words.json"] = verify.canonical(
            {seal: kept for seal, kept in words.items() if seal.encode() in left})

    result = verify.verify(again(file, cut))
    assert result.is_sound
    assert "no_end" in codes(result, "limit")
