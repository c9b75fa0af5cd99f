"""Signed notes and checkpoints in the forms of C2SP (signed-note, tlog-checkpoint).

A note is text, a blank line, and lines ``— name base64(key id, signature)`` by Ed25519. A
checkpoint is a note that says origin, size and root of a tree. Reading is strict: what is written
in any other way than we would write it is refused, so no character is without meaning.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
SIGNATURE_SIZE = 64
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteError(ValueError):
    """The text is not a signed note or checkpoint; the message says what is wrong with it."""


@dataclass(frozen=True)
class Verifier:
    """Who may have signed: the key's name and the public key."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, line feed, type and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The key as it is handed out: ``name+key id+base64``."""
        return f"{self.name}+{self.key_id.hex()}+{_encode(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read ``name+key id+base64``. Raises NoteError."""
        name, key_id, key = _three_parts(text)
        verifier = cls(name, _key_bytes(key))
        if verifier.key_id.hex() != key_id:
            raise NoteError("the key's id does not belong to its name and key")
        return verifier

    def has_signed(self, note: Note) -> bool:
        """Whether one of the note's signatures is good and by this key."""
        key = Ed25519PublicKey.from_public_bytes(self.public)
        for name, key_id, signature in note.signatures:
            if name == self.name and key_id == self.key_id:
                try:
                    key.verify(signature, note.text.encode())
                except InvalidSignature:
                    return False
                return True
        return False


@dataclass(frozen=True)
class Signer:
    """Who signs: the key's name and the secret key. Never shown, never logged."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Note:
        """The note that says ``text`` (which ends in a line feed)."""
        if not text.endswith("\n"):
            raise NoteError("the text of a note ends in a line feed")
        signature = self.private.sign(text.encode())
        return Note(text, ((self.name, self.verifier.key_id, signature),))


@dataclass(frozen=True)
class Note:
    """A text and its signatures (name, key id, signature)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def __str__(self) -> str:
        lines = (f"— {name} {_encode(key_id + signature)}\n"
                 for name, key_id, signature in self.signatures)
        return f"{self.text}\n{''.join(lines)}"

    @classmethod
    def parse(cls, written: str) -> Note:
        """Read a signed note. Raises NoteError."""
        text, blank, tail = written.rpartition("\n\n")
        if not blank or not tail.endswith("\n"):
            raise NoteError("a signed note ends with a blank line and signatures")
        note = cls(text + "\n", tuple(_signature(line) for line in tail[:-1].split("\n")))
        if str(note) != written:
            raise NoteError("the note is not written as notes are")
        return note


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = _SIGNATURE_LINE.fullmatch(line)
    if found is None:
        raise NoteError("a line below the blank line is not a signature")
    both = _decode(found[2])
    if len(both) != 4 + SIGNATURE_SIZE:
        raise NoteError("a signature has 64 bytes after the key's id")
    return found[1], both[:4], both[4:]


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says: whose tree, of how many leaves, with which root, and more lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((self.origin, str(self.size), _encode(self.root), *self.extensions, ""))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a note as a checkpoint. Raises NoteError."""
        lines = text.split("\n")
        if len(lines) < 4 or "" in lines[:-1] or lines[-1] != "":
            raise NoteError("a checkpoint has a line each for origin, size and root")
        if _SIZE.fullmatch(lines[1]) is None:
            raise NoteError("the size of a checkpoint is a whole number")
        root = _decode(lines[2])
        if len(root) != hashlib.sha256().digest_size:
            raise NoteError("the root of a checkpoint has 32 bytes")
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:-1]))


def signer_text(signer: Signer) -> str:
    """The secret key as it is kept: ``PRIVATE+KEY+name+key id+base64``."""
    seed = _encode(ED25519 + signer.private.private_bytes_raw())
    return f"PRIVATE+KEY+{signer.name}+{signer.verifier.key_id.hex()}+{seed}"


def parse_signer(text: str) -> Signer:
    """Read ``PRIVATE+KEY+name+key id+base64``. Raises NoteError."""
    if not text.startswith("PRIVATE+KEY+"):
        raise NoteError("a secret key begins with PRIVATE+KEY+")
    name, key_id, key = _three_parts(text.removeprefix("PRIVATE+KEY+"))
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(_key_bytes(key)))
    if signer.verifier.key_id.hex() != key_id:
        raise NoteError("the key's id does not belong to its name and key")
    return signer


def _three_parts(text: str) -> tuple[str, str, str]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not parts[0] or re.search(r"\s", parts[0]):
        raise NoteError("a key is written name+key id+base64")
    return parts[0], parts[1], parts[2]


def _key_bytes(text: str) -> bytes:
    key = _decode(text)
    if key[:1] != ED25519 or len(key) != 33:
        raise NoteError("the key is not one of Ed25519")
    return key[1:]


def _encode(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decode(text: str) -> bytes:
    """Strict base64: Python would overlook the unused bits of the last character."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("this is not base64") from error
    if _encode(value) != text:
        raise NoteError("this is not base64 as it is written")
    return value
