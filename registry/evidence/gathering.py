"""What belongs into an evidence file: read from the ledger as it is kept, byte for byte.

The form of the file is verify.py's, which stands alone and is the one that others read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy import and_, or_, select

from registry.core.db import db
from registry.evidence import verify
from registry.ledger.entries import canonical, seals_in
from registry.ledger.entry_check import read_body
from registry.ledger.keyring import CHAIN as KEY_CHAIN
from registry.ledger.models import LedgerCheckpoint, SealedText
from registry.ledger.note import Verifier
from registry.ledger.proofs import StoredTree
from registry.ledger.stored import ENTRY, LEAF
from registry.people.assertions import METHOD
from registry.people.models import Signature

READ_ME = {
    True: ("the files of the ticket, each under its SHA-256, as the entries name them",
           "файлы заявки, каждый под своим SHA-256, как их называют записи"),
    False: ("is not there: the files of the ticket were not asked for; entries hold their SHA-256",
            "нет: файлы заявки не запрошены; их SHA-256 есть в записях"),
}
PASSKEY_KINDS = ("passkey_enrolled", "passkey_revoked")


@dataclass(frozen=True)
class Placed:
    """An entry that has its place in the tree."""

    chain: str
    seq: int
    body: bytes
    index: int
    said: Mapping[str, Any]


def evidence_members(
    chain: str, last: LedgerCheckpoint, verifier: Verifier, *, paper: bytes | None = None,
    paper_chain: str = "", attachments: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """The members of the file about ``chain``, proved by the checkpoint ``last``.

    ``paper`` is the document about it, ``paper_chain`` the chain of the document; ``attachments``
    are the files by their digests, where they are to go with it.
    """
    own = list(_placed(ENTRY.c.chain == chain, last.size))
    signatures = _signatures(chain, own)
    entries = [*own, *_placed(ENTRY.c.chain == KEY_CHAIN, last.size),
               *_enrolments(signatures, last.size)]
    if paper is not None:
        entries += _placed(ENTRY.c.chain == paper_chain, last.size)
    members = {
        "README.txt": _readme(attachments), "verify.py": _own("verify.py"),
        "checkpoint.txt": last.note.encode(), "words.json": canonical(_words(own)),
        **{verify.entry_name(each.chain, each.seq): each.body for each in entries},
        **dict(_signed(signatures)),
        **{verify.FILES + digest: body for digest, body in (attachments or {}).items()},
    }
    if paper is not None:
        members["document.pdf"] = paper
    tree = StoredTree()
    said = {
        "format": verify.FORMAT, "chain": chain, "key": str(verifier),
        "files": {name: verify.sha256(body) for name, body in members.items()},
        "entries": [{"file": verify.entry_name(each.chain, each.seq), "index": each.index,
                     "proof": _hex(tree.inclusion(last.size, each.index))} for each in entries],
        "trees": [{"size": size, "root": root, "proof": _hex(tree.consistency(last.size, size))}
                  for size, root in _trees(own, last.size)],
    }
    return {**members, "evidence.json": canonical(said)}


def _own(name: str) -> bytes:
    return files("registry.evidence").joinpath(name).read_bytes()


def _readme(attachments: Mapping[str, bytes] | None) -> bytes:
    """What lies in the file, and whether the ticket's own files do."""
    english, russian = READ_ME[attachments is not None]
    text = _own("README.txt").decode()
    return text.format(attachments_en=english, attachments_ru=russian).encode()


def _hex(proof: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in proof]


def _placed(condition: Any, size: int) -> Iterator[Placed]:
    """Entries that the checkpoint covers. One written since is left out: the file tells of one
    moment."""
    query = select(ENTRY.c.chain, ENTRY.c.seq, ENTRY.c.body, LEAF.c.index).join(
        LEAF, and_(LEAF.c.chain == ENTRY.c.chain, LEAF.c.seq == ENTRY.c.seq))
    rows = db.session.execute(query.where(condition, LEAF.c.index < size).order_by(
        ENTRY.c.chain, ENTRY.c.seq))
    for chain, seq, body, index in rows:
        said = read_body(body)
        if said is not None:
            yield Placed(chain, seq, body, index, said)


def _signatures(chain: str, own: Iterable[Placed]) -> list[Signature]:
    named = {claim["statement"] for each in own for claim in
             each.said["content"].get("signatures", ())}
    query = select(Signature).where(Signature.chain == chain).order_by(Signature.statement_hash)
    return [each for each in db.session.scalars(query) if each.statement_hash in named]


def _signed(signatures: Iterable[Signature]) -> Iterator[tuple[str, bytes]]:
    """Statements, but for those erased by law, and by what each was signed."""
    for each in signatures:
        yield f"proofs/{each.statement_hash}.json", canonical(each.proof)
        if each.statement:
            yield f"statements/{each.statement_hash}.json", each.statement


def _enrolments(signatures: Iterable[Signature], size: int) -> Iterator[Placed]:
    """The entries by which the passkeys that signed became their owners', or ceased to be."""
    used = {(f"person:{each.signer_id}", each.proof["credential"]) for each in signatures
            if each.method == METHOD}
    chains = {chain for chain, _ in used}
    if chains:
        condition = and_(ENTRY.c.chain.in_(chains), ENTRY.c.kind.in_(PASSKEY_KINDS))
        for each in _placed(condition, size):
            if (each.chain, each.said["content"].get("credential")) in used:
                yield each


def _words(own: Iterable[Placed]) -> dict[str, dict[str, str] | None]:
    """The words behind the seals with their salts; None where they were erased by law."""
    seals = {seal for each in own for seal in seals_in(each.said["content"])}
    rows = db.session.scalars(select(SealedText).where(SealedText.seal.in_(seals)))
    return {row.seal: None if row.words is None or row.salt is None else
            {"salt": row.salt, "words": row.words} for row in rows}


def _trees(own: list[Placed], size: int) -> list[tuple[int, str]]:
    """The older trees of which somebody may keep a mail: from the last before this history began
    on, so that it can be told that such a mail is too old. A director's mail of any of these days
    can be compared; more would make the file large."""
    first = min(each.index for each in own)
    before = select(LedgerCheckpoint.size).where(LedgerCheckpoint.size <= first).order_by(
        LedgerCheckpoint.size.desc()).limit(1).scalar_subquery()
    rows = db.session.execute(
        select(LedgerCheckpoint.size, LedgerCheckpoint.root)
        .where(or_(LedgerCheckpoint.size > first, LedgerCheckpoint.size == before),
               LedgerCheckpoint.size > 0, LedgerCheckpoint.size < size)
        .order_by(LedgerCheckpoint.size.desc()).limit(verify.MOST_TREES)).all()
    return [(row.size, row.root) for row in reversed(rows)]


