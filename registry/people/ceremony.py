"""What a page asks of whoever signs on it, beside the password or the passkey: the declaration at
the first signature of theirs, the login where no unbroken session of theirs is here. For templates
(macros/signing.html) and for ``signing_by``.

Several may sign on one page, so the fields bear the number of the person.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from registry.core.languages import language
from registry.core.times import utc_now
from registry.people.declaration import VERSION, declaration_text, has_declared
from registry.people.models import Person
from registry.people.session_access import asks_login, is_guest


@dataclass(frozen=True)
class Ceremony:
    """What is shown above the password: the declaration (empty: signed before) and its version;
    whether the login is asked, and what was typed as it. ``declares`` and ``login`` name fields;
    a ``guest`` is not signed in at this screen."""

    declaration: str
    declares: str
    asks_login: bool
    login: str
    typed: str
    guest: bool
    version: int = VERSION


def ceremony_of(person: Person) -> Ceremony:
    """What the page has to show and to ask of the person."""
    now = utc_now()
    return Ceremony("" if has_declared(person) else declaration_text(language()),
                    declares_field(person), asks_login(person.id, now=now), login_field(person),
                    login_typed(person), is_guest(person.id, now=now))


def declares_field(person: Person) -> str:
    """The field in which the page says which version of the declaration it has shown."""
    return f"declares_{person.id}"


def declared_here(person: Person) -> int:
    """The version of the declaration that the page has shown the person; 0 for none."""
    return request.form.get(declares_field(person), 0, type=int)


def login_field(person: Person) -> str:
    """The field in which the person gives the login."""
    return f"login_{person.id}"


def login_typed(person: Person) -> str:
    """What was typed as the person's login; empty for nothing."""
    return request.form.get(login_field(person), "").strip()
