"""What a token may be: its name, scopes and life; and what an idempotency key looks like.

Pure conditions. A scope only narrows: whoever lacks a permission on the screen lacks it here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from registry.core.errors import Reason
from registry.core.words import N_

LONGEST_NAME = 80
LONGEST_LIFE = 365
DAYS = 90
KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Scope(StrEnum):
    """What a token opens."""

    READ = "read"
    TICKETS = "tickets"
    CLIENTS = "clients"
    REPORTS = "reports"


SCOPE_NAMES = {
    Scope.READ: N_("read clients, people, tickets, the ledger and my desk"),
    Scope.TICKETS: N_("log tickets, move them, hand them over, record the client's check"),
    Scope.CLIENTS: N_("enter clients and sites"),
    Scope.REPORTS: N_("read the daily report"),
}


def token_faults(name: str, scopes: Iterable[str], days: int | None) -> Iterator[Reason]:
    """Everything that is wrong with a token that somebody wants."""
    if not name.strip():
        yield Reason("name_missing", N_("Write a name."), field="name")
    elif len(name) > LONGEST_NAME or not name.isprintable():
        yield Reason("name_long", N_("Shorten this to %(count)d characters at most."),
                     {"count": LONGEST_NAME}, "name")
    wanted = tuple(scopes)
    if not wanted:
        yield Reason("scope_missing", N_("Choose at least one thing that the program may do."),
                     field="scopes")
    unknown = [each for each in wanted if each not in set(Scope)]
    if unknown:
        yield Reason("scope_unknown", N_("There is no scope “%(scope)s”."),
                     {"scope": unknown[0][:60]}, "scopes")
    if days is None or not 1 <= days <= LONGEST_LIFE:
        yield Reason("days_wrong", N_("Choose a life of 1 to %(count)d days."),
                     {"count": LONGEST_LIFE}, "days")


def key_fault(key: str) -> Reason | None:
    """Why a text is no idempotency key."""
    if KEY.fullmatch(key):
        return None
    return Reason("key_unusable", N_("An Idempotency-Key has 1 to 200 printable characters without "
                                     "blanks."), field="Idempotency-Key")
