"""Signed notes are those of C2SP: a known note verifies, and no character of one is idle."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.ledger.note import (
    Checkpoint,
    Note,
    NoteError,
    Signer,
    Verifier,
    parse_signer,
    signer_text,
)

# The example in the documentation of the first implementation.
KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN_SECRET = ("PRIVATE+KEY+PeterNeumann+c74f20a3+"
                "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")
KNOWN_TEXT = ("If you think cryptography is the answer to your problem,\n"
              "then you don't know what your problem is.\n")
KNOWN_NOTE = (KNOWN_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1F"
              "FYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n")

SIGNER = Signer("registry.example/countersign", Ed25519PrivateKey.from_private_bytes(b"k" * 32))
ROOT = hashlib.sha256(b"root").digest()
CHECKPOINT = Checkpoint(SIGNER.name, 18204, ROOT, ("time 2026-11-24T05:30:00.000000Z",))


def test_a_note_of_another_implementation_verifies_and_is_signed_alike() -> None:
    verifier, signer = Verifier.parse(KNOWN_KEY), parse_signer(KNOWN_SECRET)

    assert verifier.has_signed(Note.parse(KNOWN_NOTE))
    assert str(signer.sign(KNOWN_TEXT)) == KNOWN_NOTE
    assert str(signer.verifier) == KNOWN_KEY
    assert signer_text(signer) == KNOWN_SECRET


def test_a_checkpoint_says_origin_size_and_root() -> None:
    lines = str(SIGNER.sign(str(CHECKPOINT))).split("\n")

    assert lines[:2] == ["registry.example/countersign", "18204"]
    assert len(lines[2]) == 44
    assert lines[4] == ""
    assert lines[5].startswith("— registry.example/countersign ")
    assert Checkpoint.parse(Note.parse("\n".join(lines)).text) == CHECKPOINT


def test_every_changed_character_of_a_note_is_noticed() -> None:
    written = str(SIGNER.sign(str(CHECKPOINT)))
    for at, old in enumerate(written):
        for new in "Aa0\n +":
            changed = written[:at] + new + written[at + 1:]
            if new != old:
                assert not holds(changed), f"{old!r} at {at} became {new!r}"


def test_a_note_with_anything_added_or_lost_is_noticed() -> None:
    written = str(SIGNER.sign(str(CHECKPOINT)))
    for at in range(len(written) + 1):
        assert not holds(written[:at] + "x" + written[at:])
        assert not holds(written[:at] + "\n" + written[at:])
        if at < len(written):
            assert not holds(written[:at] + written[at + 1:])


def holds(written: str) -> bool:
    """Whether the text is a note signed by our key that says the checkpoint."""
    try:
        note = Note.parse(written)
        return SIGNER.verifier.has_signed(note) and Checkpoint.parse(note.text) == CHECKPOINT
    except NoteError:
        return False


def test_a_signature_of_another_key_with_our_name_does_not_count() -> None:
    other = Signer(SIGNER.name, Ed25519PrivateKey.from_private_bytes(b"o" * 32))

    assert not SIGNER.verifier.has_signed(other.sign(str(CHECKPOINT)))


def test_a_second_signature_beside_ours_does_no_harm() -> None:
    ours, theirs = SIGNER.sign(KNOWN_TEXT), parse_signer(KNOWN_SECRET).sign(KNOWN_TEXT)
    both = Note.parse(str(Note(KNOWN_TEXT, theirs.signatures + ours.signatures)))

    assert SIGNER.verifier.has_signed(both)
    assert Verifier.parse(KNOWN_KEY).has_signed(both)


@pytest.mark.parametrize("text", [
    "origin\n", "origin\n12\n", "origin\n012\n{root}\n", "origin\n-1\n{root}\n",
    "origin\n12\nAAAA\n", "origin\n12\nnot base64\n", "\n12\n{root}\n", "origin\n12\n{root}\n\nx\n",
    "origin\n12\n{root}",
])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    root = str(CHECKPOINT).split("\n")[2]

    with pytest.raises(NoteError):
        Checkpoint.parse(text.format(root=root))


@pytest.mark.parametrize("text", [
    "", "name", "name+c74f20a3", KNOWN_KEY.replace("c74f", "c74e"),
    KNOWN_KEY.replace("ARpc", "AhpC"),
    KNOWN_KEY.replace("Peter", "Peter "), KNOWN_KEY[:-4],
])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Verifier.parse(text)
    with pytest.raises(NoteError):
        parse_signer("PRIVATE+KEY+" + text)


def test_only_whole_lines_are_signed() -> None:
    with pytest.raises(NoteError, match="line feed"):
        SIGNER.sign("no end")
