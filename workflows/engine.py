"""Acts by a definition: which moves there are, whether one may be begun, and what a step does.

One ``transitions`` machine serves all subjects of a version; it holds none of them, and an engine
may be used from any number of threads. transitions alone answers a refusal with False: here each
condition says why, and a refusal carries every reason. The engine changes nothing itself: the
application writes the step down and performs its effects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from transitions import EventData, Machine

from workflows.catalogue import Catalogue
from workflows.checks import find_unknown_names
from workflows.definition import Field, Handoff, Move, SignatureNeed, Timer, Title, Workflow
from workflows.errors import BadDefinition, Reason, Refused, reason
from workflows.judgement import (
    judge_beginner,
    judge_fields,
    judge_guards,
    judge_parties,
    judge_reason,
)
from workflows.parties import Act, Signed
from workflows.signatures import judge_signatures


@dataclass(frozen=True)
class Choice:
    """A move from a state, what it will ask for, and why this person may not begin it now."""

    name: str
    title: Title
    handoff: Handoff | None
    is_joint: bool
    reason: str
    fields: tuple[Field, ...]
    signatures: tuple[SignatureNeed, ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class Step:
    """What a completed move changes.

    ``holder`` is the id of the new holder, None where it stays as it was: only a handoff names
    one. ``succeeds`` is the relation that the receiver takes over, if any.
    """

    move: str
    source: str
    target: str
    effects: tuple[str, ...]
    signatures: tuple[Signed, ...]
    holder: str | None = None
    succeeds: str | None = None


class _Passage:
    """What the machine moves in one call: a state, and the reasons found on the way."""

    __slots__ = ("reasons", "state")

    def __init__(self, state: str) -> None:
        self.state = state
        self.reasons: list[Reason] = []


class Engine:
    """One version of a lifecycle, ready to act; immutable."""

    def __init__(self, workflow: Workflow, catalogue: Catalogue) -> None:
        """Take a proved definition; BadDefinition if it names a guard or effect unknown here."""
        findings = find_unknown_names(workflow, catalogue)
        if findings:
            raise BadDefinition(findings)
        self.workflow = workflow
        self.catalogue = catalogue
        self._machine = Machine(
            model=None,
            states=list(workflow.states),
            initial=None,
            transitions=[self._transition(move) for move in workflow.moves.values()],
            auto_transitions=False,
            send_event=True,
            name=f"{workflow.name} {workflow.version}",
        )

    def moves(self, state: str, act: Act) -> list[Choice]:
        """Return every move from ``state``; no ``reasons`` means that ``act.by`` may begin it.

        Judged by the person and the guards alone: fields, receiver and signatures come later.
        Refused for a state that this lifecycle has not.
        """
        if state not in self.workflow.states:
            raise Refused([reason("unknown_state", state=state)])
        return [
            Choice(move.name, move.title, move.handoff, move.is_joint, move.reason, move.fields,
                   move.signatures, tuple(self._judge_begin(move, act)))
            for move in self.workflow.moves_from(state)
        ]

    def offer(self, state: str, move: str, act: Act) -> None:
        """Judge the beginning of a move that others must sign too; Refused carries all reasons.

        Everything is judged that can be at this moment: the state, who begins, guards, reason,
        the beginner's fields and signature, receiver and (if already named) witness.
        """
        found = [*self._judge_state(state, move), *self._judge(move, act, complete=False)]
        if found:
            raise Refused(found)

    def fire(self, state: str, move: str, act: Act) -> Step:
        """Complete a move and return what it changes; Refused carries all reasons."""
        found = [*self._judge_state(state, move)]
        if found:
            raise Refused([*found, *self._judge(move, act, complete=True)])
        passage = _Passage(state)
        if not self._machine.events[move].trigger(passage, act=act):
            raise Refused(passage.reasons)
        return self._step(self.workflow.moves[move], state, passage.state, act)

    def signers(self, move: str) -> tuple[SignatureNeed, ...]:
        """Return the signatures that ``move`` asks for, the opening one first."""
        return self.workflow.moves[move].signatures

    def timers(self, state: str) -> tuple[Timer, ...]:
        """Return the timers that run while a subject is in ``state``."""
        return self.workflow.states[state].timers

    def offer_timers(self, move: str) -> tuple[Timer, ...]:
        """Return the timers that run while ``move`` is offered and not yet accepted."""
        return self.workflow.moves[move].timers

    def _transition(self, move: Move) -> dict[str, Any]:
        return {
            "trigger": move.name,
            "source": list(move.sources),
            "dest": move.target,
            "conditions": [self._is_allowed],
        }

    def _is_allowed(self, event: EventData) -> bool:
        """The machine's one condition: all are judged together, so that none hides another."""
        passage = cast(_Passage, event.model)
        passage.reasons.extend(self._judge(event.event.name, event.kwargs["act"], complete=True))
        return not passage.reasons

    def _judge_state(self, state: str, move: str) -> Iterator[Reason]:
        workflow = self.workflow
        if state not in workflow.states:
            yield reason("unknown_state", state=state)
        if move not in workflow.moves:
            yield reason("unknown_move", move=move)
        elif state in workflow.states and state not in workflow.moves[move].sources:
            yield reason("not_from_here", move=workflow.moves[move].title,
                         state=workflow.states[state].title)

    def _judge(self, name: str, act: Act, *, complete: bool) -> Iterator[Reason]:
        move = self.workflow.moves.get(name)
        if move is None:
            return
        yield from self._judge_begin(move, act)
        yield from judge_reason(move, act)
        yield from judge_fields(move, act, complete=complete)
        yield from judge_parties(self.workflow, move, act, complete=complete)
        yield from judge_signatures(self.workflow, move, act, complete=complete)

    def _judge_begin(self, move: Move, act: Act) -> Iterator[Reason]:
        yield from judge_beginner(self.workflow, move, act)
        yield from judge_guards(move, act, self.catalogue)

    def _step(self, move: Move, source: str, target: str, act: Act) -> Step:
        handoff = move.handoff
        succeeds = self.workflow.states[source].holder_is
        return Step(
            move.name, source, target, move.effects, act.signatures,
            holder=act.receiver.id if handoff and act.receiver else None,
            succeeds=succeeds if handoff and handoff.succeeds and source == target else None,
        )
