"""Who signs on a handover sheet, at whose screen: shared by making a sheet and answering one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import request

from registry.core.errors import Reason
from registry.core.languages import language, say_reason
from registry.core.times import utc_now
from registry.people.access import me, signing_by
from registry.people.models import Person
from registry.people.signing import Signing
from registry.tickets.sheet_queries import signers_for


@dataclass(frozen=True)
class Asked:
    """Who signs at this screen as the sheet's receiver or witness (``part``): ``person`` is whom
    the sheet names, ``signers`` are all who may sign for them now, ``signer`` is the one of these
    who was picked. The text that is shown and the proof are of the same signer."""

    part: str
    person: Person
    signers: tuple[Person, ...]
    signer: Person

    @property
    def principal(self) -> Person | None:
        """For whom the signer signs; None in the own right."""
        return self.person if self.signer.id != self.person.id else None


def asked(part: str, person: Person) -> Asked:
    """Who signs for ``person``: whoever the form picked, else the first who may."""
    signers = signers_for(person, me(), now=utc_now())
    picked = among(signers, request.form.get(f"{part}_signer"))
    return Asked(part, person, tuple(signers), picked or signers[0])


def proved(who: Asked, nonce: str, *, needed: bool = True) -> Signing:
    """The proof of whoever signs.

    Declining needs no signature, so at one's own screen nothing is proved where none is needed.
    """
    secret = request.form.get(f"{who.part}_password", "")
    if not needed and not secret and who.signer.id == me().id:
        return Signing(who.signer, None, nonce, language=language())
    return signing_by(who.signer, secret, nonce=nonce, now=utc_now(),
                      passkey=f"{who.part}_passkey").told_at(f"{who.part}_password")


def among(people: Sequence[Person], wanted: str | None) -> Person | None:
    """The one of the people whose id came with the form or the address."""
    return next((each for each in people if str(each.id) == wanted), None)


def by_place(reasons: Iterable[Reason]) -> dict[str, list[str]]:
    """The sentences by the field that they stand beside; those without one under ""."""
    found: dict[str, list[str]] = {}
    for each in reasons:
        found.setdefault(each.field or "", []).append(say_reason(each))
    return found
