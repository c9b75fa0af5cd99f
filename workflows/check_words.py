"""Proofs about words: whatever a definition speaks of exists, and has a name in each language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflows.definition import (
    HOLDER,
    PARTIES,
    SAME,
    Field,
    Move,
    State,
    Title,
    Workflow,
    conditions,
)
from workflows.errors import Finding

RESERVED_FIELDS: Final = ("reason", "receiver", "giver", "witness")


def states_are_known(workflow: Workflow) -> list[Finding]:
    """Every state that is named exists: initial, from, to, carry-over."""
    named = [("workflow.initial", workflow.initial)]
    for move in workflow.moves.values():
        named += [(f"moves.{move.name}.from", source) for source in move.sources]
        if move.target != SAME:
            named.append((f"moves.{move.name}.to", move.target))
    for version, states in workflow.carry_over.items():
        named += [(f"carry_over.{version}.{old}", new) for old, new in states.items()]
    return [
        Finding(place, f"There is no state “{name}”.",
                f"Add it, or name one of: {', '.join(workflow.states)}.")
        for place, name in named if name not in workflow.states
    ]


def people_are_known(workflow: Workflow) -> list[Finding]:
    """Every role, relation and meaning stands in the vocabulary, with its titles."""
    words = workflow.vocabulary
    found = []
    if HOLDER not in words.relations:
        found.append(Finding("vocabulary.relations", f"The relation “{HOLDER}” is missing.",
                             "Add it: every lifecycle has a holder."))
    for place, kind, name in _people(workflow):
        if name not in (words.roles if kind == "role" else words.relations):
            found.append(Finding(place, f"There is no {kind} “{name}”.",
                                 f"Add it to vocabulary.{kind}s, or correct its spelling."))
    for place, relation in _holder_relations(workflow):
        if relation == HOLDER:
            found.append(Finding(place, "That the holder is the holder says nothing.",
                                 "Name another relation, or leave it out."))
    for move in workflow.moves.values():
        for number, need in enumerate(move.signatures):
            if need.meaning not in workflow.meanings:
                found.append(Finding(f"moves.{move.name}.signatures[{number}].meaning",
                                     f"There is no meaning “{need.meaning}”.",
                                     "Add it to [meanings], or correct its spelling."))
    return found


def fields_fit(workflow: Workflow) -> list[Finding]:
    """Fields are filled in by somebody there is, and do not take the names of the form's own."""
    found = []
    for move, field in _fields(workflow):
        place = f"moves.{move.name}.fields.{field.name}"
        if move.handoff is None and field.by != "actor":
            found.append(Finding(f"{place}.by", f"There is no {field.by} where nothing is handed "
                                 "over.", "Leave “by” out, or add a handoff."))
        if field.name in RESERVED_FIELDS:
            found.append(Finding(place, f"Every move may have “{field.name}” of its own.",
                                 "Give this field another name."))
        if field.future and field.kind != "date":
            found.append(Finding(f"{place}.future", "Only a date can lie in the future.",
                                 "Make the kind “date”, or leave “future” out."))
    return found


def titles_are_whole(workflow: Workflow) -> list[Finding]:
    """Each title has each language of the lifecycle, and no other."""
    languages = set(workflow.languages)
    found = []
    for place, title in _titles(workflow):
        missing = sorted(languages - {language for language, text in title.items() if text.strip()})
        if missing:
            found.append(Finding(place, f"The title is missing in: {', '.join(missing)}.",
                                 "Add it: everybody reads their own language."))
        for language in sorted(title.keys() - languages):
            found.append(Finding(place, f"“{language}” is not a language of this lifecycle.",
                                 "Add it to workflow.languages, or leave this title out."))
    return found


def _titles(workflow: Workflow) -> Iterator[tuple[str, Title]]:
    yield "workflow.title", workflow.title
    for name, title in workflow.meanings.items():
        yield f"meanings.{name}", title
    titles = workflow.vocabulary.titles
    for word in sorted(_words_for_people(workflow) | titles.keys()):
        yield f"vocabulary.titles.{word}", titles.get(word, Title())
    for state in workflow.states.values():
        yield f"states.{state.name}.title", state.title
    for move in workflow.moves.values():
        yield f"moves.{move.name}.title", move.title
    for move, field in _fields(workflow):
        place = f"moves.{move.name}.fields.{field.name}"
        yield f"{place}.title", field.title
        for name, title in field.choices.items():
            yield f"{place}.choices.{name}.title", title


def _words_for_people(workflow: Workflow) -> set[str]:
    """Every word for a person that a sentence may need: roles, relations, parties that sign."""
    words = workflow.vocabulary
    parties = {need.by for move in workflow.moves.values() for need in move.signatures}
    return (
        {f"role:{name}" for name in words.roles}
        | {f"relation:{name}" for name in words.relations}
        | (parties & set(PARTIES))
    )


def _people(workflow: Workflow) -> Iterator[tuple[str, str, str]]:
    """Every (place, kind, name) at which a role or relation is spoken of."""
    for place, relation in _holder_relations(workflow):
        yield place, "relation", relation
    for place, terms in _terms(workflow):
        for term in terms:
            for kind, name in conditions(term):
                yield place, kind, name


def _holder_relations(workflow: Workflow) -> Iterator[tuple[str, str]]:
    for state in workflow.states.values():
        if state.holder_is:
            yield f"states.{state.name}.with", state.holder_is
        if state.requires and state.requires.holder_is:
            yield f"states.{state.name}.requires.with", state.requires.holder_is


def _terms(workflow: Workflow) -> Iterator[tuple[str, tuple[str, ...]]]:
    for state in workflow.states.values():
        yield from _timer_terms(state, "states")
    for move in workflow.moves.values():
        place = f"moves.{move.name}"
        yield f"{place}.may", move.may
        if move.handoff:
            yield f"{place}.handoff.to", move.handoff.to
            yield f"{place}.handoff.witness", move.handoff.witness
        for number, need in enumerate(move.signatures):
            if need.by not in PARTIES:
                yield f"{place}.signatures[{number}].by", (need.by,)
        yield from _timer_terms(move, "moves")


def _timer_terms(owner: State | Move, table: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, timer in enumerate(owner.timers):
        yield f"{table}.{owner.name}.timers[{number}].tells", timer.tells


def _fields(workflow: Workflow) -> Iterator[tuple[Move, Field]]:
    for move in workflow.moves.values():
        for field in move.fields:
            yield move, field
