"""The persons of an act, as the engine sees them, and the act itself.

The engine knows nobody: the application says which roles a person has and in which relations the
person stands to the subject *now*, and what is known about the subject (``facts``, for guards).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workflows.definition import conditions


@dataclass(frozen=True)
class Party:
    """A person: id, roles, and relations to the subject of this act."""

    id: str
    roles: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Signed:
    """A signature given: by whom, which signer of the definition it fulfils, what it means."""

    party: Party
    by: str
    meaning: str


@dataclass(frozen=True)
class Act:
    """A move that is being made, at any moment between its beginning and its completion.

    ``by`` is always the person who *began* it: the giver of a handoff, the one who takes by
    authority, the one who proposes a joint act; the receiver who accepts only adds a signature
    and the receiver's fields. ``giver`` is the holder, and may be left out where that is ``by``;
    it differs from ``by`` where someone takes by authority, or gives in an absent holder's stead:
    then the application says that ``by`` too stands in the relation "holder", and ``by`` signs in
    the own name.
    """

    by: Party
    now: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    receiver: Party | None = None
    giver: Party | None = None
    witness: Party | None = None
    signatures: tuple[Signed, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


def stands(party: Party, term: str) -> bool:
    """Say whether every condition of ``term`` holds for ``party``."""
    return all(
        name in (party.roles if kind == "role" else party.relations)
        for kind, name in conditions(term)
    )


def stands_in_any(party: Party, terms: Iterable[str]) -> bool:
    """Say whether ``party`` fulfils at least one of ``terms``."""
    return any(stands(party, term) for term in terms)
