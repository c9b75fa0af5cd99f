"""Signatures in the API: the password, or a passkey's answer to what it would sign.

Beside each act that is signed stands an address …/statements. It takes what the act takes, does it
by the same verb in a transaction that is rolled back, and tells the statements and the challenge;
the act then takes the answer (decision 0122).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import request
from webauthn.helpers import bytes_to_base64url

from registry.api.answers import Statements
from registry.api.blueprint import bp
from registry.api.responses import answers, link
from registry.api.shapes import PasswordIn, SignatureIn
from registry.core.errors import Reason
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.words import N_
from registry.ledger.entries import canonical, stamp
from registry.people.access import assertion_at_edge, opened, signing_by
from registry.people.assertions import METHOD, challenge_of
from registry.people.models import Person
from registry.people.signing import Showing, Signing, new_nonce
from registry.tickets.models import Ticket
from registry.tickets.rehearsal import shown_of

BESIDE = "/statements"
View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Asked:
    """A signature that an act asks for: whose, what was sent for it, and where in the body."""

    signer: Person
    given: SignatureIn | PasswordIn | None
    place: str = "signature"


def signed(rule: str, operation: str, shape: type[Any], status: int = 200, *,
           links: dict[str, Any] | None = None) -> Callable[[View], View]:
    """Bring an act that is signed, and beside it what it would sign."""
    back = {operation: link(operation, **{name: f"$request.path.{name}"
                                          for name in ("number", "handoff") if name in rule})}

    def bring(view: View) -> View:
        bp.post(rule, operation_id=operation,
                responses=answers(shape, status, links=links))(view)
        bp.post(rule + BESIDE, operation_id=f"show_{operation}", endpoint=f"show_{operation}",
                responses=answers(Statements, links=back))(view)
        return view

    return bring


def only_shows() -> bool:
    """Whether the request asks what an act would sign, and not for the act."""
    return request.path.endswith(BESIDE)


def signing_for(asked: Asked) -> Signing:
    """The signer's proof, or a signing that says that it lacks one."""
    given = asked.given
    signing = Signing(asked.signer, None, (given and given.nonce) or new_nonce(),
                      (given and given.shown_head) or "", language())
    if given is None:
        return signing
    if given.method == METHOD:
        assert isinstance(given, SignatureIn)
        return _with_passkey(signing, given, asked.place)
    signing = signing_by(asked.signer, given.secret or "", nonce=signing.nonce, now=utc_now(),
                         shown_head=signing.shown_head)
    return signing.told_at(f"/{asked.place}/secret")


def _with_passkey(signing: Signing, given: SignatureIn, place: str) -> Signing:
    if given.assertion is None:
        return replace(signing, refusal=Reason("assertion_missing", N_(
            "Ask at …/statements what would be signed, and send the passkey's answer to it."),
            field=f"/{place}/assertion"))
    outcome = assertion_at_edge(signing.signer, json.dumps(given.assertion.model_dump()),
                                now=utc_now())
    if isinstance(outcome, Reason):
        return replace(signing, refusal=outcome).told_at(f"/{place}/assertion")
    return replace(signing, proof=outcome)


def what_is_signed(act: Callable[[Signing], object], asked: Asked, on: Ticket) -> dict[str, Any]:
    """What whoever is ``asked`` would sign by ``act`` and change ``on`` the ticket, held to the
    head that it has now where none was shown before. Raises whatever the act raises; nothing is
    kept."""
    given, showing = asked.given, Showing(asked.signer.id, utc_now())
    signing = Signing(asked.signer, showing, (given and given.nonce) or new_nonce(),
                      (given and given.shown_head) or on.head_hash, language())
    found = shown_of(lambda: act(signing), [on], opened(showing, [showing]))
    hashes = [hashlib.sha256(canonical(each)).hexdigest() for each in found.statements]
    return {
        "statements": [{"hash": hash_, "content": each}
                       for hash_, each in zip(hashes, found.statements, strict=True)],
        "challenge": bytes_to_base64url(challenge_of(hashes)), "at": stamp(found.at),
        "nonce": signing.nonce, "shown_head": signing.shown_head, "options": found.options,
        "changes": [{"ticket": number, "was": old, "becomes": new}
                    for number, old, new in found.changes]}
