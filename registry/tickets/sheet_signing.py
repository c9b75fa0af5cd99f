"""Who signs on a handover sheet, at whose screen: shared by making a sheet and answering one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import request

from registry.core.errors import Reason
from registry.core.languages import language, say_reason
from registry.core.times import utc_now
from registry.people.access import me, signing_by
from registry.people.models import Person
from registry.people.signing import Signing
from registry.tickets.act_views import at_field
from registry.tickets.sheet_queries import signers_for


def proved(person: Person, part: str, nonce: str, *, needed: bool = True) -> Signing:
    """The proof of whoever signs as the sheet's receiver or witness: the person, or the deputy.

    Declining needs no signature, so at one's own screen nothing is proved where none is needed.
    """
    now = utc_now()
    signers = signers_for(person, me(), now=now)
    signer = among(signers, request.form.get(f"{part}_signer")) or signers[0]
    secret = request.form.get(f"{part}_password", "")
    if not needed and not secret and signer.id == me().id:
        return Signing(signer, None, nonce, language=language())
    return at_field(signing_by(signer, secret, nonce=nonce, now=now, passkey=f"{part}_passkey"),
                    f"{part}_password")


def among(people: Sequence[Person], wanted: str | None) -> Person | None:
    """The one of the people whose id came with the form or the address."""
    return next((each for each in people if str(each.id) == wanted), None)


def by_place(reasons: Iterable[Reason]) -> dict[str, list[str]]:
    """The sentences by the field that they stand beside; those without one under ""."""
    found: dict[str, list[str]] = {}
    for each in reasons:
        found.setdefault(each.field or "", []).append(say_reason(each))
    return found
