"""The one form of bytes in which a version is kept, compared and known by its digest.

The canonical body is JSON of texts, whole numbers, true and lists, with sorted keys, no spaces and
no escapes beyond need (as RFC 8785 writes such values). What has its default value is left out, so
that a key added to the engine later leaves the digests of published versions as they are. States,
moves, fields and choices are lists, because their order is part of the lifecycle.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from workflows.definition import Field, Handoff, Move, State, Timer, Title, Workflow

Plain = dict[str, Any]


def canonical(workflow: Workflow) -> bytes:
    """Return the canonical body; ``reader.restore`` reads it back to an equal workflow."""
    return json.dumps(
        _workflow(workflow), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def digest(workflow: Workflow) -> str:
    """Return the SHA-256 of the canonical body, in hexadecimal digits."""
    return hashlib.sha256(canonical(workflow)).hexdigest()


def _workflow(workflow: Workflow) -> Plain:
    words = workflow.vocabulary
    return _kept({
        "workflow": {
            "name": workflow.name,
            "version": workflow.version,
            "initial": workflow.initial,
            "languages": list(workflow.languages),
            "title": workflow.title,
        },
        "vocabulary": _kept({
            "roles": list(words.roles),
            "relations": list(words.relations),
            "titles": dict(words.titles),
        }),
        "meanings": dict(workflow.meanings),
        "states": [_state(state) for state in workflow.states.values()],
        "moves": [_move(move) for move in workflow.moves.values()],
        "carry_over": {str(old): dict(states) for old, states in workflow.carry_over.items()},
    })


def _state(state: State) -> Plain:
    requires = state.requires
    return _kept({
        "name": state.name,
        "kind": state.kind,
        "title": state.title,
        "with": state.holder_is,
        "outcome": state.outcome,
        "requires": _kept({"check": requires.check, "with": requires.holder_is})
        if requires else None,
        "timers": [_timer(timer) for timer in state.timers],
    })


def _timer(timer: Timer) -> Plain:
    return _kept({
        "name": timer.name,
        "tells": list(timer.tells),
        "after": str(timer.after) if timer.after else None,
        "every": str(timer.every) if timer.every else None,
        "at_field": timer.at_field,
    })


def _move(move: Move) -> Plain:
    return _kept({
        "name": move.name,
        "title": move.title,
        "from": list(move.sources),
        "to": move.target,
        "may": list(move.may),
        "handoff": _handoff(move.handoff) if move.handoff else None,
        "signatures": [{"by": need.by, "meaning": need.meaning} for need in move.signatures],
        "reason": move.reason if move.reason != "off" else None,
        "guards": list(move.guards),
        "effects": list(move.effects),
        "timers": [_timer(timer) for timer in move.timers],
        "fields": [_field(field) for field in move.fields],
    })


def _handoff(handoff: Handoff) -> Plain:
    return _kept({
        "to": list(handoff.to),
        "witness": list(handoff.witness),
        "succeeds": handoff.succeeds,
        "authority": handoff.authority,
    })


def _field(field: Field) -> Plain:
    return _kept({
        "name": field.name,
        "title": field.title,
        "kind": field.kind if field.kind != "text" else None,
        "need": field.need if field.need != "required" else None,
        "by": field.by if field.by != "actor" else None,
        "future": field.future,
        "choices": [_choice(name, title) for name, title in field.choices.items()],
    })


def _choice(name: str, title: Title) -> Plain:
    return {"name": name, "title": title}


def _kept(plain: Plain) -> Plain:
    """Leave out what says nothing: None, false, and empty lists and tables."""
    return {key: value for key, value in plain.items() if value}
