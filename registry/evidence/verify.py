#!/usr/bin/env python3
"""Verify an evidence file of Countersign on any machine: Python 3.11 and ``cryptography``.

    python verify.py evidence-1042.zip [--against mail.eml | checkpoint.txt] [--key KEY] [--lang ru]

It checks the file against itself, against the registry's key, and against a checkpoint that
somebody kept outside the registry (the daily mail), and says what is proved and what is not.
Status 0: all of it agrees; 1: something does not; 2: there is nothing to check; 3: the file agrees
with itself, but neither a mail nor a noted key leads to it.

Nothing of Countersign is imported. How everything is computed: docs/verifying.md of the product.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

FORMAT = 1
LARGEST_FILE = 64 * 1024 * 1024
MOST_MEMBERS = 20_000
MOST_TREES = 2_000
MOST_LINES = 500  # more sentences nobody reads, and each is compared with those before it
LONGEST_NAME = 200
ZERO = "0" * 64
KEY_CHAIN = "key:registry"
REASONS = ("rotated", "lost", "stolen")  # why a key was replaced; each has its sentence
FILES = "attachments/"
NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,3}")
SEAL = re.compile(r"seal:[0-9a-f]{64}")
HEX = re.compile(r"[0-9a-f]{64}")
MOMENT = (1980, 1, 1, 0, 0, 0)


class Unreadable(ValueError):
    """There is nothing that could be checked; ``code`` names the sentence that says why."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class Bad(ValueError):
    """A part is not as it should be; ``code`` names the sentence."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


# --- the file ------------------------------------------------------------------------------------

def pack(members: Mapping[str, bytes]) -> bytes:
    """The file of these members: sorted, stored as they are, without clock or owner, so that the
    same evidence is the same bytes on every machine."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            member = zipfile.ZipInfo(name, MOMENT)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, members[name])
    return written.getvalue()


def unpack(file: bytes) -> dict[str, bytes]:
    """The members of the file. Raises Unreadable for anything that ``pack`` would not write."""
    if len(file) > LARGEST_FILE:
        raise Unreadable("too_large")
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            listed = archive.infolist()
            if len(listed) > MOST_MEMBERS:
                raise Unreadable("too_many")
            # What is stored as it is cannot be larger than the file: no bomb can be among it.
            if sum(each.file_size for each in listed) > len(file):
                raise Unreadable("not_evidence")
            for each in listed:
                if (each.compress_type != zipfile.ZIP_STORED or len(each.filename) > LONGEST_NAME
                        or NAME.fullmatch(each.filename) is None or each.filename in members):
                    raise Unreadable("not_evidence")
                members[each.filename] = archive.read(each)
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError,
            OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("damaged_file" if file[:2] == b"PK" else "not_evidence") from error
    if "evidence.json" not in members:
        raise Unreadable("not_evidence")
    return members


# --- hashes, trees, notes ------------------------------------------------------------------------

