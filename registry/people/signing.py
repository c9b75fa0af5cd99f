"""Signatures: who, when, in which role, what it means, bound to the statement that was shown.

A statement is canonical JSON with the act, its meaning, the parties, the role, the time, a
one-time nonce, the hash of the last entry of the chain it is about, and the text shown
(design: signatures). Being signed in never signs: every signature needs a fresh Proof, the
password given again, or an Assertion, a passkey's answer to the very statement. A Showing takes
their place where the page only asks what would be signed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from registry.core.db import db
from registry.core.errors import Conflict, Reason, Refused, refuse_if
from registry.core.words import N_
from registry.ledger.entries import canonical, stamp
from registry.ledger.models import Chained, LedgerEntry
from registry.people.assertions import Assertion
from registry.people.chain import enter
from registry.people.declaration import (
    ACT,
    MEANING,
    VERSION,
    declaration_text,
    has_declared,
    undeclared,
)
from registry.people.models import Person, Signature
from registry.people.proof import Proof

FORMAT = 1
SHOWN_FOR = timedelta(minutes=10)
# A password signs at the time of the node that took it, whose clock may be behind that of the node
# that made the last entry; a statement for a passkey bears the very time when it was shown.
APART, NONE = timedelta(minutes=5), timedelta(0)


def new_nonce() -> str:
    """A number used once; the page that shows a statement carries it."""
    return secrets.token_hex(16)


@dataclass
class Showing:
    """Collects the statements that an act would sign, for the page to show. It is opened by the
    edge that rolls everything back (access.py); elsewhere it signs nothing."""

    person_id: int
    at: datetime
    method: str = "shown"
    is_open: bool = False
    bodies: list[bytes] = field(default_factory=list)

    def moment(self, now: datetime) -> datetime:
        """The time in the statement: when it is shown."""
        return self.at

    def kept(self, body: bytes, statement_hash: str) -> dict[str, Any]:
        """Take the statement in. Raises RuntimeError where it might be kept."""
        if not self.is_open:
            raise RuntimeError("statements are shown in a rehearsal only")
        self.bodies.append(body)
        return {"method": self.method}


@dataclass(frozen=True)
class Signing:
    """What the edge brings for one signature.

    ``proof`` is None where proving failed; then ``refusal`` says why, so that the verb can name
    it among all other reasons. ``shown_head`` is the head of the chain when the statement was
    shown (empty: not shown on a page, as by command); ``own_head`` is the head after what the act
    itself has written since. ``declares`` is the version of the declaration that was shown with
    the statement, to be signed with it (0: none was).
    """

    signer: Person
    proof: Proof | Assertion | Showing | None
    nonce: str
    shown_head: str = ""
    language: str = "en"
    refusal: Reason | None = None
    own_head: str = ""
    declares: int = 0

    def after(self, about: Chained) -> Signing:
        """The same signing, where the act itself has just written to the chain: it signs what was
        shown before."""
        return replace(self, own_head=about.head_hash) if self.shown_head else self

    def has_seen(self, about: Chained) -> bool:
        """Whether nobody else has written to the chain since the statement was shown."""
        return not self.shown_head or about.head_hash == (self.own_head or self.shown_head)

    def told_at(self, field: str) -> Signing:
        """The same signing, its refusal told beside the ``field`` where the proof was given."""
        if self.refusal is None:
            return self
        return replace(self, refusal=replace(self.refusal, field=field))

    @property
    def problem(self) -> Reason | None:
        """Why this cannot sign, or None."""
        if self.proof is not None and self.proof.person_id == self.signer.id:
            return undeclared(self.signer, self.declares)
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
    """Make the signature; one's first makes the declaration's too, where it was shown with it.

    Raises Refused without proof or declaration, and Conflict where the chain has grown
    since the statement was shown: nobody signs what they have not seen."""
    if signing.problem is not None:
        raise Refused(signing.problem)
    if not signing.has_seen(about):
        raise Conflict()
    if not has_declared(signing.signer):
        declare(signing, now=now)
    return _signed(signing, said, about, now=now)


def declare(signing: Signing, *, now: datetime) -> Signature:
    """Sign the declaration that one's signature here binds; it stands in the signer's own chain.

    Raises Refused without proof, and where it is signed already.
    """
    person = signing.signer
    own = replace(signing, nonce=f"declaration-{VERSION}-{person.id}", shown_head="", own_head="",
                  declares=VERSION)
    refuse_if(own.problem, Reason("declared_already", N_("You have signed the declaration "
                                                         "before."))
              if has_declared(person) else None)
    said = Said(ACT, MEANING, ",".join(sorted(role.value for role in person.roles)),
                declaration_text(signing.language), {"actor": person.ref})
    signature = _signed(own, said, person, now=now)
    person.declared_version, person.declared_at = VERSION, signature.at
    enter(person, "declared", {"version": VERSION, "signatures": [in_entry(signature)]},
          by=person, now=now)
    return signature


def _signed(signing: Signing, said: Said, about: Chained, *, now: datetime) -> Signature:
    refuse_if(_untimely(signing, about, now))
    signature = Signature(**signature_values(signing, said, about, now=now))
    db.session.add(signature)
    return signature


def signature_values(signing: Signing, said: Said, about: Chained, *,
                     now: datetime) -> dict[str, Any]:
    """The columns of a signature whose proof is there. Writes nothing: ``sign`` makes one, the
    benchmark's seeder thousands at once."""
    assert signing.proof is not None
    at = signing.proof.moment(now)
    body = canonical(statement(signing, said, about, now=at))
    digest = hashlib.sha256(body).hexdigest()
    return {
        "chain": about.chain, "act": said.act, "meaning": said.meaning,
        "signer_id": signing.signer.id,
        "for_id": said.on_behalf_of.id if said.on_behalf_of else None, "role": said.role,
        "method": signing.proof.method, "at": at, "nonce": signing.nonce, "statement": body,
        "statement_hash": digest, "proof": signing.proof.kept(body, digest),
    }


