"""Who must sign a move, as whom and with what meaning; and that they are different persons."""

from dataclasses import replace

import pytest

from workflows import Refused, Signed


def refused_for(engine, state, name, act) -> list[str]:
    with pytest.raises(Refused) as refused:
        engine.fire(state, name, act)
    assert all(str(reason) for reason in refused.value.reasons)
    return [reason.code for reason in refused.value.reasons]


def test_giver_receiver_and_witness_are_three_persons(engine, act, make_person):
    registrar = make_person("one", "role:registrar")
    give, _, _ = act("take").signatures
    both = act("take", receiver=registrar, witness=registrar, signatures=(
        give, Signed(registrar, "receiver", "takes"), Signed(registrar, "witness", "witnesses")))

    assert refused_for(engine, "logged", "take", both) == ["witness_is_party",
                                                           "signers_not_distinct"]


def test_a_registrar_receives_in_the_presence_of_a_deputy(engine, act, make_person):
    registrar, deputy = make_person("one", "role:registrar"), make_person("two", "role:deputy")
    give, _, _ = act("take").signatures
    taken = act("take", receiver=registrar, witness=deputy, signatures=(
        give, Signed(registrar, "receiver", "takes"), Signed(deputy, "witness", "witnesses")))

    assert engine.fire("logged", "take", taken).holder == "one"


def test_the_giver_cannot_receive_it_back(engine, act):
    whole = act("pass_on")
    giver = replace(whole.by, roles=frozenset({"engineer"}))
    own = replace(whole, by=giver, receiver=giver, signatures=(
        Signed(giver, "giver", "gives"), Signed(giver, "receiver", "takes")))

    assert refused_for(engine, "in_fix", "pass_on", own) == ["receiver_is_giver",
                                                             "signers_not_distinct"]


def test_who_gives_for_an_absent_holder_signs_in_the_own_name(engine, act, make_person):
    absent = make_person("absent", "relation:holder")
    deputy = make_person("deputy", "relation:holder")
    _, take = act("hand_over").signatures
    given = act("hand_over", by=deputy, giver=absent,
                signatures=(Signed(deputy, "giver", "gives"), take))
    as_absent = replace(given, signatures=(Signed(absent, "giver", "gives"), take))

    assert engine.fire("in_fix", "hand_over", given).holder == "receiver"
    assert refused_for(engine, "in_fix", "hand_over", as_absent) == ["signature_of_another"]


def test_only_the_holder_can_be_named_as_the_giver(engine, act, make_person):
    assert refused_for(engine, "logged", "take",
                       act("take", giver=make_person("other"))) == ["giver_not_holder"]


def test_taking_by_authority_goes_past_the_holder_but_not_to_the_holder(engine, act, make_person):
    holder = make_person("holder", "relation:holder", "role:registrar")
    decide, _ = act("take_by_authority").signatures
    to_holder = act("take_by_authority", giver=holder, receiver=holder, signatures=(
        decide, Signed(holder, "receiver", "takes_by_authority")))

    assert engine.fire("in_fix", "take_by_authority",
                       act("take_by_authority", giver=holder)).holder == "receiver"
    assert refused_for(engine, "in_fix", "take_by_authority", to_holder) == ["receiver_is_giver"]


def test_two_sign_a_cancellation_and_not_one_person_twice(engine, act):
    whole = act("cancel")
    both = replace(whole.by, roles=frozenset({"registrar"}))
    alone = replace(whole, by=both, signatures=(
        Signed(both, "relation:originator", "cancels"),
        Signed(both, "role:registrar", "agrees_to_cancel")))

    assert engine.fire("in_fix", "cancel", whole).target == "cancelled"
    assert refused_for(engine, "in_fix", "cancel", alone) == ["signers_not_distinct"]


def test_who_signs_by_role_must_have_that_role(engine, act, make_person):
    cancel, agree = act("cancel").signatures
    other = act("cancel", signatures=(cancel, replace(agree, party=make_person("engineer"))))

    assert refused_for(engine, "in_fix", "cancel", other) == ["signature_of_another"]


def test_a_signature_counts_only_with_its_meaning_and_from_its_signer(engine, act, make_person):
    give, take = act("pass_on").signatures
    stranger = make_person("stranger", "role:engineer")

    def refused(*signatures):
        return refused_for(engine, "in_fix", "pass_on", act("pass_on", signatures=signatures))

    assert refused(give, replace(take, meaning="starts")) == ["signature_missing",
                                                              "signature_not_asked"]
    assert refused(give, replace(take, party=stranger)) == ["signature_of_another"]
    assert refused(give, take, replace(take, party=stranger)) == ["signature_doubled",
                                                                  "signature_of_another"]
    assert refused(give, take, take) == ["signature_doubled"]


def test_nobody_begins_an_act_for_another_to_sign(engine, act, make_person):
    other = make_person("other", "relation:originator")
    agree = act("cancel").signatures[1]
    lent = act("cancel", signatures=(Signed(other, "relation:originator", "cancels"), agree))

    assert refused_for(engine, "in_fix", "cancel", lent) == ["signature_of_another"]