def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of texts, whole numbers, lists and objects with ASCII keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def sha256(value: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(value).hexdigest()


def leaf_hash(body: bytes) -> bytes:
    """RFC 6962: the hash of an entry, which is a leaf of the tree."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962: the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def seal_of(salt: str, words: str) -> str:
    """What an entry carries in place of words."""
    return "seal:" + sha256(f"{salt}\n{words}".encode())


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2: whether the proof leads from the leaf to the root."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(step, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def is_extension(old_size: int, size: int, old_root: bytes, root: bytes,
                 proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2: whether the tree begins with the older one."""
    if old_size == size:
        return not proof and old_root == root
    if not 0 < old_size < size:
        return False
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not path:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_node = node = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old_node, node = node_hash(step, old_node), node_hash(step, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old_node == old_root and node == root


def unbase64(text: str) -> bytes:
    """Base64 as it is written, no character without meaning. Raises ValueError."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError("this is not base64 as it is written")
    return value


@dataclass(frozen=True)
class Key:
    """A public key of the registry, written ``name+key id+base64`` (C2SP signed-note)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256 over name, line feed, type and key."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: object) -> Key:
        """Read a key. Raises ValueError."""
        name, key_id, key = str(text).strip().split("+", 2)
        public = unbase64(key)
        found = cls(name, public[1:])
        if len(public) != 33 or public[:1] != b"\x01" or found.id.hex() != key_id:
            raise ValueError("the parts of the key do not fit")
        return found


@dataclass(frozen=True)
class Note:
    """A signed note that is a checkpoint: a text over a tree, and one signature under it."""

    text: str
    name: str
    key_id: bytes
    signature: bytes
    size: int
    root: bytes

    @classmethod
    def parse(cls, written: str) -> Note:
        """Read a note. Raises ValueError."""
        text, blank, tail = written.rpartition("\n\n")
        found = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)\n", tail)
        lines = text.split("\n")
        if not blank or found is None or len(lines) < 3 or not re.fullmatch(
                r"0|[1-9][0-9]{0,17}", lines[1]):
            raise ValueError("this is not a checkpoint")
        both, root = unbase64(found[2]), unbase64(lines[2])
        if lines[0] != found[1] or len(both) != 68 or len(root) != 32:
            raise ValueError("this is not a checkpoint")
        return cls(text + "\n", found[1], both[:4], both[4:], int(lines[1]), root)

    def is_signed_by(self, key: Key) -> bool:
        """Whether the signature is good and by the key."""
        if (self.name, self.key_id) != (key.name, key.id):
            return False
        return _verifies(ed25519.Ed25519PublicKey.from_public_bytes(key.public), self.signature,
                         self.text.encode())


def _verifies(key: Any, signature: bytes, data: bytes) -> bool:
    """Whether the signature is good, by the kind of the key."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def find_note(kept: bytes) -> Note | None:
    """The checkpoint in a file of its own, or in a mail that carries ``checkpoint.txt``."""
    found = _as_note(kept)
    if found is not None:
        return found
    try:
        for part in message_from_bytes(kept, policy=policy.compat32).walk():
            if part.get_filename() == "checkpoint.txt":
                content = part.get_payload(decode=True)
                found = _as_note(content) if isinstance(content, bytes) else None
                if found is not None:
                    return found
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass  # no mail that a mail program wrote
    return None


def _as_note(kept: bytes) -> Note | None:
    try:
        return Note.parse(kept.decode("utf-8-sig").replace("\r\n", "\n").strip() + "\n")
    except ValueError:
        return None


# --- the keys ------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Tenure:
    """A key and the trees that it may sign: larger than ``after``, up to ``until``; later ones only
    where they are among ``confirmed``."""

    key: Key
    after: int = -1
    until: int | None = None
    confirmed: frozenset[tuple[int, str]] = frozenset()

    def may_sign(self, note: Note) -> bool:
        """Whether a note by this key is to be believed."""
        if self.after < note.size and (self.until is None or note.size <= self.until):
            return True
        return (note.size, note.root.hex()) in self.confirmed


def tenures_of(entries: Iterable[Mapping[str, Any]], current: Key) -> list[Tenure]:
    """The registry's keys in their order, as the entries of its key chain say. Raises Bad."""
    found: list[Tenure] = []
    after = -1
    new: Key | None = None
    for entry in entries:
        said = entry["content"]
        try:
            old, key = Key.parse(said["old"]), Key.parse(said["new"])
            confirmed = frozenset((each["size"], each["root"]) for each in said["confirmed"])
            size, until = int(said["size"]), int(said["until"])
            is_late = max(until, *(each for each, _ in confirmed), 0) > size
        except (KeyError, TypeError, ValueError) as error:
            raise Bad("key_history", seq=entry["seq"]) from error
        if said["why"] not in REASONS or new not in (None, old) or size < after or is_late or (
                said["why"] == "rotated" and not _is_handed_over(said, old)):
            raise Bad("key_history", seq=entry["seq"])
        found.append(Tenure(old, after, until, confirmed))
        after, new = size, key
    if new not in (None, current):
        raise Bad("key_other")
    return [*found, Tenure(current, after)]


def _is_handed_over(said: Mapping[str, Any], old: Key) -> bool:
    """Whether the old key has signed for the new one, after a tree of that size."""
    text, _, tail = str(said["handover"]).rpartition("\n\n")
    line = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)\n", tail)
    if line is None or text != f"{old.name}\nkey {said['new']}\nafter {said['size']}":
        return False
    try:
        both = unbase64(line[2])
    except ValueError:
        return False
    return line[1] == old.name and both[:4] == old.id and _verifies(
        ed25519.Ed25519PublicKey.from_public_bytes(old.public), both[4:], f"{text}\n".encode())


# --- what is found -------------------------------------------------------------------------------

@dataclass(frozen=True)
class Line:
    """One sentence: ``kind`` is good (proved), bad (does not agree), or limit (not proved)."""

    kind: str
    code: str
    params: Mapping[str, object]

    def text(self, language: str) -> str:
        """The sentence in English or Russian."""
        return spoken(self.code, self.params, language)


def spoken(code: str, params: Mapping[str, object], language: str) -> str:
    """The sentence of the code."""
    return SENTENCES[code][1 if language == "ru" else 0] % dict(params)


@dataclass
class Result:
    """All that was found."""

    chain: str = ""
    note: Note | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing disagrees."""
        return not any(each.kind == "bad" for each in self.lines)

    @property
    def is_anchored(self) -> bool:
        """Whether something from outside, a mail or a key, leads to the file."""
        return any(each.kind == "good" and each.code in ("witness", "key_noted")
                   for each in self.lines)

    def add(self, kind: str, code: str, **params: object) -> None:
        """Say one thing, once. Raises Bad where there is too much to say."""
        line = Line(kind, code, params)
        if line in self.lines:
            return
        self.lines.append(line)
        if len(self.lines) == MOST_LINES:
            raise Bad("and_more")


@dataclass
class Evidence:
    """What an evidence file holds, read and not yet judged."""

    members: Mapping[str, bytes]
    said: Mapping[str, Any]
    note: Note
    bodies: dict[str, bytes]
    entries: dict[str, dict[str, Any]]
    chains: dict[str, list[str]]
    places: dict[str, int]

    def of(self, chain: str) -> list[tuple[dict[str, Any], bytes]]:
        """The entries of a chain in the order of their files, each with its bytes."""
        return [(self.entries[name], self.bodies[name]) for name in self.chains.get(chain, ())]

    def place(self, entry: Mapping[str, Any]) -> int:
        """The entry's place in the tree: what came first, whatever the entries say of the time."""
        return self.places[entry_name(entry["chain"], entry["seq"])]


def verify(file: bytes, *, against: bytes | None = None, key: str = "") -> Result:
    """Check the file; ``against`` is a mail or checkpoint, ``key`` the public key as noted outside.

    Raises Unreadable where it is no evidence file, or no checkpoint, or no key.
    """
    noted = _noted(key) if key else None
    witness = find_note(against) if against is not None else None
    if against is not None and witness is None:
        raise Unreadable("no_checkpoint")
    result = Result()
    members = unpack(file)
    if pack(members) != file:
        result.add("bad", "not_as_packed")
    try:
        evidence = read(members)
        result.chain, result.note = str(evidence.said["chain"]), evidence.note
        _check_all(evidence, result, witness, noted)
    except Bad as error:
        result.add("bad", error.code, **error.params)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        result.add("bad", "unreadable_part")
    return result