def _untimely(signing: Signing, about: Chained, now: datetime) -> Reason | None:
    """Why nothing can be signed at this time: the statement was shown too long ago, or it would
    bear a time that cannot be, because a clock was set back."""
    assert signing.proof is not None
    at, by_password = signing.proof.moment(now), isinstance(signing.proof, Proof)
    if now - at > SHOWN_FOR:
        return Reason("shown_long_ago", N_("The statement was shown more than %(count)d minutes "
                                           "ago. Read it again and sign anew."),
                      {"count": SHOWN_FOR // timedelta(minutes=1)}, "passkey")
    earliest = _earliest(signing, about)
    if at > now or (earliest is not None and at < earliest - (APART if by_password else NONE)):
        return Reason("clock_set_back", N_("The registry's clock was set back: the statement would "
                                           "bear a time that cannot be. Tell the administrator."),
                      field="password" if by_password else "passkey")
    return None


def _earliest(signing: Signing, about: Chained) -> datetime | None:
    """When the entry was made that the statement names; None where the act writes it just now."""
    with db.session.no_autoflush:
        return db.session.scalar(select(LedgerEntry.at).where(
            LedgerEntry.chain == about.chain,
            LedgerEntry.hash == (signing.shown_head or about.head_hash)))


def statement(signing: Signing, said: Said, about: Chained, *, now: datetime) -> dict[str, Any]:
    """What is signed, as plain data for canonical JSON."""
    return {
        "v": FORMAT, "act": said.act, "meaning": said.meaning, "chain": about.chain,
        "head": signing.shown_head or about.head_hash, "signer": signing.signer.ref,
        "for": said.on_behalf_of.ref if said.on_behalf_of else "", "role": said.role,
        "parties": dict(said.parties), "at": stamp(now), "nonce": signing.nonce,
        "language": signing.language, "text": said.text,
    }


def signed_before(statements: Iterable[str]) -> bool:
    """Whether one of the statements of these hashes is signed already: then an answer to them is
    one that lies open in the history, and tells nothing of who sends it."""
    query = select(exists().where(Signature.statement_hash.in_(tuple(statements))))
    return bool(db.session.scalar(query))


def in_entry(signature: Signature) -> dict[str, str]:
    """How a ledger entry refers to the signature."""
    return {
        "by": f"person:{signature.signer_id}",
        "for": f"person:{signature.for_id}" if signature.for_id else "",
        "meaning": signature.meaning, "role": signature.role, "method": signature.method,
        "at": stamp(signature.at), "statement": signature.statement_hash,
        "proof": hashlib.sha256(canonical(signature.proof)).hexdigest(),
    }
