"""The proofs agree with walking everywhere: random lifecycles, played out by persons.

The walker knows nothing of the proofs. It tries every move by every person with every receiver
through the engine itself, from every place that it came to, until nothing new is found; then it
looks at what it has seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from hypothesis import event, given, settings
from hypothesis import strategies as st

from workflows import (
    Act,
    Catalogue,
    Engine,
    Handoff,
    Move,
    Party,
    Refused,
    Requirement,
    Span,
    State,
    Timer,
    Title,
    Vocabulary,
    Workflow,
)
from workflows.check_paths import (
    done_passes_its_check,
    holder_stands_in_relation,
    states_are_reached,
    states_can_end,
)
from workflows.check_timers import waiting_is_watched

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cat")
OWNERS = frozenset({"ann", "bob"})
CATALOGUE = Catalogue(guards={"checked": lambda act: None, "other": lambda act: None})
LATE = Timer("late", ("role:clerk",), after=Span(4, "h"))

often = st.sampled_from([True, True, False])
seldom = st.sampled_from([True, False, False])


@st.composite
def states(draw: st.DrawFn, name: str) -> State:
    return State(
        name, draw(st.sampled_from(["waiting", "working", "paused"])), Title(en=name),
        holder_is="owner" if draw(seldom) else None, timers=(LATE,) if draw(often) else ())


@st.composite
def moves(draw: st.DrawFn, name: str, sources: st.SearchStrategy, targets: list[str]) -> Move:
    handoff = None
    if draw(st.booleans()):
        to = draw(st.lists(st.sampled_from(
            ["relation:owner", "relation:owner", "role:clerk", "role:clerk and relation:owner"]),
            min_size=1, max_size=2, unique=True))
        handoff = Handoff(tuple(to), succeeds=draw(st.booleans()))
    may = ["relation:holder", "relation:holder and relation:owner"]
    return Move(
        name, Title(en=name),
        sources=tuple(draw(sources)),
        target=draw(st.sampled_from(targets)),
        may=(draw(st.sampled_from(may if handoff else [*may, "role:clerk"])),),
        handoff=handoff, guards=draw(st.sampled_from([(), (), ("checked",), ("other",)])))


@st.composite
def lifecycles(draw: st.DrawFn) -> Workflow:
    """Small lifecycles, sound or not: some states open, one done, one dropped."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 4)))]
    requires = Requirement("checked", "owner" if draw(st.booleans()) else None)
    ends = [State("done", "final", Title(en="done"), outcome="done", requires=requires),
            State("dropped", "final", Title(en="dropped"), outcome="dropped")]
    made = [  # a way onward from most states, so that there is something to walk
        draw(moves(f"on{number}", st.just([name]), [*names[number + 1:number + 2], "done"]))
        for number, name in enumerate(names) if draw(often)]
    some = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    made += [draw(moves(f"m{number}", some, [*names, "done", "dropped", "="]))
             for number in range(draw(st.integers(0, 4)))]
    every = [*(draw(states(name)) for name in names), *ends]
    return Workflow(
        name="random", version=1, initial="s0", languages=("en",), title=Title(en="Random"),
        vocabulary=Vocabulary(("clerk",), ("holder", "owner")), meanings={},
        states={state.name: state for state in every}, moves={move.name: move for move in made})


@dataclass(frozen=True)
class Here:
    """One situation: where it stands, who has it, who owns, and whether it was checked since."""

    state: str
    holder: str
    owners: frozenset[str]
    checked: bool = False


