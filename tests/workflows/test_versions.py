"""A published version never changes, and its successor takes over all that is open."""

from dataclasses import replace

import pytest

from workflows import BadDefinition, Catalogue, Refused, carry, digest, publish, restore


@pytest.fixture
def catalogue(service_quality, open_catalogue):
    return open_catalogue(service_quality)


@pytest.fixture
def first(service_quality, catalogue):
    return publish(service_quality, catalogue, [])


@pytest.fixture
def second(service_quality):
    """A second version that carries over every open state, each to itself."""
    same = {state.name: state.name for state in service_quality.states.values()
            if not state.is_final}
    return replace(service_quality, version=2, carry_over={1: same})


def places(workflow, catalogue, published) -> list[str]:
    with pytest.raises(BadDefinition) as bad:
        publish(workflow, catalogue, published)
    return [finding.place for finding in bad.value.findings]


def test_a_version_is_published_under_its_digest(service_quality, first):
    assert (first.name, first.version) == ("service_quality", 1)
    assert first.digest == digest(service_quality)
    assert restore(first.body) == service_quality


def test_to_publish_the_same_again_changes_nothing(service_quality, catalogue, first, second):
    later = publish(second, catalogue, [first])

    assert publish(service_quality, catalogue, [first]) == first
    assert publish(service_quality, catalogue, [first, later]) == first


def test_a_published_version_cannot_be_changed(service_quality, catalogue, first):
    changed = replace(service_quality, title=service_quality.title | {"en": "Another"})

    assert "workflow.version" in places(changed, catalogue, [first])


def test_the_next_version_is_the_next_number(service_quality, catalogue, first, second):
    assert publish(second, catalogue, [first]).version == 2
    assert "workflow.version" in places(replace(second, version=3), catalogue, [first])
    assert "workflow.version" in places(second, catalogue, [])


def test_versions_of_other_lifecycles_do_not_count(bank_complaint, open_catalogue, first):
    assert publish(bank_complaint, open_catalogue(bank_complaint), [first]).version == 1


def test_every_open_state_must_have_its_place(catalogue, first, second):
    gap = replace(second, carry_over={1: {**second.carry_over[1], "nowhere": "logged"}})
    del gap.carry_over[1]["in_fix"]

    assert places(gap, catalogue, [first]) == ["carry_over.1.in_fix", "carry_over.1.nowhere"]


def test_a_carried_state_asks_no_more_of_the_holder(catalogue, first, second):
    """A thing in an engineer's hands cannot become one in the originator's by a new version."""
    wrong = replace(second, carry_over={1: {**second.carry_over[1], "in_fix": "returned"}})

    assert places(wrong, catalogue, [first]) == ["carry_over.1.in_fix"]


def test_what_does_not_hold_together_is_not_published(service_quality):
    broken = replace(service_quality, initial="nowhere")

    found = places(broken, Catalogue(), [])

    assert {"workflow.initial", "moves.confirm_gone.guards"} <= set(found)


def test_a_subject_is_carried_by_the_map_or_not_at_all(second):
    assert carry("in_fix", 1, second) == "in_fix"
    for state, version in (("closed", 1), ("in_fix", 7)):
        with pytest.raises(Refused) as refused:
            carry(state, version, second)
        assert [reason.code for reason in refused.value.reasons] == ["not_carried"]
