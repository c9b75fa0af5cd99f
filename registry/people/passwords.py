"""Passwords: hashed with argon2id; checking takes the same time for a name that is unknown.

Where there is no hash to check against, one is checked that nobody's password has: made up and not
computed, so that the first unknown name after a start costs no more than any other.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.core.errors import Reason
from registry.core.settings import current_settings
from registry.core.words import N_
from registry.people.common import is_common
from registry.people.models import Person

LEAST_LENGTH, MOST_LENGTH = 12, 128


@lru_cache(maxsize=2)
def _hasher(cheap: bool) -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()


@lru_cache(maxsize=2)
def _nobody(cheap: bool) -> str:
    """A hash of the same cost as everybody's, whose digest is of no password that anybody knows."""
    hasher = _hasher(cheap)
    salt, digest = (b64encode(secrets.token_bytes(length)).decode().rstrip("=")
                    for length in (hasher.salt_len, hasher.hash_len))
    return (f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},"
            f"p={hasher.parallelism}${salt}${digest}")


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
    if len(secret) > MOST_LENGTH:
        return Reason("password_long", N_("A password has at most %(count)d characters."),
                      {"count": MOST_LENGTH}, "password")
    if secret.casefold() in (person.login.casefold(), person.name.casefold()):
        return Reason("password_name", N_("A password is not your name."), field="password")
    if len(set(secret)) < 4:
        return Reason("password_plain", N_("A password needs more than a few different "
                                           "characters."), field="password")
    if is_common(secret):
        return Reason("password_common", N_("This is one of the passwords that are tried first. "
                                            "Choose another."), field="password")
    return None
