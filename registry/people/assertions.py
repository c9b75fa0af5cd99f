"""What a passkey answers: read as the browser sends it, and judged against the key.

The challenge of a signature is the statement itself: its SHA-256, or that of the list of hashes
where many statements are signed at once (decision 0110).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import verify_authentication_response
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_authentication_credential_json,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticationCredential

from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.check import is_hash
from registry.ledger.entries import canonical, moment
from registry.people.relying import Relying

LONGEST = 60_000  # characters of what a browser sends: a hundred statements and a large key
METHOD = "passkey"
# What the library raises over text that no browser sends, its own errors and Python's.
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError)
NOT_AS_SHOWN = Reason("not_as_shown", N_(
    "What would be signed is not what was shown to you. Nothing was signed: read it again and sign "
    "anew."), field=METHOD)


@dataclass(frozen=True)
class Given:
    """One answer of an authenticator, not yet judged."""

    credential: AuthenticationCredential
    challenge: bytes

    @property
    def credential_id(self) -> str:
        """By which the passkey is known, in base64url."""
        return self.credential.id


def read_given(sent: object) -> Given | None:
    """The answer in the browser's own JSON (text or read already); None for what is none, and for
    one under another name than its own: that would be no name a database takes."""
    if not isinstance(sent, str | dict) or (isinstance(sent, str) and len(sent) > LONGEST):
        return None
    try:
        credential = parse_authentication_credential_json(sent)
        said = parse_client_data_json(credential.response.client_data_json)
    except UNREADABLE:
        return None
    is_named = credential.id == bytes_to_base64url(credential.raw_id)
    return Given(credential, said.challenge) if is_named else None


def counter_of(given: Given, public_key: bytes, relying: Relying, challenge: bytes) -> int | None:
    """The authenticator's counter, where the answer is right: of this key, for this challenge, on
    a page of ours, by a person who was verified. None for any other."""
    try:
        found = verify_authentication_response(
            credential=given.credential, expected_challenge=challenge, expected_rp_id=relying.id,
            expected_origin=relying.origin, credential_public_key=public_key,
            credential_current_sign_count=0, require_user_verification=True)
    except (WebAuthnException, ValueError):
        return None
    return found.new_sign_count


def challenge_of(statements: Sequence[str]) -> bytes:
    """What is signed for statements of these hashes: the one, or the hash of their list."""
    if len(statements) == 1:
        return bytes.fromhex(statements[0])
    return hashlib.sha256(canonical(list(statements))).digest()


def key_text(public_key: bytes) -> str:
    """A COSE key as everybody's tools read keys: SubjectPublicKeyInfo in base64."""
    key = decoded_public_key_to_cryptography(decode_credential_public_key(public_key))
    return base64.b64encode(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode("ascii")


@dataclass(frozen=True)
class Sent:
    """What a page sends for a signature: the answer, when the statements were shown, and which
    they were by their hashes."""

    given: Given
    shown_at: datetime
    statements: tuple[str, ...]


def read_sent(text: str) -> Sent | None:
    """The field of a form as the page filled it; None where it is nothing that we asked for."""
    try:
        said: Any = json.loads(text) if len(text) <= LONGEST else None
        given = read_given(said["credential"])
        statements = tuple(said["statements"])
        shown_at = moment(said["at"])
        fits = given is not None and bool(statements) and all(map(is_hash, statements)) and (
            challenge_of(statements) == given.challenge)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Sent(given, shown_at, statements) if given is not None and fits else None


@dataclass(frozen=True)
class Assertion:
    """That a person's passkey has signed statements of these hashes. Only the edge
    (access.py) makes one; whether a statement is one of them is told when it is built
    (signing.py)."""

    person_id: int
    sent: Sent
    key: str
    relying_id: str
    method: str = METHOD
    signed: set[str] = field(default_factory=set, compare=False)

    @property
    def leftover(self) -> Reason | None:
        """That something was signed which was not done, or None: all is done or nothing."""
        if self.signed == set(self.sent.statements):
            return None
        return NOT_AS_SHOWN

    def moment(self, now: datetime) -> datetime:
        """The time in the statement: when it was shown."""
        return self.sent.shown_at

    def kept(self, body: bytes, statement_hash: str) -> dict[str, Any]:
        """All that verifying needs, without us. Raises Refused for a statement that is not what
        was signed."""
        if statement_hash not in self.sent.statements:
            raise Refused(NOT_AS_SHOWN)
        self.signed.add(statement_hash)
        response = self.sent.given.credential.response
        return {
            "method": METHOD, "credential": self.sent.given.credential_id, "key": self.key,
            "relying": self.relying_id,
            "authenticator_data": _text(response.authenticator_data),
            "client_data": _text(response.client_data_json),
            "signature": _text(response.signature), "statements": list(self.sent.statements),
        }


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
