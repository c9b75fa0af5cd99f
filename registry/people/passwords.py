"""Passwords: hashed with argon2id; checking takes the same time for a name that is unknown."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.core.errors import Reason
from registry.core.settings import current_settings
from registry.core.words import N_
from registry.people.models import Person

LEAST_LENGTH = 10


@lru_cache(maxsize=2)
def _hasher(cheap: bool) -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()


@lru_cache(maxsize=2)
def _nobody(cheap: bool) -> str:
    return _hasher(cheap).hash("nobody has this password")


def _cheap() -> bool:
    return bool(current_settings().argon2_cheap)


def hash_password(secret: str) -> str:
    """The argon2id hash to store."""
    return _hasher(_cheap()).hash(secret)


def is_password_of(person: Person | None, secret: str) -> bool:
    """Whether ``secret`` is the person's password; as slow for nobody as for somebody."""
    return matches(usable_hash(person), secret)


def usable_hash(person: Person | None) -> str:
    """The stored hash by which the person may prove who they are; empty where there is none:
    nobody, somebody who has left, somebody imported who never had a password."""
    return person.password_hash if person is not None and person.is_active else ""


def matches(stored: str, secret: str) -> bool:
    """Whether ``secret`` belongs to the stored hash; never to the empty one, and as slowly."""
    try:
        return _hasher(_cheap()).verify(stored or _nobody(_cheap()), secret) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def weakness(person: Person, secret: str) -> Reason | None:
    """Why the password may not be used, or None."""
    if len(secret) < LEAST_LENGTH:
        return Reason("password_short", N_("A password has at least %(count)d characters."),
                      {"count": LEAST_LENGTH}, "password")
    if len(secret) > 200:
        return Reason("password_long", N_("A password has at most 200 characters."),
                      field="password")
    if secret.casefold() in (person.login.casefold(), person.name.casefold()):
        return Reason("password_name", N_("A password is not your name."), field="password")
    if len(set(secret)) < 4:
        return Reason("password_plain", N_("A password needs more than a few different "
                                           "characters."), field="password")
    return None
