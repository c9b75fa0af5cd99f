"""An authenticator in a few lines: makes passkeys and answers challenges as a device does, and lies
where a test wants it to."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ES256 = {1: 2, 3: -7}  # an EC key, and how it signs
CURVES = {256: 1, 384: 2}


@dataclass
class Authenticator:
    """One passkey. ``count`` is what it says of its uses at the next answer; 0: it does not count.
    """

    origin: str = ORIGIN
    relying: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def made(self, options: dict[str, Any]) -> str:
        """The answer to creation options, as a browser gives it in JSON."""
        client_data = self._client_data("webauthn.create", options["challenge"])
        numbers, size = self.key.public_key().public_numbers(), self.key.curve.key_size
        cose = cbor2.dumps({**ES256, -1: CURVES[size], -2: numbers.x.to_bytes(size // 8, "big"),
                            -3: numbers.y.to_bytes(size // 8, "big")})
        attested = (bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose)
        data = self._data(self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return json.dumps(self._credential({
            "clientDataJSON": bytes_to_base64url(client_data),
            "attestationObject": bytes_to_base64url(attestation), "transports": ["internal"]}))

    def answered(self, challenge: str | bytes) -> dict[str, Any]:
        """The answer to a challenge (in base64url, or its bytes)."""
        text = challenge if isinstance(challenge, str) else bytes_to_base64url(challenge)
        client_data = self._client_data("webauthn.get", text)
        data = self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._credential({
            "clientDataJSON": bytes_to_base64url(client_data),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature), "userHandle": None})

    def _client_data(self, kind: str, challenge: str) -> bytes:
        assert base64url_to_bytes(challenge)
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin,
                           "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        relying = hashlib.sha256(self.relying.encode()).digest()
        return relying + bytes([flags]) + self.count.to_bytes(4, "big")

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = bytes_to_base64url(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response,
                "clientExtensionResults": {}, "authenticatorAttachment": "platform"}
