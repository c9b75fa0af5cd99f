"""Signatures: who, when, in which role, what it means, bound to the statement that was shown.

A statement is canonical JSON with the act, its meaning, the parties, the role, the time, a
one-time nonce, the hash of the last entry of the chain it is about, and the text shown
(design: signatures). Being signed in never signs: every signature needs a fresh Proof.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.core.db import db
from registry.core.errors import Conflict, Reason, Refused
from registry.core.words import N_
from registry.ledger.entries import canonical, stamp
from registry.ledger.models import Chained
from registry.people.models import Person, Signature
from registry.people.proof import Proof

FORMAT = 1


def new_nonce() -> str:
    """A number used once; the page that shows a statement carries it."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Signing:
    """What the edge brings for one signature.

    ``proof`` is None where proving failed; then ``refusal`` says why, so that the verb can name
    it among all other reasons. ``shown_head`` is the head of the chain when the statement was
    shown (empty: not shown on a page, as by command). ``field_prefix`` names the form field.
    """

    signer: Person
    proof: Proof | None
    nonce: str
    shown_head: str = ""
    language: str = "en"
    refusal: Reason | None = None

    @property
    def problem(self) -> Reason | None:
        """Why this cannot sign, or None."""
        if self.proof is not None and self.proof.person_id == self.signer.id:
            return None
        return self.refusal or Reason(
            "no_proof", N_("Give the password again: being signed in never signs."),
            field="password")


@dataclass(frozen=True)
class Said:
    """What one signature says: filled by the verb, never by the page."""

    act: str
    meaning: str
    role: str
    text: str
    parties: Mapping[str, str]
    on_behalf_of: Person | None = None


def sign(signing: Signing, said: Said, about: Chained, *, now: datetime) -> Signature:
    """Make the signature. Raises Refused without proof and Conflict where the chain has grown
    since the statement was shown: nobody signs what they have not seen."""
    if signing.problem is not None:
        raise Refused(signing.problem)
    if signing.shown_head and signing.shown_head != about.head_hash:
        raise Conflict()
    assert signing.proof is not None
    body = canonical(statement(signing, said, about, now=now))
    signature = Signature(
        chain=about.chain, act=said.act, meaning=said.meaning, signer_id=signing.signer.id,
        for_id=said.on_behalf_of.id if said.on_behalf_of else None, role=said.role,
        method=signing.proof.method, at=now, nonce=signing.nonce, statement=body,
        statement_hash=hashlib.sha256(body).hexdigest(),
        proof={"method": signing.proof.method, "proved_at": stamp(signing.proof.at)})
    db.session.add(signature)
    return signature


def statement(signing: Signing, said: Said, about: Chained, *, now: datetime) -> dict[str, Any]:
    """What is signed, as plain data for canonical JSON."""
    return {
        "v": FORMAT, "act": said.act, "meaning": said.meaning, "chain": about.chain,
        "head": about.head_hash, "signer": signing.signer.ref,
        "for": said.on_behalf_of.ref if said.on_behalf_of else "", "role": said.role,
        "parties": dict(said.parties), "at": stamp(now), "nonce": signing.nonce,
        "language": signing.language, "text": said.text,
    }


def in_entry(signature: Signature) -> dict[str, str]:
    """How a ledger entry refers to the signature."""
    return {
        "by": f"person:{signature.signer_id}",
        "for": f"person:{signature.for_id}" if signature.for_id else "",
        "meaning": signature.meaning, "role": signature.role, "method": signature.method,
        "at": stamp(signature.at), "statement": signature.statement_hash,
        "proof": hashlib.sha256(canonical(signature.proof)).hexdigest(),
    }
