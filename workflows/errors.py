"""What the engine says when it will not go on.

A *finding* is a fault of a definition, with its place and the remedy; a *reason* is why an act
was refused, with a stable code and a sentence for people. Every sentence of the engine stands in
``REASONS``, in English, so that an application can translate all of them from one place. Which
language is shown, and how, is decided outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    "unknown_state": "There is no state “%(state)s” in this lifecycle.",
    "unknown_move": "There is no move “%(move)s” in this lifecycle.",
    "not_from_here": "“%(move)s” cannot be done from “%(state)s”. Look at what happened meanwhile.",
    "may_not_begin": "This can be begun only by: %(who)s.",
    "giver_not_holder": "Only what somebody holds can be given: name the holder as the giver.",
    "reason_missing": "Give the reason in your own words.",
    "reason_not_asked": "No reason is asked for here: leave it out.",
    "field_missing": "Fill in “%(field)s”.",
    "field_not_asked": "“%(field)s” is not asked for here: leave it out.",
    "field_not_a_date": "“%(field)s” must be a date and time with its zone, in a year from 1970 to "
                        "2199.",
    "field_in_the_past": "“%(field)s” must lie in the future.",
    "field_not_a_choice": "“%(field)s” must be one of: %(choices)s.",
    "receiver_missing": "Choose who receives it.",
    "receiver_not_asked": "Nobody receives anything here: leave the receiver out.",
    "receiver_not_eligible": "It can be received only by: %(who)s.",
    "receiver_is_giver": "Giver and receiver are the same person: choose another receiver.",
    "witness_missing": "Choose the witness in whose presence it is handed over.",
    "witness_not_asked": "No witness is asked for here: leave the witness out.",
    "witness_not_eligible": "It can be witnessed only by: %(who)s.",
    "witness_is_party": "The witness must be a third person, neither giver nor receiver.",
    "signature_missing": "A signature is missing: “%(meaning)s”, signed by: %(who)s.",
    "signature_not_asked": "The signature “%(meaning)s” is not asked for here.",
    "signature_doubled": "“%(meaning)s” is signed more than once.",
    "signature_of_another": "“%(meaning)s” must be signed by: %(who)s.",
    "signers_not_distinct": "Each signature of one act is given by a different person.",
    "not_carried": "State “%(state)s” of version %(version)s is not carried over to this version.",
}
"""Code of a reason → its English sentence, with %(name)s places."""


@dataclass(frozen=True)
class Reason:
    """One reason of a refusal: ``text`` is English with %(name)s places filled from ``params``.

    A parameter may be a ``Title`` (a mapping of language → text): str() gives its English.
    """

    code: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    field: str | None = None

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text


class Refused(Exception):
    """An act was refused, for every one of ``reasons``; nothing was changed."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(map(str, self.reasons)))


def reason(code: str, *, at: str | None = None, **params: object) -> Reason:
    """Return the engine's own reason ``code``; ``at`` names the field that it concerns."""
    return Reason(code, REASONS[code], params, at)


@dataclass(frozen=True)
class Finding:
    """A fault of a definition: where it stands, what is wrong, and what to do."""

    place: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem} {self.remedy}"


class BadDefinition(Exception):
    """A definition cannot be used, for every one of ``findings``."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))
