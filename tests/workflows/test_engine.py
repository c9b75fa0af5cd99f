"""What the engine lets pass and what it refuses, with every reason."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from workflows import BadDefinition, Catalogue, Engine, Reason, Refused


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def refused_for(engine, state, name, act) -> list[str]:
    with pytest.raises(Refused) as refused:
        engine.fire(state, name, act)
    assert all(str(reason) for reason in refused.value.reasons)
    return codes(refused)


def test_every_move_of_every_shipped_lifecycle_can_be_made(shipped, open_engine, whole_act):
    engine = open_engine(shipped)

    for move in shipped.moves.values():
        for source in move.sources:
            act = whole_act(shipped, move.name)
            opening = replace(act, signatures=act.signatures[:1], fields={
                field.name: act.fields[field.name] for field in move.fields
                if not field.by_receiver})

            engine.offer(source, move.name, opening)
            step = engine.fire(source, move.name, act)

            assert (step.source, step.target) == (source, move.target_from(source))
            assert (step.effects, step.signatures) == (move.effects, act.signatures)
            assert step.holder == ("receiver" if move.handoff else None)


def test_a_receiver_takes_over_the_relation_of_a_state_that_is_kept(engine, act):
    assert engine.fire("returned", "hand_over", act("hand_over")).succeeds == "originator"
    assert engine.fire("in_fix", "hand_over", act("hand_over")).succeeds is None
    assert engine.fire("in_fix", "return", act("return")).succeeds is None


def test_a_refusal_carries_all_reasons_at_once(engine, act, make_person):
    nobody = make_person("nobody")
    bare = act("return", by=nobody, fields={"colour": "red"}, reason="because", receiver=nobody,
               witness=nobody, signatures=())

    assert refused_for(engine, "logged", "return", bare) == [
        "not_from_here", "may_not_begin", "giver_not_holder", "reason_not_asked",
        "field_missing", "field_missing", "field_missing", "field_not_asked",
        "receiver_not_eligible", "witness_not_eligible", "receiver_is_giver", "witness_is_party",
        "signature_missing", "signature_missing", "signature_missing",
    ]


def test_an_unknown_state_or_move_is_refused(engine, act):
    assert refused_for(engine, "lost", "take", act("take")) == ["unknown_state"]
    assert refused_for(engine, "logged", "steal", act("take")) == ["unknown_move"]
    with pytest.raises(Refused):
        engine.moves("lost", act("take"))


def test_an_offer_needs_what_the_giver_can_give_and_no_more(engine, act):
    opening = act("take", fields={}, witness=None, signatures=act("take").signatures[:1])

    engine.offer("logged", "take", opening)

    assert refused_for(engine, "logged", "take", opening) == [
        "field_missing", "field_missing", "witness_missing", "signature_missing",
        "signature_missing"]
    with pytest.raises(Refused) as refused:
        engine.offer("logged", "take", replace(opening, receiver=None, signatures=()))
    assert codes(refused) == ["receiver_missing", "signature_missing"]


def test_nothing_can_be_offered_from_a_state_that_does_not_lead_there(engine, act):
    opening = act("take", fields={}, signatures=act("take").signatures[:1])

    with pytest.raises(Refused) as refused:
        engine.offer("returned", "take", opening)

    assert codes(refused) == ["not_from_here"]
    assert refused.value.reasons[0].params["state"]["ru"] == "возвращена автору"


def test_the_givers_fields_are_judged_at_the_offer(engine, act):
    opening = act("return", fields={"what_was_wrong": " "}, signatures=act("return").signatures[:1])

    with pytest.raises(Refused) as refused:
        engine.offer("in_fix", "return", opening)

    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
        ("field_missing", "what_was_wrong"), ("field_missing", "what_was_done")]


@pytest.mark.parametrize(("value", "code"), [
    ("soon", "field_not_a_date"),
    ("2026-13-01", "field_not_a_date"),
    ("2026-12-01", "field_not_a_date"),  # which moment of that day, and whose day?
    ("2026-12-01T10:00", "field_not_a_date"),  # no zone: nobody knows when that is
    ("0001-01-01T00:00:00+14:00", "field_not_a_date"),
    ("9999-12-31T23:59:59-14:00", "field_not_a_date"),
    ("2200-01-01T00:00:00Z", "field_not_a_date"),
    ("1970-01-01T00:00:00Z", "field_in_the_past"),
    ("2026-11-24T10:40:00+00:00", "field_in_the_past"),
])
def test_a_date_must_be_one_and_lie_ahead(engine, act, value, code):
    assert refused_for(engine, "in_fix", "hold", act("hold", fields={"until": value})) == [code]


@pytest.mark.parametrize("value", ["2026-11-24T13:41:00+03:00", " 2199-12-31T23:59:59-14:00 "])
def test_a_moment_to_come_is_taken(engine, act, value):
    assert engine.fire("in_fix", "hold", act("hold", fields={"until": value})).target == "on_hold"


def test_a_choice_must_be_one_of_those_offered(bank_complaint, open_engine, whole_act):
    engine = open_engine(bank_complaint)
    act = whole_act(bank_complaint, "decide", fields={"decision": "maybe", "grounds": "none"})

    with pytest.raises(Refused) as refused:
        engine.fire("under_investigation", "decide", act)

    assert "not upheld" in str(refused.value)
    assert codes(refused) == ["field_not_a_choice"]


def test_a_guard_refuses_with_its_own_reason(service_quality, whole_act):
    asked = Reason("client_not_asked", "Call the client first.")
    catalogue = Catalogue(
        {"client_confirmed": lambda act: None if act.facts.get("gone") else asked,
         "client_denied": lambda act: None},
        {"mended", "promise", "count_rework"})
    engine = Engine(service_quality, catalogue)
    act = whole_act(service_quality, "confirm_gone")

    assert refused_for(engine, "returned", "confirm_gone", act) == ["client_not_asked"]
    assert engine.fire("returned", "confirm_gone",
                       replace(act, facts={"gone": True})).target == "closed"


def test_the_moves_from_a_state_say_why_a_person_may_not_make_them(engine, act, make_person):
    engineer = make_person("pavel", "relation:holder", "role:engineer")

    choices = engine.moves("in_fix", act("take", by=engineer, fields={}, signatures=()))

    assert {choice.name: choice.allowed for choice in choices} == {
        "pass_on": True, "hold": True, "return": True, "hand_over": True,
        "take_by_authority": False, "cancel": False}
    cancel = choices[-1]
    assert cancel.is_joint
    assert str(cancel.reasons[0]) == "This can be begun only by: the originator."
    assert cancel.reasons[0].params["who"]["ru"] == "автор заявки"


def test_nothing_can_be_done_in_a_final_state(engine, act):
    assert engine.moves("closed", act("take")) == []


def test_signers_and_timers_are_those_of_the_definition(engine):
    assert [need.by for need in engine.signers("take")] == ["giver", "receiver", "witness"]
    assert [need.opening for need in engine.signers("take")] == [True, False, False]
    assert engine.timers("returned")[0].tells == ("relation:originator", "role:lead")
    assert str(engine.offer_timers("take")[0].after) == "4h"


def test_an_engine_does_not_start_without_its_guards(service_quality):
    with pytest.raises(BadDefinition, match="client_confirmed"):
        Engine(service_quality, Catalogue())


def test_one_engine_serves_many_threads(engine, act):
    """Refusals and steps of others never mix: each call has a subject of its own."""
    whole, bare = act("take"), act("take", signatures=())

    def one(number: int) -> bool:
        if number % 2:
            return engine.fire("logged", "take", whole).target == "accepted"
        return refused_for(engine, "logged", "take", bare) == ["signature_missing"] * 3

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, range(400)))
