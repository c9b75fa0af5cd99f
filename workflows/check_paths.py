"""Proofs about paths: where a subject can come, and what it must have passed by then.

A definition is a graph of states and moves. Guards may always pass, and whoever may do a thing
may do it: a path counts if the definition does not forbid it. Each finding about a path shows one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from workflows.definition import HOLDER, Move, State, Workflow, conditions
from workflows.errors import Finding

Node = TypeVar("Node", bound=Hashable)
Spot = tuple[str, bool]
"""A state, and whether the holder is known to stand in the relation that is followed."""


def states_are_reached(workflow: Workflow) -> list[Finding]:
    """Every state can be reached from the initial one."""
    seen = _reached(workflow)
    return [
        Finding(f"states.{name}", f"No path leads to “{name}”.",
                "Add a move to it, or leave the state out.")
        for name in workflow.states if name not in seen
    ]


def states_can_end(workflow: Workflow) -> list[Finding]:
    """From every state some path leads to a final one."""
    found = []
    for name in workflow.states:
        seen = _walk([name], partial(_targets, workflow))
        if not any(workflow.states[state].is_final for state in seen):
            found.append(Finding(f"states.{name}", f"What comes to “{name}” never ends.",
                                 "Add a move that leads on to a final state."))
    return found


def finals_are_declared(workflow: Workflow) -> list[Finding]:
    """A final state says how it ends; nothing follows it; something can end as done."""
    found = []
    for state in workflow.states.values():
        place = f"states.{state.name}"
        if not state.is_final:
            if state.outcome or state.requires:
                found.append(Finding(place, "Only a final state has an outcome or requirement.",
                                     "Make it final, or leave them out."))
            continue
        found += _final_state(state, place)
        found += [
            Finding(f"moves.{move.name}.from", f"“{state.name}” is final: nothing follows it.",
                    "Leave it out of the list, or make it another kind of state.")
            for move in workflow.moves_from(state.name)
        ]
    if not any(state.outcome == "done" for state in workflow.states.values()):
        found.append(Finding("states", "Nothing can end as done.",
                             "Give one final state outcome = “done”."))
    return found


def _final_state(state: State, place: str) -> Iterator[Finding]:
    if state.outcome is None:
        yield Finding(f"{place}.outcome", "A final state says how it ends.",
                      "Add outcome = “done” or “dropped”.")
    if state.outcome == "done" and state.requires is None:
        yield Finding(f"{place}.requires", "“Done” must have been checked.",
                      "Add requires = { check = “…” } with a guard.")
    if state.outcome == "dropped" and state.requires is not None:
        yield Finding(f"{place}.requires", "What is dropped needs no check.",
                      "Leave it out: two signatures stand for it.")
    if state.holder_is or state.timers:
        yield Finding(place, "In a final state nobody holds anything and nothing is due.",
                      "Leave “with” and timers out.")


def moves_are_unambiguous(workflow: Workflow) -> list[Finding]:
    """From one state each move stands once, under a title of its own."""
    found = []
    for move in workflow.moves.values():
        for source in sorted({name for name in move.sources if move.sources.count(name) > 1}):
            found.append(Finding(f"moves.{move.name}.from", f"“{source}” stands here twice.",
                                 "Name each state once."))
        for other in _namesakes(workflow, move):
            found.append(Finding(f"moves.{other.name}.title",
                                 f"“{move.name}” has the same title and can be made from the "
                                 "same state.", "Give each a title that tells them apart."))
    return found


def _namesakes(workflow: Workflow, move: Move) -> Iterator[Move]:
    """The moves after ``move`` that people could not tell from it."""
    names = list(workflow.moves)
    for name in names[names.index(move.name) + 1:]:
        other = workflow.moves[name]
        if set(move.sources) & set(other.sources) and move.title.items() & other.title.items():
            yield other


def done_passes_its_check(workflow: Workflow) -> list[Finding]:
    """Every path to a done state passes its check, and no more work follows the check.

    So nobody who works on a thing can end it: after the last working state (and, where nothing
    was worked on, after the start) a move with the guard must stand in the path.
    """
    found = []
    starts = [
        name for name in _reached(workflow)
        if name == workflow.initial or workflow.states[name].kind == "working"
    ]
    for state in workflow.states.values():
        if state.requires is None:
            continue
        check = state.requires.check
        seen = _walk(starts, partial(_targets, workflow, without=check))
        if state.name in seen:
            found.append(Finding(
                f"states.{state.name}.requires.check",
                f"A path does not pass “{check}”: {_said(seen, state.name)}.",
                "Put the guard on a move in this path, after the last work."))
    return found


def holder_stands_in_relation(workflow: Workflow) -> list[Finding]:
    """Where a state (or the last move to a final one) asks a relation of its holder, it is so.

    What is known: the first holder stands in the initial state's relation; a handoff makes known
    what all its receivers have in common, or the relation taken over; all else keeps the holder,
    and so what is known.
    """
    relations = {
        relation: None for state in workflow.states.values()
        for relation in (state.holder_is, state.requires and state.requires.holder_is)
        if relation and relation != HOLDER
    }
    return [finding for relation in relations for finding in _hands(workflow, relation)]


def _hands(workflow: Workflow, relation: str) -> Iterator[Finding]:
    first = workflow.states.get(workflow.initial)
    starts: list[Spot] = [(first.name, first.holder_is == relation)] if first else []
    seen = _walk(starts, lambda spot: _spots(workflow, spot, relation))
    for spot in seen:
        name, known = spot
        if workflow.states[name].holder_is == relation and not known:
            yield Finding(f"states.{name}.with", f"The holder need not be {relation}: "
                          f"{_said(seen, spot)}.",
                          f"Hand it to “relation:{relation}” on this path.")
        for move in workflow.moves_from(name):
            end = workflow.states.get(move.target_from(name))
            if (end and end.requires and end.requires.holder_is == relation
                    and not _known_before(move, known, relation)):
                yield Finding(f"states.{end.name}.requires.with", "The one who holds it last need "
                              f"not be {relation}: {_said(seen, spot)} → {end.name}.",
                              f"Lead “{move.name}” from a state with = “{relation}”.")


def _spots(workflow: Workflow, spot: Spot, relation: str) -> Iterator[Spot]:
    name, _ = spot
    for move in workflow.moves_from(name):
        target = move.target_from(name)
        if target in workflow.states:
            yield target, _known_after(workflow, move, spot, relation)


def _known_before(move: Move, known: bool, relation: str) -> bool:
    """A move that only a holder in the relation may make proves that its holder is one."""
    return known or all(
        {("relation", HOLDER), ("relation", relation)} <= set(conditions(term))
        for term in move.may
    )


def _known_after(workflow: Workflow, move: Move, spot: Spot, relation: str) -> bool:
    name, known = spot
    if move.handoff is None:
        return _known_before(move, known, relation)
    kept = workflow.states[name].holder_is
    if move.handoff.succeeds and kept == relation and move.target_from(name) == name:
        return True
    return all(("relation", relation) in conditions(term) for term in move.handoff.to)


def _reached(workflow: Workflow) -> dict[str, str | None]:
    starts = [workflow.initial] if workflow.initial in workflow.states else []
    return _walk(starts, partial(_targets, workflow))


def _targets(workflow: Workflow, state: str, without: str | None = None) -> Iterator[str]:
    for move in workflow.moves_from(state):
        if without is None or without not in move.guards:
            target = move.target_from(state)
            if target in workflow.states:
                yield target


def _walk(starts: Iterable[Node], onward: Callable[[Node], Iterable[Node]]
          ) -> dict[Node, Node | None]:
    """Return every node that is reached, each with the node before it on a shortest path."""
    seen: dict[Node, Node | None] = dict.fromkeys(starts)
    front = list(seen)
    while front:
        behind, front = front, []
        for node in behind:
            for following in onward(node):
                if following not in seen:
                    seen[following] = node
                    front.append(following)
    return seen


def _said(seen: Mapping[Node, Node | None], end: Node) -> str:
    """Write the path to ``end`` as people read it."""
    path: list[str] = []
    node: Node | None = end
    while node is not None:
        path.append(node[0] if isinstance(node, tuple) else str(node))
        node = seen[node]
    return " → ".join(reversed(path))
