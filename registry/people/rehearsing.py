"""By what a browser asks for a passkey that signs: shared by every page that shows what would be
signed (tickets/rehearsal.py, and the declaration here)."""

from __future__ import annotations

from typing import Any

from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.people.models import Person
from registry.people.passkeys import answer_options, our_party, passkeys_of
from registry.people.signing import Showing


def signing_options(showing: Showing) -> dict[str, Any]:
    """By what the browser asks for a passkey of the signer; the page adds the challenge."""
    signer = db.session.get_one(Person, showing.person_id)
    passkeys = passkeys_of(signer)
    if not passkeys:
        raise Refused(Reason("has_no_passkey", N_(
            "%(name)s has no passkey yet. It is enrolled under My account; until then the password "
            "signs."), {"name": signer.name}))
    options = answer_options(our_party(), passkeys, b"0" * 32)
    return {name: value for name, value in options.items() if name != "challenge"}
