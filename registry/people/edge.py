"""From a form to a Signing: the password is proved in a transaction of its own, before the verb.

So a wrong attempt is kept and counted even where the act is refused, and the verb can name it
among all its reasons.
"""

from __future__ import annotations

from datetime import datetime

from flask import request

from registry.core.db import atomic
from registry.core.errors import Reason
from registry.core.languages import language
from registry.people.models import Person
from registry.people.proof import Proof, prove
from registry.people.signing import Signing, new_nonce


def signing_by_password(
    signer: Person, secret: str, *, now: datetime, nonce: str = "", shown_head: str = ""
) -> Signing:
    """Prove ``signer`` by the password given at this moment; ``nonce`` and ``shown_head`` come
    from the page that showed the statement."""
    with atomic():
        outcome: Proof | Reason = prove(
            signer, secret, login=signer.login, purpose="sign",
            address=request.remote_addr or "", now=now)
    proof = outcome if isinstance(outcome, Proof) else None
    return Signing(signer=signer, proof=proof, nonce=nonce[:40] or new_nonce(),
                   shown_head=shown_head, language=language(),
                   refusal=outcome if isinstance(outcome, Reason) else None)
