"""A case becomes the history of a ticket: the registry's own rules hold for imported ones too."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from registry.imports.cases import Case, Course, Step, case_of, steps_of
from registry.imports.events import Event, Record
from registry.tickets.lifecycles import shipped_workflow
from tests.registry.imports.made import START, an_event, small_mapping

COURSE = Course.of(shipped_workflow("service_quality.toml"))
STATES = ("=", "logged", "accepted", "in_fix", "on_hold", "returned", "closed", "cancelled")
PEOPLE = ("", "Kim", "Orlov", "Sokolov")


def a_case(events: Sequence[Event], **facts: str) -> Case:
    """A case of these events, raised by Kim."""
    mapping = small_mapping()
    facts = {"opener": "Kim", "client": "Volga Bank", "what": "Slow line"} | facts
    values = tuple(facts[column] for column in mapping.case_columns)
    return case_of([Record("A", event, values) for event in events], mapping)


def told(events: Sequence[Event]) -> list[tuple[str, ...]]:
    """The steps: who hands it to whom, and from which state to which, with its effects."""
    return [(f"{step.giver}>{step.holder}" if step.holder else "", f"{step.source}>{step.target}",
             *step.effects) for step in steps_of(a_case(events), COURSE)]


def test_the_whole_road_from_hand_to_hand_and_back():
    assert told([
        an_event("logged"), an_event("in_fix", "Orlov", minute=1),
        an_event("on_hold", "Orlov", minute=2), an_event("in_fix", "Sokolov", minute=3),
        an_event("returned", "Sokolov", minute=4), an_event("closed", "Sokolov", minute=5),
    ]) == [
        ("Kim>Orlov", "logged>in_fix"), ("", "in_fix>on_hold"), ("Orlov>Sokolov", "on_hold>in_fix"),
        ("Sokolov>Kim", "in_fix>returned", "mended"), ("", "returned>closed"),
    ]


def test_an_unknown_resource_keeps_the_holder():
    assert told([an_event("in_fix", "Orlov"), an_event("on_hold"), an_event("in_fix", "Orlov"),
                 an_event("returned")]) == [
        ("Kim>Orlov", "logged>in_fix"), ("", "in_fix>on_hold"), ("", "on_hold>in_fix"),
        ("Orlov>Kim", "in_fix>returned", "mended")]


def test_leaving_returned_or_closed_is_a_reopening_and_goes_to_who_had_it():
    assert told([an_event("returned", "Orlov"), an_event("in_fix"), an_event("returned"),
                 an_event("closed"), an_event("on_hold", "Sokolov")]) == [
        ("Kim>Orlov", "logged>logged"), ("Orlov>Kim", "logged>returned", "mended"),
        ("Kim>Orlov", "returned>in_fix", "count_rework"),
        ("Orlov>Kim", "in_fix>returned", "mended"), ("", "returned>closed"),
        ("Kim>Sokolov", "closed>on_hold", "count_rework")]


def test_closed_that_is_only_returned_again_is_open_again():
    assert told([an_event("closed"), an_event("returned")]) == [
        ("", "logged>closed"), ("", "closed>returned", "count_rework", "mended")]


def test_a_resource_named_on_a_returned_ticket_had_it_meanwhile():
    assert told([an_event("returned", "Orlov"), an_event("closed", "Sokolov")])[2:] == [
        ("Kim>Sokolov", "returned>returned"), ("Sokolov>Kim", "returned>closed")]


def test_nobody_hands_a_ticket_to_themselves():
    assert told([an_event("in_fix", "Kim"), an_event("returned", "Kim")]) == [
        ("", "logged>in_fix"), ("", "in_fix>returned", "mended")]


def test_a_department_alone_is_told_once():
    steps = list(steps_of(a_case([
        an_event("logged", group="Desk"), an_event("in_fix", group="Desk"),
        an_event("in_fix", "Orlov", "Network"), an_event("=", group=""),
        an_event("on_hold", group="Desk")]), COURSE))
    assert [(step.department, step.holder, f"{step.source}>{step.target}") for step in steps] == [
        ("Desk", "", "logged>logged"), ("Desk", "", "logged>in_fix"),
        ("Network", "Orlov", "in_fix>in_fix"), ("Desk", "", "in_fix>in_fix"),
        ("Desk", "", "in_fix>on_hold")]


def test_of_the_opening_the_first_word_counts_of_all_else_the_last():
    mapping = small_mapping()
    columns = mapping.case_columns
    first = {"opener": "", "client": "Volga Bank", "what": "Slow line"}
    second = {"opener": "Kim", "client": "Don Bank", "what": ""}
    third = {"opener": "Orlov", "client": "", "what": ""}
    case = case_of([Record("A", an_event("="), tuple(facts[column] for column in columns))
                    for facts in (first, second, third)], mapping)
    assert (case.originator, case.client, case.summary) == ("Kim", "Don Bank", "Slow line")


def test_what_nobody_says_is_named_as_unknown():
    case = a_case([an_event("logged")], opener="", client="", what="")
    assert (case.originator, case.client, case.summary) == (
        "Nobody named", "Nowhere named", "Nothing said")


def test_long_words_are_cut_where_the_registry_cuts_them():
    assert a_case([an_event("logged")], what="x" * 500).summary == "x" * 159 + "…"


def test_a_time_before_the_one_before_is_moved_up_and_noted():
    case = a_case([an_event("logged", minute=5), an_event("in_fix", minute=1)])
    assert case.is_shifted
    assert [event.at for event in case.events] == [an_event("=", minute=5).at] * 2
    assert case.line == 3
    assert not a_case([an_event("logged"), an_event("in_fix")]).is_shifted


EVENTS = st.lists(st.builds(
    an_event, st.sampled_from(STATES), st.sampled_from(PEOPLE),
    st.sampled_from(("", "Desk", "Network")), minute=st.integers(0, 50)), min_size=1, max_size=25)


@given(EVENTS)
def test_whatever_a_log_says_the_ticket_is_in_one_hand_and_comes_back(events: list[Event]):
    holder, state, reopenings = "Kim", COURSE.initial, 0
    steps = list(steps_of(a_case(events), COURSE))
    for step in steps:
        assert step.source == state
        if step.holder:
            assert step.giver == holder != step.holder
        _keeps_the_rules(step)
        holder, state = step.holder or holder, step.target
        reopenings += "count_rework" in step.effects
    assert holder == "Kim" or state not in COURSE.back
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert all(step.at >= START for step in steps)
    assert reopenings == _reopenings(events)
    last = [event.state for event in events if event.state != "="]
    assert state == (last[-1] if last else COURSE.initial)


def _keeps_the_rules(step: Step) -> None:
    changes = step.source != step.target
    assert step.final == (changes and step.target in ("closed", "cancelled"))
    assert ("mended" in step.effects) == (changes and step.target == "returned")
    assert step.holder or changes or step.department


def _reopenings(events: Sequence[Event]) -> int:
    states = [COURSE.initial, *(event.state for event in events if event.state != "=")]
    over, final = ("returned", "closed", "cancelled"), ("closed", "cancelled")
    return sum((before in over and after not in over)
               or (before in final and after not in final)
               for before, after in itertools.pairwise(states))