def _check_all(evidence: Evidence, result: Result, witness: Note | None, noted: Key | None) -> None:
    check_files(evidence)
    check_tree(evidence, result)
    keys = check_keys(evidence, result, noted)
    check_chain(evidence, result)
    check_words(evidence, result)
    check_attachments(evidence, result)
    check_signatures(evidence, result)
    if witness is not None:
        check_witness(evidence, result, witness, keys)
    elif noted is None:
        result.add("limit", "only_itself", key=evidence.said["key"])
    result.add("limit", "not_truth")


def _noted(text: str) -> Key:
    try:
        return Key.parse(text)
    except (ValueError, binascii.Error) as error:
        raise Unreadable("bad_key") from error


def read(members: Mapping[str, bytes]) -> Evidence:
    """Read the members. Raises Bad."""
    said = _json("evidence.json", members)
    if said.get("format") != FORMAT:
        raise Bad("other_format")
    try:
        note = Note.parse(members["checkpoint.txt"].decode())
    except (KeyError, ValueError) as error:
        raise Bad("note_unreadable") from error
    bodies = {each["file"]: members[each["file"]] for each in said["entries"]}
    entries = {name: _json(name, members) for name in bodies}
    for name, entry in entries.items():
        if name != entry_name(entry["chain"], entry["seq"]):
            raise Bad("entry_misnamed", name=name)
    chains: dict[str, list[str]] = {}
    for name in sorted(entries):
        chains.setdefault(entries[name]["chain"], []).append(name)
    places = {each["file"]: each["index"] for each in said["entries"]}
    return Evidence(members, said, note, bodies, entries, chains, places)


def entry_name(chain: str, seq: int) -> str:
    """Under which name the file holds an entry."""
    return f"entries/{chain.replace(':', '-')}/{seq:06d}.json"


