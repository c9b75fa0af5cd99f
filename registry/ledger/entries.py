"""Appending to the ledger and reading it back: the only road into ``ledger_entry``.

The body is canonical JSON (RFC 8785) of strings and integers; times are text with
microseconds. The hash of an entry is its RFC 6962 leaf hash, so chain and tree share it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import select

from registry.core.db import db
from registry.ledger.models import Chained, LedgerEntry, LedgerPending, SealedText

FORMAT = 1
MOST_INTEGER = 2**53 - 1
SEAL = "seal:"
ERASED = "words_erased"
_SEAL = re.compile(SEAL + r"[0-9a-f]{64}")


def stamp(moment: datetime) -> str:
    """The moment as text of fixed precision, in UTC: ``2026-11-24T07:40:00.000000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The reverse of ``stamp``."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def canonical(value: Any) -> bytes:
    """Canonical JSON of strings, integers, lists and objects.

    For these the encoder of the standard library writes the same bytes in a fifth of the time;
    whatever else there may be goes to the library that knows the whole of RFC 8785.
    """
    if not _is_plain(value):
        return rfc8785.dumps(value)
    return _plain_encoder.encode(value).encode()


_plain_encoder = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _is_plain(value: Any) -> bool:
    """Whether JSON has one way of writing it: keys of ASCII sort alike by code and by UTF-16, and
    whole numbers up to 2**53 are written as they are."""
    kind = type(value)
    if kind is str:
        return True
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(each)
                   for key, each in value.items())
    if kind is int:
        return -MOST_INTEGER <= value <= MOST_INTEGER
    return kind is list and all(map(_is_plain, value))


def leaf_hash(body: bytes) -> str:
    """RFC 6962: SHA-256 over a zero byte and the leaf, as hex."""
    return hashlib.sha256(b"\x00" + body).hexdigest()


def record(
    owner: Chained, kind: str, *, by: str, at: datetime, content: Mapping[str, Any]
) -> LedgerEntry:
    """Append one entry to the owner's chain and move the owner's head.

    ``by`` is ``person:12`` or ``system``; ``content`` holds strings, integers, lists and
    objects only. Two people who act at once collide at the flush (see ``atomic``). Raises
    ValueError for a text that looks like a seal but is none: ``verify`` would miss its words.
    """
    _refuse_false_seals(content)
    entry = LedgerEntry(**entry_values(owner.chain, owner.head_seq + 1, owner.head_hash, kind,
                                       by=by, at=at, content=content))
    owner.head_seq, owner.head_hash = entry.seq, entry.hash
    db.session.add(entry)
    db.session.add(LedgerPending(chain=entry.chain, seq=entry.seq))
    return entry


def entry_values(
    chain: str, seq: int, prev_hash: str, kind: str, *, by: str, at: datetime,
    content: Mapping[str, Any],
) -> dict[str, Any]:
    """The columns of the entry that stands at ``seq`` in ``chain``, body and hash among them.

    Writes nothing: ``record`` appends one, an import of history writes thousands at once.
    """
    body = canonical({
        "v": FORMAT, "chain": chain, "seq": seq, "at": stamp(at), "kind": kind, "by": by,
        "content": content, "prev": prev_hash,
    })
    return {"chain": chain, "seq": seq, "at": at, "kind": kind, "actor": by, "body": body,
            "prev_hash": prev_hash, "hash": leaf_hash(body)}


def seals_in(value: object) -> Iterator[str]:
    """Every seal anywhere in a content."""
    if isinstance(value, str):
        if _SEAL.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from seals_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from seals_in(each)


def _refuse_false_seals(content: Mapping[str, Any]) -> None:
    found = set(seals_in(content))
    if found:
        found -= {row.seal for row in db.session.new if isinstance(row, SealedText)}
    if found:
        query = select(SealedText.seal).where(SealedText.seal.in_(found))
        with db.session.no_autoflush:
            found -= set(db.session.scalars(query))
    if found:
        raise ValueError(f"no words are kept under {min(found)}")


def content_of(entry: LedgerEntry) -> dict[str, Any]:
    """What the entry says, as it was hashed."""
    content: dict[str, Any] = json.loads(entry.body)["content"]
    return content


def entries_of(chain: str) -> list[LedgerEntry]:
    """The chain's entries in their order."""
    query = select(LedgerEntry).where(LedgerEntry.chain == chain).order_by(LedgerEntry.seq)
    return list(db.session.scalars(query))


def seals_of(chain: str) -> set[str]:
    """Every seal that the chain's entries name."""
    return {seal for entry in entries_of(chain) for seal in seals_in(content_of(entry))}


def seal(words: str) -> str:
    """Keep ``words`` outside the ledger; return what the entry carries in their place.

    Empty words need no row: their seal is the empty string.
    """
    if not words:
        return ""
    salt = secrets.token_hex(16)
    sealed = SealedText(seal=seal_of(salt, words), salt=salt, words=words)
    db.session.add(sealed)
    return sealed.seal


def seal_of(salt: str, words: str) -> str:
    """``seal:`` and SHA-256 over the salt, a line feed and the words, as hex.

    The prefix lets ``verify`` find every seal in an entry, whatever the area calls its fields.
    """
    return SEAL + hashlib.sha256(f"{salt}\n{words}".encode()).hexdigest()


def erase(
    owner: Chained, seals: Iterable[str], *, by: str, at: datetime, reason: str,
    **further: Any,
) -> LedgerEntry:
    """Erase the words behind ``seals`` by law, and enter in the owner's chain that it was done.

    The salt goes with the words: with it, short words could be guessed from their seal. Words that
    are copied into a row of an area are for that area to erase; ``further`` is what else was
    erased with them (erasing.py: statements, files).
    """
    wanted = {each for each in seals if each}
    entry = record(owner, ERASED, by=by, at=at,
                   content={"erased": sorted(wanted), "reason": reason, **further})
    for row in db.session.scalars(select(SealedText).where(
            SealedText.seal.in_(wanted), SealedText.erased_at.is_(None))):
        row.words, row.salt, row.erased_at = None, None, at
    return entry


def unseal(seals: Iterable[str]) -> dict[str, str | None]:
    """The words behind the seals; None where they were erased by law."""
    wanted = {each for each in seals if each}
    found: dict[str, str | None] = {"": ""}
    if wanted:
        for row in db.session.scalars(select(SealedText).where(SealedText.seal.in_(wanted))):
            found[row.seal] = row.words
    return found
