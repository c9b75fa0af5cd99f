"""Proofs about timers: nothing waits, pauses or lies unaccepted without somebody being told."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition import Move, Timer, Workflow
from workflows.errors import Finding


def waiting_is_watched(workflow: Workflow) -> list[Finding]:
    """Each waiting or paused state has a timer; timers of one state have different names."""
    found = []
    for state in workflow.states.values():
        place = f"states.{state.name}.timers"
        if state.kind in ("waiting", "paused") and not state.timers:
            found.append(Finding(place, f"In “{state.name}” a thing could lie for ever unnoticed.",
                                 "Add a timer that tells somebody."))
        found += _names(state.timers, place)
    return found


def offers_are_watched(workflow: Workflow) -> list[Finding]:
    """Each handoff that is offered has a timer; a move without one cannot lie anywhere."""
    found = []
    for move in workflow.moves.values():
        place = f"moves.{move.name}.timers"
        if move.handoff and not move.timers:
            found.append(Finding(place, "An offer could lie unaccepted, and nobody be told.",
                                 "Add a timer that tells somebody."))
        if move.timers and not move.handoff:
            found.append(Finding(place, "There is no offer here that could lie unaccepted.",
                                 "Move the timer to a state, or add a handoff."))
        found += _names(move.timers, place)
    return found


def dates_are_asked_for(workflow: Workflow) -> list[Finding]:
    """A timer of a field's date has that date: every way into its state requires it."""
    found = []
    for state in workflow.states.values():
        for number, timer in enumerate(state.timers):
            if timer.at_field is None:
                continue
            place = f"states.{state.name}.timers[{number}].at_field"
            if state.name == workflow.initial:
                found.append(Finding(place, "The initial state is entered by no move, so there "
                                     "is no date.", "Use a span of working time here."))
            found += [
                Finding(place, f"“{move.name}” leads here without a required date "
                        f"“{timer.at_field}”.", "Add the field to this move.")
                for move in _entering(workflow, state.name)
                if not _asks(move, timer.at_field, by_receiver=True)
            ]
    for move in workflow.moves.values():
        found += [
            Finding(f"moves.{move.name}.timers[{number}].at_field",
                    f"The giver fills in no required date “{timer.at_field}”.",
                    "Add the field to this move.")
            for number, timer in enumerate(move.timers)
            if timer.at_field and not _asks(move, timer.at_field, by_receiver=False)
        ]
    return found


def _entering(workflow: Workflow, state: str) -> Iterator[Move]:
    """The moves that begin a new stay in ``state``; one that keeps the state does not."""
    return (move for move in workflow.moves.values() if move.target == state)


def _asks(move: Move, name: str, *, by_receiver: bool) -> bool:
    return any(
        field.name == name and field.kind == "date" and field.need == "required"
        and (by_receiver or not field.by_receiver)
        for field in move.fields
    )


def _names(timers: tuple[Timer, ...], place: str) -> list[Finding]:
    names = [timer.name for timer in timers]
    return [
        Finding(place, f"Two timers are named “{name}”.", "Give each a name of its own.")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
