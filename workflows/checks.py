"""Proves that a definition holds together, before it may be published.

Each proof is a function of the workflow that returns findings; ``PROOFS`` names them all. They
ask: do the words exist, do the paths lead where they must, does nobody get anything without
having signed for it, and does nothing lie untold? What the application offers by name (guards,
effects) is looked up in its catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workflows.catalogue import Catalogue
from workflows.check_paths import (
    done_passes_its_check,
    finals_are_declared,
    holder_stands_in_relation,
    moves_are_unambiguous,
    states_are_reached,
    states_can_end,
)
from workflows.check_signing import (
    dropping_needs_two,
    endings_are_signed,
    holder_changes_by_handoff,
    signatures_fit,
    taking_by_authority_is_vouched_for,
)
from workflows.check_timers import dates_are_asked_for, offers_are_watched, waiting_is_watched
from workflows.check_words import fields_fit, people_are_known, states_are_known, titles_are_whole
from workflows.definition import Workflow
from workflows.errors import Finding

Proof = Callable[[Workflow], list[Finding]]

PROOFS: Final[tuple[Proof, ...]] = (
    states_are_known,
    people_are_known,
    fields_fit,
    titles_are_whole,
    states_are_reached,
    states_can_end,
    finals_are_declared,
    moves_are_unambiguous,
    done_passes_its_check,
    holder_stands_in_relation,
    holder_changes_by_handoff,
    taking_by_authority_is_vouched_for,
    signatures_fit,
    endings_are_signed,
    dropping_needs_two,
    waiting_is_watched,
    offers_are_watched,
    dates_are_asked_for,
)


def check(workflow: Workflow, catalogue: Catalogue | None) -> list[Finding]:
    """Return every fault of ``workflow``; an empty list means that it may be published.

    Without a catalogue (a definition looked at by itself) its names are taken on trust.
    """
    found = [finding for proof in PROOFS for finding in proof(workflow)]
    if catalogue is not None:
        found += find_unknown_names(workflow, catalogue)
        found += find_unknown_people(workflow, catalogue)
    return found


def find_unknown_names(workflow: Workflow, catalogue: Catalogue) -> list[Finding]:
    """Every guard and effect that the definition names is offered by the application."""
    named = [
        (f"moves.{move.name}.{part}", name, known)
        for move in workflow.moves.values()
        for part, names, known in (("guards", move.guards, set(catalogue.guards)),
                                   ("effects", move.effects, set(catalogue.effects)))
        for name in names
    ]
    named += [
        (f"states.{state.name}.requires.check", state.requires.check, set(catalogue.guards))
        for state in workflow.states.values() if state.requires
    ]
    return [
        Finding(place, f"“{name}” is not offered by the application.",
                f"Use one of: {', '.join(sorted(known)) or '(there are none)'}.")
        for place, name, known in named if name not in known
    ]


def find_unknown_people(workflow: Workflow, catalogue: Catalogue) -> list[Finding]:
    """Every role and relation of the vocabulary is one in which somebody may stand."""
    words = workflow.vocabulary
    return [
        Finding(f"vocabulary.{kind}s", f"Nobody can be “{kind}:{name}” in the application.",
                f"Use one of: {', '.join(sorted(known))}.")
        for kind, names, known in (("role", words.roles, catalogue.roles),
                                   ("relation", words.relations, catalogue.relations))
        if known is not None
        for name in names if name not in known
    ]
