"""A lifecycle as data: states, moves, signatures, fields, timers, and the words they use.

Only shapes stand here, all immutable. ``reader`` makes them from TOML, ``checks`` proves that
they hold together, ``engine`` acts by them. A *term* says who somebody must be: "role:x",
"relation:x", or several joined by " and ", all of which must hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HOLDER: Final = "holder"
"""The relation of the one person who has the subject now; every lifecycle knows it."""

SAME: Final = "="
"""The target of a move that keeps the state."""

KINDS: Final = ("waiting", "working", "paused", "final")
OUTCOMES: Final = ("done", "dropped")
REASON_USES: Final = ("off", "allowed", "required")
FIELD_KINDS: Final = ("text", "date", "choice")
FIELD_NEEDS: Final = ("required", "allowed")
PARTIES: Final = ("giver", "receiver", "witness", "actor")


class Title(dict[str, str]):
    """One name in each language of the lifecycle; str() is the English, else the first."""

    def __str__(self) -> str:
        return self.said("en")

    def said(self, language: str) -> str:
        """Return the name in ``language``, else in the first language there is."""
        return self.get(language) or next(iter(self.values()), "")


@dataclass(frozen=True)
class Span:
    """A length of working time: so many hours ("h") or working days ("d")."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True)
class Timer:
    """Tells ``tells`` (terms) after a span, then every so often; or at the date in a field."""

    name: str
    tells: tuple[str, ...]
    after: Span | None = None
    every: Span | None = None
    at_field: str | None = None


@dataclass(frozen=True)
class Requirement:
    """What a "done" state asks: a guard on every path, and in whose hands the last step is."""

    check: str
    holder_is: str | None = None


@dataclass(frozen=True)
class State:
    """Where a subject stands; ``holder_is`` (TOML ``with``) is a relation its holder must have."""

    name: str
    kind: str
    title: Title
    holder_is: str | None = None
    outcome: str | None = None
    requires: Requirement | None = None
    timers: tuple[Timer, ...] = ()

    @property
    def is_final(self) -> bool:
        return self.kind == "final"


@dataclass(frozen=True)
class SignatureNeed:
    """One signature that a move asks for; the opening one is given when the move is begun."""

    by: str
    meaning: str
    opening: bool = False


@dataclass(frozen=True)
class Field:
    """One thing to be filled in, by the giver (or actor) at the start or by the receiver."""

    name: str
    title: Title
    kind: str = "text"
    need: str = "required"
    by: str = "actor"
    future: bool = False
    choices: Mapping[str, Title] = field(default_factory=dict)

    @property
    def by_receiver(self) -> bool:
        return self.by == "receiver"


@dataclass(frozen=True)
class Handoff:
    """A change of holder: to whom, in whose presence.

    ``succeeds``: the receiver also takes over the relation of a state that is kept.
    ``authority``: it is begun without the holder.
    """

    to: tuple[str, ...]
    witness: tuple[str, ...] = ()
    succeeds: bool = False
    authority: bool = False


@dataclass(frozen=True)
class Move:
    """One act of the lifecycle: from where to where, by whom, with what.

    ``timers`` run while its handoff is offered and not yet accepted.
    """

    name: str
    title: Title
    sources: tuple[str, ...]
    target: str
    may: tuple[str, ...]
    handoff: Handoff | None = None
    signatures: tuple[SignatureNeed, ...] = ()
    reason: str = "off"
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    timers: tuple[Timer, ...] = ()
    fields: tuple[Field, ...] = ()

    @property
    def is_joint(self) -> bool:
        """No handoff, yet more than one person signs: proposed first, done when all signed."""
        return self.handoff is None and len(self.signatures) > 1

    def target_from(self, source: str) -> str:
        """Return the state that this move leads to from ``source``."""
        return source if self.target == SAME else self.target


@dataclass(frozen=True)
class Vocabulary:
    """Every role and relation that the definition may speak of, and how people name each.

    ``titles`` are keyed by "role:x", "relation:x", or a party such as "giver".
    """

    roles: tuple[str, ...]
    relations: tuple[str, ...]
    titles: Mapping[str, Title] = field(default_factory=dict)


@dataclass(frozen=True)
class Workflow:
    """One version of one lifecycle. ``states`` and ``moves`` keep the definition's order."""

    name: str
    version: int
    initial: str
    languages: tuple[str, ...]
    title: Title
    vocabulary: Vocabulary
    meanings: Mapping[str, Title]
    states: Mapping[str, State]
    moves: Mapping[str, Move]
    carry_over: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Return the moves that may be made from ``state``, in the definition's order."""
        return tuple(move for move in self.moves.values() if state in move.sources)

    def who(self, terms: tuple[str, ...]) -> Title:
        """Return ``terms`` as people say them, in each language, for a sentence."""
        return Title({
            language: ", ".join(self._person(term, language) for term in terms)
            for language in self.languages
        })

    def _person(self, term: str, language: str) -> str:
        titles = self.vocabulary.titles
        if term in titles:
            return titles[term].said(language)
        parts = (f"{kind}:{name}" for kind, name in conditions(term))
        return " + ".join(titles[part].said(language) if part in titles else part
                          for part in parts)


def conditions(term: str) -> tuple[tuple[str, str], ...]:
    """Split a term into its (kind, name) pairs: "role:a and relation:b" → two of them."""
    return tuple(
        (kind, name)
        for kind, _, name in (part.strip().partition(":") for part in term.split(" and "))
    )
