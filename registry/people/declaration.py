"""The declaration that a signature here binds: what it says, and who has signed it.

It is signed once for each version, with the first signature or before it (signing.py). Whoever has
not signed the version in force signs nothing else. A new text is a new version.
"""

from __future__ import annotations

from registry.core.errors import Reason
from registry.core.languages import say
from registry.core.words import N_
from registry.people.models import Person

VERSION = 1
ACT = "declare"
MEANING = "declared"
LINES = (
    N_("You declare that your signature here binds you as one by your own hand."),
    N_("Your password and your passkeys sign in your name: nobody else gets to use them. Where "
       "somebody may know or have them, you tell the administrator at once."),
    N_("Declaration, version %(version)d."),
)


def declaration_text(language: str) -> str:
    """What is declared, as it is shown and signed."""
    return "\n".join(say(line, {"version": VERSION}, language) for line in LINES)


def has_declared(person: Person) -> bool:
    """Whether the person has signed the declaration in force."""
    return person.declared_version >= VERSION


def undeclared(person: Person, shown: int) -> Reason | None:
    """Why nothing of the person's can be signed: the declaration in force neither is signed nor was
    the one that was ``shown`` to be signed with this."""
    if has_declared(person) or shown == VERSION:
        return None
    return Reason("not_declared", N_(
        "%(name)s has not declared yet that a signature here binds as one by hand. The declaration "
        "is signed once, under My account (%(address)s) or with the first signature on a page."),
        {"name": person.name, "address": "/account/declaration"}, "password")