def _json(name: str, members: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        said = json.loads(members[name].decode())
    except (KeyError, ValueError, RecursionError) as error:
        raise Bad("member_unreadable", name=name) from error
    if not isinstance(said, dict) or canonical(said) != members[name]:
        raise Bad("member_unreadable", name=name)
    return said


def check_files(evidence: Evidence) -> None:
    """Every member is the one that the list names, and no other is there. Raises Bad."""
    listed: Mapping[str, str] = evidence.said["files"]
    if evidence.said.keys() != {"format", "chain", "key", "files", "entries", "trees"}:
        raise Bad("member_unreadable", name="evidence.json")
    for name in sorted({*listed, *evidence.members} - {"evidence.json"}):
        if name not in evidence.members:
            raise Bad("member_missing", name=name)
        if listed.get(name) != sha256(evidence.members[name]):
            raise Bad("member_changed", name=name)
    known = {"README.txt", "checkpoint.txt", "document.pdf", "evidence.json", "verify.py",
             "words.json", *evidence.bodies}
    for name in evidence.members:
        if name not in known and not name.startswith(("statements/", "proofs/", FILES)):
            raise Bad("member_strange", name=name)


def check_tree(evidence: Evidence, result: Result) -> None:
    """Every entry is a leaf of the signed tree, and every older tree is its beginning. Raises Bad
    at the first that is not: anybody may have a file checked, so none is to take long."""
    note, entries, trees = evidence.note, evidence.said["entries"], evidence.said["trees"]
    if len(entries) != len(evidence.bodies) or len(trees) > MOST_TREES:
        raise Bad("member_unreadable", name="evidence.json")
    for each in entries:
        if each.keys() != {"file", "index", "proof"}:
            raise Bad("member_unreadable", name="evidence.json")
        proof = [_hash(step) for step in each["proof"]]
        if not is_included(leaf_hash(evidence.bodies[each["file"]]), each["index"], note.size,
                           proof, note.root):
            raise Bad("not_included", name=each["file"])
    for each in trees:
        if each.keys() != {"size", "root", "proof"}:
            raise Bad("member_unreadable", name="evidence.json")
        proof = [_hash(step) for step in each["proof"]]
        if not is_extension(each["size"], note.size, _hash(each["root"]), note.root, proof):
            raise Bad("not_extension", size=each["size"])
    result.add("good", "included", count=len(entries), size=note.size)


def _hash(text: str) -> bytes:
    if not isinstance(text, str) or HEX.fullmatch(text) is None:
        raise Bad("member_unreadable", name="evidence.json")
    return bytes.fromhex(text)


def check_keys(evidence: Evidence, result: Result, noted: Key | None) -> list[Tenure]:
    """The checkpoint is signed by the registry's key, and that follows from the noted one."""
    entries = [entry for entry, _ in evidence.of(KEY_CHAIN)]
    _check_links(evidence, KEY_CHAIN)
    tenures = tenures_of(entries, Key.parse(evidence.said["key"]))
    # The tree holds every entry of the keys, so none but the last of them can have signed it.
    if not (evidence.note.is_signed_by(tenures[-1].key) and tenures[-1].may_sign(evidence.note)):
        result.add("bad", "note_unsigned")
        return tenures
    result.add("good", "note_signed", name=evidence.note.name, key_id=evidence.note.key_id.hex(),
               size=evidence.note.size, at=_made_at(evidence.note))
    for entry in entries:
        result.add("good" if entry["content"]["why"] == "rotated" else "limit",
                   f"key_{entry['content']['why']}", at=moment(entry["at"]))
    if noted is not None:
        _check_noted(entries, tenures, noted, result)
    return tenures


def _check_noted(entries: Sequence[Mapping[str, Any]], tenures: Sequence[Tenure], noted: Key,
                 result: Result) -> None:
    keys = [each.key for each in tenures]
    if noted not in keys:
        result.add("bad", "key_unknown", key=str(noted))
    elif all(each["content"]["why"] == "rotated" for each in entries[keys.index(noted):]):
        result.add("good", "key_noted")
    else:
        result.add("limit", "key_unproven")


def moment(stamp: str) -> str:
    """A time as people read it: ``2026-11-24 07:40 UTC``."""
    return f"{stamp[:10]} {stamp[11:16]} UTC"


def _made_at(note: Note) -> str:
    found = re.search(r"^time (.*)$", note.text, re.MULTILINE)
    return moment(found[1]) if found else "?"


def _check_links(evidence: Evidence, chain: str) -> None:
    """The chain is whole: numbered from 1, each entry naming the one before. Raises Bad."""
    before = ZERO
    for number, (entry, body) in enumerate(evidence.of(chain), start=1):
        if entry["seq"] != number:
            raise Bad("entry_missing", chain=chain, seq=number)
        if entry["prev"] != before:
            raise Bad("entry_unlinked", chain=chain, seq=number)
        before = leaf_hash(body).hex()


def check_chain(evidence: Evidence, result: Result) -> None:
    """The history itself. That it goes on after its last entry cannot be told from here."""
    chain = evidence.said["chain"]
    entries = evidence.of(chain)
    if not entries:
        raise Bad("entry_missing", chain=chain, seq=1)
    _check_links(evidence, chain)
    result.add("good", "chain", chain=chain, count=len(entries), at=moment(entries[-1][0]["at"]))
    document = evidence.members.get("document.pdf")
    if document is not None:
        named = any(
            entry["kind"] == "document_made" and entry["content"]["about"] == chain
            and entry["content"]["digest"] == sha256(document)
            for entry in evidence.entries.values())
        result.add("good" if named else "bad", "document" if named else "document_unknown")
    result.add("limit", "no_end")


def seals_in(value: object) -> Iterator[str]:
    """Every seal anywhere in a content."""
    if isinstance(value, str):
        if SEAL.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from seals_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from seals_in(each)


def check_words(evidence: Evidence, result: Result) -> None:
    """The words fit their seals, or an entry says that they were erased by law."""
    words = _json("words.json", evidence.members)
    entries = [entry for entry, _ in evidence.of(evidence.said["chain"])]
    erased = {seal for entry in entries if entry["kind"] == "words_erased"
              for seal in entry["content"]["erased"]}
    named = {seal for entry in entries for seal in seals_in(entry["content"])}
    if named != words.keys():
        raise Bad("words_missing", count=len(named ^ words.keys()))
    for seal, kept in words.items():
        if kept is None:
            if seal not in erased:
                result.add("bad", "words_gone", seal=seal[5:13])
        elif kept.keys() != {"salt", "words"} or seal_of(kept["salt"], kept["words"]) != seal:
            result.add("bad", "words_changed", seal=seal[5:13])
        elif seal in erased:
            result.add("bad", "words_kept", seal=seal[5:13])
    gone = sum(each is None for each in words.values())
    if result.is_sound:
        result.add("good", "words", count=len(words) - gone)
    if gone:
        result.add("limit", "words_erased", count=gone)


def files_of(entries: Iterable[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """The digests of the files that the entries attach, and of those that the law has taken."""
    attached, erased = set(), set()
    for entry in entries:
        if entry["kind"] == "file_attached":
            attached.add(str(entry["content"]["digest"]))
        elif entry["kind"] == "words_erased":
            erased |= set(entry["content"].get("files", ()))
    return attached, erased & attached


def check_attachments(evidence: Evidence, result: Result) -> None:
    """Files that lie in it are those that the entries name by their digests."""
    attached, erased = files_of(entry for entry, _ in evidence.of(evidence.said["chain"]))
    held = {name.removeprefix(FILES): body for name, body in evidence.members.items()
            if name.startswith(FILES)}
    for digest, body in held.items():
        if digest not in attached:
            raise Bad("member_strange", name=FILES + digest)
        if digest in erased:
            result.add("bad", "attachment_kept", digest=digest[:8])
        elif sha256(body) != digest:
            result.add("bad", "attachment_changed", digest=digest[:8])
    if held and result.is_sound:
        result.add("good", "attachments", count=len(held))
    absent = attached - erased - held.keys()
    if absent:
        result.add("limit", "attachments_absent", count=len(absent))
    if erased:
        result.add("limit", "attachments_erased", count=len(erased))


# --- signatures ----------------------------------------------------------------------------------

def check_signatures(evidence: Evidence, result: Result) -> None:
    """Every signature that the history names stands under its statement; by what it was made."""
    chain = evidence.said["chain"]
    before = {ZERO}
    used: set[str] = set()
    counts: dict[str, int] = {}
    emptied = {each["statement"]: each for entry, _ in evidence.of(chain)
               if entry["kind"] == "words_erased"
               for each in entry["content"].get("statements", ())}
    for entry, body in evidence.of(chain):
        for claim in entry["content"].get("signatures", ()):
            parts = {f"statements/{claim['statement']}.json", f"proofs/{claim['statement']}.json"}
            if parts & used:
                raise Bad("statement_twice", seq=entry["seq"], statement=claim["statement"][:8])
            used |= parts
            fault = _fault_of(evidence, entry, claim, before, emptied)
            if fault:
                result.add("bad", fault, seq=entry["seq"], statement=claim["statement"][:8])
            else:
                counts[claim["method"]] = counts.get(claim["method"], 0) + 1
        before.add(leaf_hash(body).hex())
    for name in evidence.members:
        if name.startswith(("statements/", "proofs/")) and name not in used:
            raise Bad("member_strange", name=name)
    _count_signatures(result, counts)
    if emptied:
        result.add("limit", "statements_erased", count=len(emptied))


def _count_signatures(result: Result, counts: Mapping[str, int]) -> None:
    for method, count in sorted(counts.items()):
        known = method if method in ("passkey", "password", "demo") else "other"
        result.add("good" if known == "passkey" else "limit", f"by_{known}", count=count,
                   method=method)
        if known == "passkey":
            result.add("limit", "passkey_whose")
    if counts and result.is_sound:
        result.add("good", "statements", count=sum(counts.values()))


def _fault_of(evidence: Evidence, entry: Mapping[str, Any], claim: Mapping[str, str],
              before: set[str], emptied: Mapping[str, Any]) -> str:
    """What is wrong with a signature; empty where nothing is."""
    digest = claim["statement"]
    proof = _json(f"proofs/{digest}.json", evidence.members)
    if sha256(canonical(proof)) != claim["proof"] or proof.get("method") != claim["method"]:
        return "proof_changed"
    statement = evidence.members.get(f"statements/{digest}.json")
    if statement is None:
        if digest not in emptied:
            return "statement_gone"
    elif digest in emptied:
        return "statement_kept"
    elif sha256(statement) != digest:
        return "statement_changed"
    elif not _is_of(_json(f"statements/{digest}.json", evidence.members), claim,
                    str(evidence.said["chain"]), before):
        return "statement_other"
    if claim["method"] == "passkey":
        return _passkey_fault(claim, proof) or (
            "" if _is_enrolled(evidence, entry, claim, proof) else "passkey_unknown")
    return ""


def _is_of(said: Mapping[str, Any], claim: Mapping[str, str], chain: str, before: set[str]) -> bool:
    """Whether the statement is the one that the entry means: same person, meaning, time, ticket,
    and signed over an entry that stood before."""
    return said["head"] in before and said["chain"] == chain and all(
        said[name] == claim[kept] for name, kept in (
            ("signer", "by"), ("for", "for"), ("meaning", "meaning"), ("role", "role"),
            ("at", "at")))


def challenge_of(statements: Sequence[str]) -> bytes:
    """What a passkey is asked to answer: the one statement's hash, or the hash of their list."""
    if len(statements) == 1:
        return bytes.fromhex(statements[0])
    return hashlib.sha256(canonical(statements)).digest()


def _passkey_fault(claim: Mapping[str, str], proof: Mapping[str, Any]) -> str:
    """What is wrong with a signature by a passkey; empty where nothing is."""
    try:
        answer = unbase64(proof["authenticator_data"])
        client = unbase64(proof["client_data"])
        key = load_der_public_key(unbase64(proof["key"]))
        signature = unbase64(proof["signature"])
        said = json.loads(client)
        challenge = base64.urlsafe_b64decode(said["challenge"] + "==")
    except (KeyError, TypeError, ValueError, UnsupportedAlgorithm):
        return "passkey_unreadable"
    statements = proof["statements"]
    if claim["statement"] not in statements or challenge != challenge_of(statements) or (
            said["type"] != "webauthn.get"):
        return "passkey_other"
    relying = hashlib.sha256(proof["relying"].encode()).digest()
    # Bit 0: somebody was there; bit 2: the device has made sure who.
    if answer[:32] != relying or len(answer) < 37 or answer[32] & 5 != 5:
        return "passkey_other"
    if not _verifies(key, signature, answer + hashlib.sha256(client).digest()):
        return "passkey_unsigned"
    return ""


def _is_enrolled(evidence: Evidence, signing: Mapping[str, Any], claim: Mapping[str, str],
                 proof: Mapping[str, Any]) -> bool:
    """Whether the signer's own chain names the key as theirs at that time, and did so before."""
    is_theirs = False
    for entry, _ in evidence.of(claim["by"]):
        said = entry["content"]
        if said.get("credential") == proof["credential"] and entry["at"] <= claim["at"]:
            if entry["kind"] == "passkey_enrolled":
                is_theirs = (said["key"] == proof["key"] and said["relying"] == proof["relying"]
                             and evidence.place(entry) < evidence.place(signing))
            elif entry["kind"] == "passkey_revoked":
                is_theirs = False
    return is_theirs


# --- the witness ---------------------------------------------------------------------------------

def check_witness(evidence: Evidence, result: Result, witness: Note, keys: Sequence[Tenure]
                  ) -> None:
    """What was kept outside: was this history in the tree that it covers, and how much of it?"""
    if not any(witness.is_signed_by(each.key) and each.may_sign(witness) for each in keys):
        result.add("bad", "witness_unsigned")
        return
    trees = {each["size"]: _hash(each["root"]) for each in evidence.said["trees"]}
    trees[evidence.note.size] = evidence.note.root
    if witness.size > evidence.note.size:
        result.add("limit", "witness_later")
        return
    if witness.size not in trees:
        result.add("limit", "witness_elsewhere", size=witness.size)
        return
    if trees[witness.size] != witness.root:
        result.add("bad", "witness_other", size=witness.size)
        return
    chain = evidence.said["chain"]
    own = [each["index"] for each in evidence.said["entries"]
           if evidence.entries[each["file"]]["chain"] == chain]
    count = sum(index < witness.size for index in own)
    at = _made_at(witness)
    if count:
        result.add("good", "witness", count=count, of=len(own), at=at)
    else:
        result.add("limit", "witness_earlier", at=at)


# --- the sentences -------------------------------------------------------------------------------

SENTENCES: dict[str, tuple[str, str]] = {
    # nothing to check
    "too_large": (
        "The file is too large for an evidence file.",
        "Файл слишком велик для файла свидетельств."),
    "too_many": (
        "The file has too many parts for an evidence file.",
        "В файле слишком много частей для файла свидетельств."),
    "not_evidence": (
        "This is not an evidence file of Countersign.",
        "Это не файл свидетельств Countersign."),
    "damaged_file": (
        "The file is damaged: it cannot be read to its end.",
        "Файл повреждён: его нельзя прочесть до конца."),
    "no_checkpoint": (
        "What you brought to compare with is neither a checkpoint nor a mail that carries one.",
        "То, с чем нужно сравнить, — не контрольная точка и не письмо с ней."),
    "bad_key": (
        "The key is not written as public keys are: name+id+base64.",
        "Ключ записан не так, как пишутся открытые ключи: имя+номер+base64."),
    # the file
    "not_as_packed": (
        "The file is not packed as Countersign packs it: something was changed, added or taken "
        "away.",
        "Файл упакован не так, как его упаковывает Countersign: что-то изменено, добавлено или "
        "убрано."),
    "other_format": (
        "The file is of a newer form than this program knows.",
        "Файл более нового вида, чем знает эта программа."),
    "unreadable_part": ("A part of the file cannot be read.", "Часть файла нельзя прочесть."),
    "member_unreadable": (
        "The part %(name)s is not written as it was.",
        "Часть %(name)s записана не так, как была."),
    "member_missing": ("The part %(name)s is missing.", "Нет части %(name)s."),
    "member_changed": ("The part %(name)s was changed.", "Часть %(name)s изменена."),
    "member_strange": (
        "The part %(name)s does not belong here.",
        "Части %(name)s здесь быть не должно."),
    "entry_misnamed": (
        "The entry %(name)s stands under a wrong name.",
        "Запись %(name)s стоит под чужим именем."),
    # tree, keys
    "note_unreadable": ("The checkpoint cannot be read.", "Контрольную точку нельзя прочесть."),
    "not_included": (
        "The entry %(name)s is not in the tree that was signed.",
        "Записи %(name)s нет в подписанном дереве."),
    "not_extension": (
        "The signed tree does not begin with that of %(size)s entries.",
        "Подписанное дерево не начинается с дерева из %(size)s записей."),
    "included": (
        "Each of the %(count)s entries here is in the registry's tree of %(size)s entries.",
        "Каждая из записей здесь (%(count)s) есть в дереве реестра из %(size)s записей."),
    "note_unsigned": (
        "The checkpoint is not signed by the registry's key, or by one that could not sign it "
        "any more.",
        "Контрольная точка подписана не ключом реестра или ключом, который уже не мог её "
        "подписать."),
    "note_signed": (
        "That tree is signed by the key of %(name)s (%(key_id)s), %(at)s.",
        "Это дерево подписано ключом %(name)s (%(key_id)s), %(at)s."),
    "key_history": (
        "Entry %(seq)s of the registry's keys does not follow: the old key has not signed for "
        "the new one.",
        "Запись %(seq)s о ключах реестра не сходится: старый ключ не подписал новый."),
    "key_other": (
        "The key named here is not the last of the registry's keys.",
        "Названный здесь ключ — не последний из ключей реестра."),
    "key_rotated": (
        "On %(at)s the registry changed its key; the old one signed for the new one.",
        "%(at)s реестр сменил ключ; старый ключ подписал новый."),
    "key_lost": (
        "On %(at)s the registry replaced a lost key: nothing but mails kept outside leads from "
        "the old key to the new one.",
        "%(at)s реестр заменил потерянный ключ: от старого ключа к новому ведут только письма, "
        "сохранённые вне реестра."),
    "key_stolen": (
        "On %(at)s the registry replaced a stolen key: what the old one signed after the theft "
        "is believed only where mails confirmed it.",
        "%(at)s реестр заменил украденный ключ: тому, что старый подписал после кражи, верят, "
        "только если это подтвердили письма."),
    "key_noted": (
        "The key that you noted is the registry's, and leads to the one that signed.",
        "Записанный вами ключ — ключ реестра и ведёт к тому, которым подписано."),
    "key_unknown": (
        "The key that you noted is none of this registry's.",
        "Записанный вами ключ — не ключ этого реестра."),
    "key_unproven": (
        "The key that you noted was lost or stolen later and signed for no other: bring a mail "
        "as well.",
        "Записанный вами ключ потом потеряли или украли, и новый им не подписан: возьмите ещё и "
        "письмо."),
    "only_itself": (
        "You brought neither a mail nor a key: so far the file agrees only with itself. Compare "
        "with an old morning mail (--against), or see that this is the key that you noted: "
        "%(key)s",
        "Вы не взяли ни письма, ни ключа: пока файл сходится только сам с собой. Сравните со "
        "старым утренним письмом (--against) или проверьте, что записан был именно этот ключ: "
        "%(key)s"),
    # the history
    "entry_missing": ("Entry %(seq)s of %(chain)s is missing.", "Нет записи %(seq)s в %(chain)s."),
    "entry_unlinked": (
        "Entry %(seq)s of %(chain)s does not follow from the one before it.",
        "Запись %(seq)s в %(chain)s не следует из предыдущей."),
    "chain": (
        "The history %(chain)s is whole up to entry %(count)s, of %(at)s: none is missing, changed "
        "or slipped in.",
        "История %(chain)s цела до записи %(count)s, от %(at)s: ни одна не пропала, не изменена и "
        "не вставлена."),
    "no_end": (
        "Whether the history went on after that, this file cannot tell.",
        "Продолжалась ли история потом, по этому файлу не узнать."),
    "document": (
        "The document (document.pdf) is the one that the registry made of this history.",
        "Документ (document.pdf) — тот самый, который реестр сделал из этой истории."),
    "document_unknown": (
        "The document (document.pdf) is not one that the registry made of this history.",
        "Документ (document.pdf) — не тот, который реестр сделал из этой истории."),
    "words_missing": (
        "Sealed words do not match the history: %(count)s.",
        "Запечатанные слова не соответствуют истории: %(count)s."),
    "words_changed": (
        "Sealed words were changed: %(seal)s.",
        "Запечатанные слова изменены: %(seal)s."),
    "words_gone": (
        "Sealed words are gone, and no entry says that they were erased: %(seal)s.",
        "Запечатанных слов нет, и ни одна запись не говорит, что их стёрли: %(seal)s."),
    "words_kept": (
        "Words are here that an entry calls erased: %(seal)s.",
        "Здесь есть слова, которые запись называет стёртыми: %(seal)s."),
    "words": (
        "The words in it, %(count)s, are those that were sealed when they were written.",
        "Слова в ней (%(count)s) — те самые, что были запечатаны при записи."),
    "words_erased": (
        "Words that were erased by law, as the history says: %(count)s. They cannot be read "
        "again; the history holds without them.",
        "Слов, стёртых по закону, как сказано в истории: %(count)s. Прочесть их больше нельзя; "
        "история верна и без них."),
    # files
    "attachment_changed": (
        "The attached file %(digest)s was changed.",
        "Вложенный файл %(digest)s изменён."),
    "attachment_kept": (
        "The attached file %(digest)s is here, but an entry calls it erased.",
        "Вложенный файл %(digest)s здесь, но запись называет его стёртым."),
    "attachments": (
        "The attached files, %(count)s, are byte for byte those that the history names.",
        "Вложенные файлы (%(count)s) байт в байт те, которые называет история."),
    "attachments_absent": (
        "Attached files that are not in this file: %(count)s. Whoever has one can compare its "
        "SHA-256 with the entry.",
        "Вложенных файлов, которых здесь нет: %(count)s. У кого такой есть, может сравнить его "
        "SHA-256 с записью."),
    "attachments_erased": (
        "Attached files that were erased by law, as the history says: %(count)s.",
        "Вложенных файлов, стёртых по закону, как сказано в истории: %(count)s."),
    # signatures
    "statement_gone": (
        "Entry %(seq)s: the signed statement %(statement)s is missing.",
        "Запись %(seq)s: нет подписанного заявления %(statement)s."),
    "statement_kept": (
        "Entry %(seq)s: the statement %(statement)s is here, but an entry calls it erased.",
        "Запись %(seq)s: заявление %(statement)s здесь, но запись называет его стёртым."),
    "statement_twice": (
        "Entry %(seq)s: the statement %(statement)s is signed in another place already.",
        "Запись %(seq)s: заявление %(statement)s уже подписано в другом месте."),
    "statement_changed": (
        "Entry %(seq)s: the signed statement %(statement)s was changed.",
        "Запись %(seq)s: подписанное заявление %(statement)s изменено."),
    "statement_other": (
        "Entry %(seq)s: the statement %(statement)s is not the one that the entry means.",
        "Запись %(seq)s: заявление %(statement)s — не то, о котором запись."),
    "proof_changed": (
        "Entry %(seq)s: the proof of the signature %(statement)s was changed.",
        "Запись %(seq)s: доказательство подписи %(statement)s изменено."),
    "passkey_unreadable": (
        "Entry %(seq)s: the passkey's answer to %(statement)s cannot be read.",
        "Запись %(seq)s: ответ ключа доступа на %(statement)s нельзя прочесть."),
    "passkey_other": (
        "Entry %(seq)s: the passkey answered to something else than %(statement)s.",
        "Запись %(seq)s: ключ доступа ответил не на %(statement)s."),
    "passkey_unsigned": (
        "Entry %(seq)s: the statement %(statement)s is not signed by the passkey.",
        "Запись %(seq)s: заявление %(statement)s не подписано ключом доступа."),
    "passkey_unknown": (
        "Entry %(seq)s: the passkey under %(statement)s was not the signer's at that time.",
        "Запись %(seq)s: ключ доступа под %(statement)s не был тогда ключом подписавшего."),
    "statements": (
        "The signatures, %(count)s, stand under the very statements that were shown.",
        "Подписи (%(count)s) стоят под теми самыми заявлениями, которые были показаны."),
    "statements_erased": (
        "Signed statements that were erased by law, as the history says: %(count)s. Who signed, "
        "when and what it meant stays.",
        "Подписанных заявлений, стёртых по закону, как сказано в истории: %(count)s. Кто, когда "
        "и в каком смысле подписал, осталось."),
    "by_passkey": (
        "Signatures by passkey: %(count)s. Each was made for that very statement by the key that "
        "was entered as the signer's before; without that key nobody could make it.",
        "Подписей ключом доступа: %(count)s. Каждая сделана именно под этим заявлением тем ключом, "
        "который ещё раньше записан за подписавшим; без этого ключа её не мог сделать никто."),
    "passkey_whose": (
        "Whose passkey it is, only an entry of the registry says; and that no revocation of it was "
        "left out, this file cannot tell.",
        "Чей это ключ доступа, говорит только запись реестра; не опущен ли его отзыв, по этому "
        "файлу не узнать."),
    "by_password": (
        "Signatures by password: %(count)s. They prove only that the registry said so then: "
        "whoever runs the registry could have written them.",
        "Подписей паролем: %(count)s. Они доказывают только, что так сказал тогда реестр: их "
        "мог бы записать тот, кто им управляет."),
    "by_demo": (
        "Signatures of the demonstration: %(count)s. Nobody signed.",
        "Подписей демонстрации: %(count)s. Никто не подписывал."),
    "by_other": (
        "Signatures by “%(method)s”: %(count)s. They prove only that the registry said so then.",
        "Подписей способом «%(method)s»: %(count)s. Они доказывают только, что так сказал тогда "
        "реестр."),
    "not_truth": (
        "That what was written is true, no file can prove; nor who sat before the screen.",
        "Что написанное — правда, не докажет никакой файл; не докажет и кто сидел перед экраном."),
    # the witness
    "witness_unsigned": (
        "The checkpoint that you brought is not signed by this registry's key, or by one that "
        "could not sign it any more.",
        "Принесённая вами контрольная точка подписана не ключом этого реестра или ключом, "
        "который уже не мог её подписать."),
    "witness_other": (
        "The tree of %(size)s entries in your mail is NOT the one from which this file was "
        "taken: the history was changed.",
        "Дерево из %(size)s записей в вашем письме — НЕ то, из которого взят этот файл: историю "
        "изменили."),
    "witness": (
        "Your mail of %(at)s covers the first %(count)s of the %(of)s entries: they stood there "
        "then exactly as they stand here, and nobody could have changed them since.",
        "Ваше письмо от %(at)s покрывает первые %(count)s из %(of)s записей: тогда они были "
        "точно такими, как здесь, и с тех пор никто не мог их изменить."),
    "witness_later": (
        "Your mail is later than this file. Have a new evidence file made, or bring an older "
        "mail.",
        "Ваше письмо позже этого файла. Попросите новый файл свидетельств или возьмите письмо "
        "постарше."),
    "witness_earlier": (
        "Your mail of %(at)s was made before this history began; it says nothing of it. Bring a "
        "later one.",
        "Ваше письмо от %(at)s составлено раньше, чем началась эта история; о ней оно ничего не "
        "говорит. Возьмите письмо попозже."),
    "witness_elsewhere": (
        "This file has no proof for the tree of %(size)s entries in your mail. Bring another "
        "mail, of a time after this history began.",
        "В этом файле нет доказательства для дерева из %(size)s записей в вашем письме. "
        "Возьмите другое письмо, позже начала этой истории."),
    # the end
    "sound": ("EVERYTHING AGREES.", "ВСЁ СХОДИТСЯ."),
    "alone": (
        "THE FILE AGREES WITH ITSELF. Nothing from outside leads to it yet.",
        "ФАЙЛ СХОДИТСЯ САМ С СОБОЙ. Ничто извне к нему пока не ведёт."),
    "unsound": (
        "NOT EVERYTHING AGREES. Believe nothing in this file.",
        "СХОДИТСЯ НЕ ВСЁ. Не верьте ничему в этом файле."),
    "and_more": (
        "There is more that would have to be told; this is enough.",
        "Сказать пришлось бы ещё многое; довольно и этого."),
    "head_good": ("What is proved:", "Что доказано:"),
    "head_limit": ("What is not proved:", "Что не доказано:"),
    "head_bad": ("What does not agree:", "Что не сходится:"),
}


def report(result: Result, language: str) -> str:
    """All of it as text."""
    head = "unsound" if not result.is_sound else "sound" if result.is_anchored else "alone"
    written = [spoken(head, {}, language)]
    for kind in ("bad", "good", "limit") if result.is_sound else ("bad",):
        lines = [each.text(language) for each in result.lines if each.kind == kind]
        if lines:
            written += ["", spoken(f"head_{kind}", {}, language), *(f"- {each}" for each in lines)]
    return "\n".join(written)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; gives the status."""
    parser = argparse.ArgumentParser(description="Verify an evidence file of Countersign.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--against", type=Path, help="a morning mail, or its checkpoint.txt")
    parser.add_argument("--key", default="", help="the registry's public key as you noted it")
    parser.add_argument("--lang", choices=("en", "ru"))
    given = parser.parse_args(arguments)
    spoken_here = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    language = given.lang or ("ru" if spoken_here.startswith("ru") else "en")
    try:
        if given.file.stat().st_size > LARGEST_FILE:
            raise Unreadable("too_large")
        kept = given.against.read_bytes() if given.against else None
        result = verify(given.file.read_bytes(), against=kept, key=given.key)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Unreadable as error:
        sys.stderr.write(f"{spoken(error.code, error.params, language)}\n")
        return 2
    sys.stdout.write(f"{report(result, language)}\n")
    if not result.is_sound:
        return 1
    return 0 if result.is_anchored else 3


if __name__ == "__main__":
    sys.exit(main())
