"""A case of a log as a ticket with its history: who had it, when, in which state. Pure.

The log tells who was *assigned*; the registry asks in whose hands a ticket *is*. Both agree while
it is worked on. A ticket that is returned or over is with its originator, so the log's change to
such a state is a handoff back, and leaving it again is a reopening (the domain, 1.4 and 1.8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from registry.imports.events import Event, Record, moment_of
from registry.imports.mapping import KEEPS, Mapping, folded
from workflows import Workflow

LONGEST_SUMMARY = 160
LONGEST_DESCRIPTION = 8000


@dataclass(frozen=True)
class Course:
    """What the states of a lifecycle mean for who has the ticket: ``back`` with the originator,
    ``mended`` on its return, ``final`` over. To leave the last two is a reopening."""

    initial: str
    back: frozenset[str]
    mended: frozenset[str]
    final: frozenset[str]

    @classmethod
    def of(cls, workflow: Workflow) -> Course:
        """Read from the definition, so that every lifecycle can take imports."""
        states = workflow.states.values()
        final = frozenset(state.name for state in states if state.is_final)
        back = frozenset(state.name for state in states
                         if state.holder_is and state.name != workflow.initial)
        mended = frozenset(move.target for move in workflow.moves.values()
                           if "mended" in move.effects)
        return cls(workflow.initial, back | final, mended, final)


@dataclass(frozen=True)
class Case:
    """A case with its facts. ``is_shifted`` says that times of the log contradicted each other:
    an event before the one that it follows, or before the opening, was moved to it."""

    key: str
    line: int
    opened_at: datetime
    originator: str
    client: str
    contact: str
    site: str
    summary: str
    description: str
    events: tuple[Event, ...]
    is_shifted: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes one entry: a handoff where ``holder`` is named, else a change of state where
    ``source`` and ``target`` differ, else one of department alone."""

    line: int
    at: datetime
    actor: str
    activity: str
    source: str
    target: str
    department: str
    giver: str = ""
    holder: str = ""
    mender: str = ""
    effects: tuple[str, ...] = ()
    final: bool = False


def case_of(records: Sequence[Record], mapping: Mapping) -> Case:
    """The case that its records tell of, in their order; at least one."""
    facts = _Facts(records, mapping)
    columns, unknown = mapping.case, mapping.unknowns
    events, is_shifted = _forward([record.event for record in records])
    opened = facts.opened_at or events[0].at
    events = _ended(events, mapping)
    summary = " / ".join(filter(None, map(facts.last, columns.summary)))
    told = ((label, facts.last(column)) for label, column in columns.description)
    description = "\n".join(f"{label}: {text}" for label, text in told if text)
    return Case(
        key=records[0].case, line=min(event.line for event in events),
        opened_at=min(opened, events[0].at), is_shifted=is_shifted or opened > events[0].at,
        originator=next(filter(None, map(facts.first, columns.originator)), unknown.originator),
        client=mapping.client_name or facts.last(columns.client) or unknown.client,
        contact=facts.last(columns.contact), site=facts.last(columns.site),
        summary=_cut(summary or unknown.summary, LONGEST_SUMMARY),
        description=_cut(description, LONGEST_DESCRIPTION), events=events)


def steps_of(case: Case, course: Course) -> Iterator[Step]:
    """What becomes entries after the one that logs the ticket."""
    return _Follower(case.originator, course).steps(case.events)


class _Facts:
    """What the rows of a case say of it: the first or the last value that is known. A column of
    the event itself (XES: who acted first) counts as well."""

    def __init__(self, records: Sequence[Record], mapping: Mapping) -> None:
        self._records, self._columns, self._mapping = records, mapping.case_columns, mapping

    def first(self, column: str) -> str:
        """The first value that is known, or an empty text."""
        return next(filter(None, self._values(column, self._records)), "")

    def last(self, column: str) -> str:
        """The last value that is known, or an empty text."""
        return next(filter(None, self._values(column, reversed(self._records))), "")

    @property
    def opened_at(self) -> datetime | None:
        """When the case was opened, as the log says it."""
        text = self.first(self._mapping.case.opened_at)
        return moment_of(text, self._mapping) if text else None

    def _values(self, column: str, records: Sequence[Record] | Iterator[Record]) -> Iterator[str]:
        if column:
            place = self._columns.index(column)
            yield from (record.facts[place] for record in records)


def _forward(events: Sequence[Event]) -> tuple[tuple[Event, ...], bool]:
    """The events with times that never run backwards, and whether any had to be moved."""
    found: list[Event] = []
    for event in events:
        if found and event.at < found[-1].at:
            event = replace(event, at=found[-1].at)
        found.append(event)
    return tuple(found), any(one is not other for one, other in zip(found, events, strict=True))


def _ended(events: tuple[Event, ...], mapping: Mapping) -> tuple[Event, ...]:
    """The last event ends the case where the mapping says so."""
    last, states = events[-1], mapping.states
    if states.last and folded(last.transition) in states.last_after:
        return *events[:-1], replace(last, state=states.last)
    return events


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest - 1].rstrip() + "…"


@dataclass
class _Follower:
    """Follows one ticket from hand to hand. ``resource`` is whom the log names, known last."""

    originator: str
    course: Course
    state: str = field(init=False)
    holder: str = field(init=False)
    resource: str = ""
    department: str = ""

    def __post_init__(self) -> None:
        self.state, self.holder = self.course.initial, self.originator

    def steps(self, events: Sequence[Event]) -> Iterator[Step]:
        """The steps that the events make; an event that changes nothing makes none."""
        for event in events:
            yield from self._steps(event)

    def _steps(self, event: Event) -> Iterator[Step]:
        target = self.state if event.state == KEEPS else event.state
        is_other = bool(event.resource) and event.resource != self.resource
        self.resource = event.resource or self.resource
        changes_department = event.group not in ("", self.department)
        self.department = event.group or self.department
        is_back = target in self.course.back
        if is_back and is_other and self.resource != self.holder:
            # The log names somebody new on a ticket that is returned: it was with them meanwhile.
            yield self._hand(event, self.resource, self.state)
        holder = self.originator if is_back else self.resource or self.holder
        if holder != self.holder:
            yield self._hand(event, holder, target)
        elif target != self.state:
            if changes_department:
                yield self._step(event, self.state)
            yield self._step(event, target)
        elif changes_department:
            yield self._step(event, target)

    def _hand(self, event: Event, holder: str, target: str) -> Step:
        is_back = target in self.course.back and holder == self.originator
        step = self._step(event, target, giver=self.holder, holder=holder,
                          mender=self.holder if is_back else "")
        self.holder = holder
        return step

    def _step(self, event: Event, target: str, *, giver: str = "", holder: str = "",
              mender: str = "") -> Step:
        source, self.state = self.state, target
        return Step(event.line, event.at, event.actor, event.activity, source, target,
                    self.department, giver, holder, mender, self._effects(source, target),
                    source != target and target in self.course.final)

    def _effects(self, source: str, target: str) -> tuple[str, ...]:
        course = self.course
        over = course.mended | course.final
        effects = []
        if (source in over and target not in over) or (
                source in course.final and target not in course.final):
            effects.append("count_rework")
        if target in course.mended and target != source:
            effects.append("mended")
        return tuple(effects)
