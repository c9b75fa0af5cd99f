"""Whatever lacks in an act is named, all of it and nothing else; a step never leaves the lifecycle.

A whole act of any move of any shipped lifecycle gets any set of faults that do not depend on one
another; what each must be refused for is known beforehand.
"""

from collections import Counter
from dataclasses import replace

from hypothesis import event, given
from hypothesis import strategies as st

from workflows import Act, Engine, Move, Party, Refused, Signed, Step

STRANGER = Party("stranger")


def fault_of_reason(act: Act, move: Move) -> tuple[Act, list[str]]:
    if move.reason == "required":
        return replace(act, reason="  "), ["reason_missing"]
    if move.reason == "off":
        return replace(act, reason="because"), ["reason_not_asked"]
    return act, []


def fault_of_fields(act: Act, move: Move) -> tuple[Act, list[str]]:
    required = [field for field in move.fields if field.need == "required"]
    return replace(act, fields={"colour": "red"}), ["field_not_asked",
                                                    *["field_missing" for _ in required]]


def fault_of_dates(act: Act, move: Move) -> tuple[Act, list[str]]:
    wrong = {field.name: "2026-11-01T10:00:00Z" for field in move.fields if field.future}
    return replace(act, fields={**act.fields, **wrong}), ["field_in_the_past" for _ in wrong]


def fault_of_receiver(act: Act, move: Move) -> tuple[Act, list[str]]:
    if move.handoff is None:
        return replace(act, receiver=STRANGER), ["receiver_not_asked"]
    return replace(act, receiver=replace(act.receiver, roles=frozenset(), relations=frozenset())), [
        "receiver_not_eligible"]


def fault_of_witness(act: Act, move: Move) -> tuple[Act, list[str]]:
    if act.witness is None:
        return replace(act, witness=Party("onlooker")), ["witness_not_asked"]
    return replace(act, witness=replace(act.witness, roles=frozenset())), ["witness_not_eligible"]


def fault_of_signatures(act: Act, move: Move) -> tuple[Act, list[str]]:
    return replace(act, signatures=()), ["signature_missing" for _ in move.signatures]


def fault_of_a_stranger_who_signs(act: Act, move: Move) -> tuple[Act, list[str]]:
    more = Signed(Party("passer-by"), "actor", "agrees")
    return replace(act, signatures=(*act.signatures, more)), ["signature_not_asked"]


FAULTS = [fault_of_reason, fault_of_receiver, fault_of_witness, fault_of_signatures,
          fault_of_a_stranger_who_signs, fault_of_fields, fault_of_dates]


def outcome(engine: Engine, state: str, name: str, act: Act) -> Step | Counter:
    """Return the step, or how often each code was among the reasons."""
    try:
        return engine.fire(state, name, act)
    except Refused as refused:
        return Counter(reason.code for reason in refused.reasons)


@given(data=st.data())
def test_an_act_is_refused_for_exactly_what_it_lacks(shipped, open_engine, whole_act, data):
    move = data.draw(st.sampled_from(list(shipped.moves.values())))
    state = data.draw(st.sampled_from(list(shipped.states)))
    faults = data.draw(st.lists(st.sampled_from(FAULTS), unique=True))
    if {fault_of_fields, fault_of_dates} <= set(faults):
        faults.remove(fault_of_dates)
    act, expected = whole_act(shipped, move.name), Counter()
    for fault in sorted(faults, key=FAULTS.index):
        act, codes = fault(act, move)
        expected.update(codes)
    if state not in move.sources:
        expected["not_from_here"] += 1

    came = outcome(open_engine(shipped), state, move.name, act)

    if expected:
        assert came == expected
    else:
        assert isinstance(came, Step)
        assert came.target in shipped.states
        assert (came.holder is not None) == (move.handoff is not None)


names = st.sampled_from(["ann", "bob", "cat", "dan"])


@st.composite
def parties(draw: st.DrawFn, roles: tuple[str, ...], relations: tuple[str, ...]) -> Party:
    return Party(draw(names), frozenset(draw(st.sets(st.sampled_from(roles)))),
                 frozenset(draw(st.sets(st.sampled_from(relations)))))


@st.composite
def muddled(draw: st.DrawFn, act: Act, move: Move, persons: st.SearchStrategy[Party]) -> Act:
    """A whole act of which some parts, or none, are whatever comes."""
    signed = st.builds(Signed, persons, st.sampled_from([need.by for need in move.signatures]),
                       st.sampled_from([need.meaning for need in move.signatures]))
    parts = {
        "by": persons, "receiver": st.none() | persons, "giver": st.none() | persons,
        "witness": st.none() | persons, "reason": st.sampled_from(["", "so"]),
        "signatures": st.lists(signed, max_size=4).map(tuple),
        "fields": st.dictionaries(st.sampled_from([*act.fields, "what"]),
                                  st.text(max_size=12) | st.just("2999-01-01")),
    }
    changed = draw(st.sets(st.sampled_from(sorted(parts)), max_size=3))
    return replace(act, **{name: draw(parts[name]) for name in sorted(changed)})


@given(data=st.data())
def test_no_act_whatever_leads_out_of_the_lifecycle(shipped, open_engine, whole_act, data):
    """Any persons, signatures and words: a step keeps to the definition, or nothing happens."""
    words = shipped.vocabulary
    move = data.draw(st.sampled_from(list(shipped.moves.values())))
    state = data.draw(st.sampled_from([*shipped.states, *move.sources]))
    act = data.draw(muddled(whole_act(shipped, move.name), move,
                            parties(words.roles, words.relations)))

    came = outcome(open_engine(shipped), state, move.name, act)

    event("a step" if isinstance(came, Step) else "refused")
    if isinstance(came, Step):
        assert state in move.sources
        assert came.target == move.target_from(state)
        assert len({signature.party.id for signature in came.signatures}) == len(move.signatures)
        assert (came.holder is not None) == (move.handoff is not None)
    else:
        assert came.total() > 0
