"""The part of ``verify`` that looks at signatures made with passkeys: the device's answer is under
this statement, and the key was the signer's at that time, by the entries of the signer's chain.

``fault_in`` needs the kept proof and the statement's hash alone: it verifies without the registry.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import select
from sqlalchemy.engine import Row

from registry.core.words import N_
from registry.ledger.check import Check, is_hash
from registry.ledger.entries import canonical
from registry.ledger.findings import Finding
from registry.ledger.stored import ENTRY

METHOD = "passkey"
PRESENT_AND_VERIFIED = 0x05
FAULTY = N_("The passkey's signature does not fit its statement: statement %(statement)s, "
            "%(part)s.")
NOT_OWN = N_("The passkey of a signature was not the signer's at that time: statement "
             "%(statement)s.")


@dataclass(frozen=True)
class Held:
    """A passkey as its owner's chain tells of it: from when, and until when (empty: still)."""

    credential: str
    key: str
    relying: str
    since: str
    until: str = ""


def check_passkey(check: Check, row: Row[Any], at: object, place: tuple[object, object]) -> None:
    """Find what is wrong with a signature of this method; ``place`` is what it belongs to."""
    chain, seq = str(place[0]), place[1] if isinstance(place[1], int) else None
    params = {"statement": str(row.statement_hash)[:8]}
    proof = _read(row.proof)
    part = fault_in(proof, row.statement_hash)
    if part:
        check.findings.take(Finding(chain, seq, "passkey_signature", FAULTY,
                                    params | {"part": part}))
    if not any(_covers(each, proof, at) for each in _held(check, row.signer_id)):
        check.findings.take(Finding(chain, seq, "passkey_owner", NOT_OWN, params))


def fault_in(proof: Mapping[str, Any], statement_hash: object) -> str:
    """Which part of a kept proof does not hold for the statement of that hash; "" where all do."""
    try:
        statements = proof["statements"]
        client_data, data, signature = (base64.b64decode(proof[part], validate=True) for part in (
            "client_data", "authenticator_data", "signature"))
        said = json.loads(client_data)
        key = load_der_public_key(base64.b64decode(proof["key"], validate=True))
        relying = str(proof["relying"])
        if statement_hash not in statements or not all(map(is_hash, statements)):
            return "statements"
        if said["type"] != "webauthn.get" or said["challenge"] != _challenge(statements):
            return "client_data"
        if data[:32] != hashlib.sha256(relying.encode()).digest() or (
                data[32] & PRESENT_AND_VERIFIED != PRESENT_AND_VERIFIED):
            return "authenticator_data"
        _verify(key, signature, data + hashlib.sha256(client_data).digest())
    except InvalidSignature:
        return "signature"
    except (KeyError, ValueError, TypeError, IndexError, UnsupportedAlgorithm, RecursionError):
        return "proof"
    return ""


def _challenge(statements: list[str]) -> str:
    """What the device was asked to answer: the one statement's hash, or that of the list."""
    digest = (bytes.fromhex(statements[0]) if len(statements) == 1
              else hashlib.sha256(canonical(statements)).digest())
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _verify(key: object, signature: bytes, data: bytes) -> None:
    """Raise InvalidSignature; ValueError for a kind of key that no passkey here has."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(SHA256()))
    elif isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, data)
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), SHA256())
    else:
        raise ValueError(type(key).__name__)


def _covers(held: Held, proof: Mapping[str, Any], at: object) -> bool:
    """Whether the passkey is the proof's, and was enrolled and not revoked at that time."""
    return (held.credential == proof.get("credential") and held.key == proof.get("key")
            and held.relying == proof.get("relying") and isinstance(at, str)
            and held.since <= at and (not held.until or at < held.until))


def _held(check: Check, signer_id: object) -> list[Held]:
    """Every passkey that the signer ever had, by the entries of their chain."""
    found: dict[str, Held] = {}
    for kind, at, content in _entries(check, f"person:{signer_id}"):
        credential = str(content.get("credential"))
        if kind == "passkey_enrolled":
            found[credential] = Held(credential, str(content.get("key")),
                                     str(content.get("relying")), at)
        elif credential in found:
            held = found[credential]
            found[credential] = Held(held.credential, held.key, held.relying, held.since, at)
    return list(found.values())


def _entries(check: Check, chain: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What the chain says of passkeys: the bodies, which are hashed, and not their columns."""
    kinds = ("passkey_enrolled", "passkey_revoked")
    query = (select(ENTRY.c.body).where(ENTRY.c.chain == chain, ENTRY.c.kind.in_(kinds))
             .order_by(ENTRY.c.seq))
    for row in check.stored.connection.execute(query).all():
        said = _read(row.body)
        if said.get("kind") in kinds and isinstance(said.get("content"), dict):
            yield str(said["kind"]), str(said.get("at")), said["content"]


def _read(stored: object) -> dict[str, Any]:
    """JSON as it is stored; empty where it is none."""
    try:
        text = stored.decode("utf-8") if isinstance(stored, bytes) else str(stored)
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
