"""The part of ``verify`` that looks at signatures: each row is the statement that was signed, and
is the one that an entry names. Those made with passkeys are verified anew (passkey_check.py).

The table belongs to the area of people; only its columns are known here (stored.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from registry.ledger.check import Check, is_hash
from registry.ledger.entries import canonical
from registry.ledger.passkey_check import METHOD, check_passkey
from registry.ledger.scratch import Place
from registry.ledger.stored import SIGNATURE


def check_signatures(check: Check) -> None:
    """Compare every signature in scope with its statement and with the entries that name it."""
    stored = check.stored
    computed = {"at": stored.moment(SIGNATURE.c.at), "proof": stored.text(SIGNATURE.c.proof)}
    query = select(*(computed.get(each.name, each) for each in SIGNATURE.c))
    for row in stored.stream(check.in_scope(query, SIGNATURE)):
        check.signatures += 1
        _check_signature(check, row)
    for (chain, seq), statement in check.scratch.unmet_signatures():
        check.findings.add("signature_missing", chain, seq, statement=statement[:8])


def _check_signature(check: Check, row: Row[Any]) -> None:
    named = []
    if is_hash(row.statement_hash):
        named = check.scratch.signature_named(row.statement_hash)
        check.scratch.meet_signature(row.statement_hash)
    chain, seq = named[0][0] if named else (row.chain, None)
    short = str(row.statement_hash)[:8]
    if not named:
        check.findings.add("signature_idle", chain, seq, statement=short)
    emptyings = check.scratch.emptyings(row.statement_hash) if named else []
    if row.statement == b"":
        _check_emptied(check, row, (chain, seq), emptyings)
    elif emptyings:
        for place, _, _ in emptyings:
            check.findings.add("signature_kept", *place, statement=short)
    elif (not isinstance(row.statement, bytes)
            or hashlib.sha256(row.statement).hexdigest() != row.statement_hash):
        check.findings.add("signature_hash", chain, seq, statement=short)
    else:
        for column in _unlike_statement(row, check.stored.stamped(row.at)):
            check.findings.add("signature_column", chain, seq, column=column)
    if row.method == METHOD:
        check_passkey(check, row, check.stored.stamped(row.at), (chain, seq))
    for place, claim in named:
        for column in _unlike_claim(row, check.stored.stamped(row.at), place, claim):
            check.findings.add("signature_claim", *place, column=column)


def _check_emptied(check: Check, row: Row[Any], at: tuple[object, object],
                   emptyings: list[tuple[Place, str, str]]) -> None:
    """A statement that is gone needs an entry which says that it was erased by law; that entry
    bears witness to what the statement alone had said."""
    chain, seq = at
    if not emptyings:
        check.findings.add("signature_erased", str(chain), seq,
                           statement=str(row.statement_hash)[:8])
    for place, act, nonce in emptyings:
        for column, kept, said in (("act", row.act, act), ("nonce", row.nonce, nonce)):
            if kept != said:
                check.findings.add("signature_claim", *place, column=column)


def _unlike_statement(row: Row[Any], at: object) -> list[str]:
    """Columns that say something else than the statement."""
    said = _read(row.statement)
    kept = {"chain": row.chain, "act": row.act, "meaning": row.meaning, "role": row.role,
            "signer": _ref(row.signer_id), "for": _ref(row.for_id), "at": at, "nonce": row.nonce}
    return [column for column, value in kept.items() if said.get(column) != value]


def _unlike_claim(row: Row[Any], at: object, place: Place, claim: Mapping[str, Any]) -> list[str]:
    """What is otherwise than the entry says of the signature."""
    kept = {"by": _ref(row.signer_id), "for": _ref(row.for_id), "meaning": row.meaning,
            "role": row.role, "method": row.method, "at": at, "proof": _proof_hash(row.proof)}
    unlike = [part for part, value in kept.items() if claim.get(part) != value]
    return unlike if row.chain == place[0] else [*unlike, "chain"]


def _read(statement: bytes) -> dict[str, Any]:
    try:
        said = json.loads(statement.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _ref(person_id: object) -> str:
    return "" if person_id is None else f"person:{person_id}"


def _proof_hash(stored: object) -> str:
    """The hash that the entry carries of the proof; empty where the text is not as we write it."""
    try:
        proof = json.loads(str(stored))
        if json.dumps(proof) != stored:
            return ""
        return hashlib.sha256(canonical(proof)).hexdigest()
    except (ValueError, RecursionError):
        return ""