class Walker:
    """Goes everywhere, one real act at a time, and remembers what it saw."""

    def __init__(self, workflow: Workflow, starts: list[Here]) -> None:
        self.workflow = workflow
        self.engine = Engine(workflow, CATALOGUE)
        self.seen: set[Here] = set()
        self.closed_by_others: set[str] = set()
        todo = list(starts)
        while todo:
            here = todo.pop()
            if here not in self.seen:
                self.seen.add(here)
                todo += self._onward(here)

    def _onward(self, here: Here) -> Iterator[Here]:
        for move, by, receiver in product(self.workflow.moves, PEOPLE, (None, *PEOPLE)):
            act = Act(self._party(by, here), NOW,
                      receiver=self._party(receiver, here) if receiver else None)
            try:
                step = self.engine.fire(here.state, move, act)
            except Refused:
                continue
            holder = step.holder or here.holder
            assert (holder == here.holder) or self.workflow.moves[move].handoff
            target = self.workflow.states[step.target]
            requires = target.requires
            if requires and requires.holder_is and here.holder not in here.owners:
                self.closed_by_others.add(target.name)
            owners = here.owners | ({holder} if step.succeeds == "owner" else frozenset())
            checked = here.checked or "checked" in self.workflow.moves[move].guards
            yield Here(step.target, holder, owners, checked and target.kind != "working")

    @staticmethod
    def _party(name: str, here: Here) -> Party:
        relations = {"holder"} if name == here.holder else set()
        relations |= {"owner"} if name in here.owners else set()
        return Party(name, frozenset({"clerk"}), frozenset(relations))


def beginnings(workflow: Workflow, state: str) -> list[Here]:
    """Every way to begin in ``state``: any holder, where the state does not ask for an owner."""
    asks = workflow.states[state].holder_is == "owner"
    return [Here(state, name, OWNERS) for name in PEOPLE if not asks or name in OWNERS]


def places(findings: list) -> set[str]:
    return {finding.place for finding in findings}


@settings(max_examples=120, deadline=None)
@given(workflow=lifecycles())
def test_a_state_is_reached_exactly_if_somebody_comes_there(workflow):
    walked = Walker(workflow, beginnings(workflow, "s0"))

    unseen = workflow.states.keys() - {here.state for here in walked.seen}

    event(f"unreached states: {len(unseen)}")
    assert places(states_are_reached(workflow)) == {f"states.{name}" for name in unseen}


@settings(max_examples=60, deadline=None)
@given(workflow=lifecycles())
def test_a_state_can_end_exactly_if_somebody_gets_from_it_to_a_final_one(workflow):
    endless = set()
    for name in workflow.states:
        walked = Walker(workflow, [*beginnings(workflow, name), Here(name, "cat", OWNERS)])
        if not any(workflow.states[here.state].is_final for here in walked.seen):
            endless.add(f"states.{name}")

    event(f"endless: {bool(endless)}")
    assert places(states_can_end(workflow)) == endless


@settings(max_examples=150, deadline=None)
@given(workflow=lifecycles())
def test_done_passes_its_check_exactly_if_nobody_gets_there_unchecked(workflow):
    walked = Walker(workflow, beginnings(workflow, "s0"))

    unchecked = any(here.state == "done" and not here.checked for here in walked.seen)

    event(f"done is reached: {any(here.state == 'done' for here in walked.seen)}")
    event(f"unchecked: {unchecked}")
    assert bool(done_passes_its_check(workflow)) == unchecked


@settings(max_examples=150, deadline=None)
@given(workflow=lifecycles())
def test_the_holder_stands_in_the_relation_exactly_if_nobody_else_ever_has_it(workflow):
    walked = Walker(workflow, beginnings(workflow, "s0"))

    wrong = {f"states.{here.state}.with" for here in walked.seen
             if workflow.states[here.state].holder_is and here.holder not in here.owners}
    wrong |= {f"states.{name}.requires.with" for name in walked.closed_by_others}

    event(f"in wrong hands: {bool(wrong)}")
    assert places(holder_stands_in_relation(workflow)) == wrong


@settings(max_examples=60, deadline=None)
@given(workflow=lifecycles())
def test_nothing_waits_unwatched_where_the_proof_finds_nothing(workflow):
    walked = Walker(workflow, beginnings(workflow, "s0"))

    unwatched = {f"states.{here.state}.timers" for here in walked.seen
                 if workflow.states[here.state].kind in ("waiting", "paused")
                 and not walked.engine.timers(here.state)}

    reached = {f"states.{here.state}.timers" for here in walked.seen}
    assert places(waiting_is_watched(workflow)) & reached == unwatched
