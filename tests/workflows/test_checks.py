"""Each proof finds the fault planted for it, and finds none in what is shipped."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from workflows import Catalogue, Field, Handoff, SignatureNeed, State, Timer, Title, Workflow, check
from workflows.checks import PROOFS

NAMED = Title(en="A title", ru="Название")


def move(name: str, **parts: object) -> Callable[[Workflow], Workflow]:
    """Plant: change parts of a move."""
    return lambda workflow: replace(
        workflow, moves={**workflow.moves, name: replace(workflow.moves[name], **parts)})


def handoff(name: str, **parts: object) -> Callable[[Workflow], Workflow]:
    """Plant: change parts of a move's handoff."""
    return lambda workflow: move(name, handoff=replace(workflow.moves[name].handoff, **parts))(
        workflow)


def state(name: str, **parts: object) -> Callable[[Workflow], Workflow]:
    """Plant: change parts of a state."""
    return lambda workflow: replace(
        workflow, states={**workflow.states, name: replace(workflow.states[name], **parts)})


def added(new: State) -> Callable[[Workflow], Workflow]:
    """Plant: one more state."""
    return lambda workflow: replace(workflow, states={**workflow.states, new.name: new})


def without(*names: str) -> Callable[[Workflow], Workflow]:
    """Plant: moves left out."""
    return lambda workflow: replace(
        workflow, moves={name: kept for name, kept in workflow.moves.items() if name not in names})


def words(**parts: object) -> Callable[[Workflow], Workflow]:
    """Plant: change parts of the vocabulary."""
    return lambda workflow: replace(workflow, vocabulary=replace(workflow.vocabulary, **parts))


def needs(*pairs: tuple[str, str]) -> tuple[SignatureNeed, ...]:
    return tuple(SignatureNeed(by, meaning, opening=not number)
                 for number, (by, meaning) in enumerate(pairs))


PLANTS = [
    # proof, place of the finding, what is planted
    ("states_are_known", "workflow.initial", lambda w: replace(w, initial="loged")),
    ("states_are_known", "moves.take.from", move("take", sources=("logged", "loged"))),
    ("states_are_known", "moves.take.to", move("take", target="acepted")),
    ("states_are_known", "carry_over.1.old", lambda w: replace(w, carry_over={1: {"old": "no"}})),
    ("people_are_known", "moves.take.may", move("take", may=("relation:owner",))),
    ("people_are_known", "moves.take.handoff.to", handoff("take", to=("role:plumber",))),
    ("people_are_known", "moves.take.handoff.witness",
     handoff("take", witness=("role:registrar and relation:friend",))),
    ("people_are_known", "states.logged.with", state("logged", holder_is="author")),
    ("people_are_known", "states.returned.with", state("returned", holder_is="holder")),
    ("people_are_known", "states.logged.timers[0].tells",
     state("logged", timers=(Timer("late", ("role:boss",)),))),
    ("people_are_known", "moves.cancel.signatures[1].by",
     move("cancel", signatures=needs(("relation:originator", "cancels"), ("role:boss", "gives")))),
    ("people_are_known", "moves.start.signatures[0].meaning",
     move("start", signatures=needs(("actor", "begins")))),
    ("people_are_known", "vocabulary.relations",
     words(relations=("originator", "last_mender", "colleague"))),
    ("fields_fit", "moves.start.fields.what.by",
     move("start", fields=(Field("what", NAMED, by="receiver"),))),
    ("fields_fit", "moves.start.fields.reason", move("start", fields=(Field("reason", NAMED),))),
    ("fields_fit", "moves.start.fields.what.future",
     move("start", fields=(Field("what", NAMED, future=True),))),
    ("titles_are_whole", "moves.start.title", move("start", title=Title(en="Start"))),
    ("titles_are_whole", "states.logged.title", state("logged", title=Title(en="a", ru=" "))),
    ("titles_are_whole", "meanings.gives",
     lambda w: replace(w, meanings={**w.meanings, "gives": Title(ru="Передаю")})),
    ("titles_are_whole", "workflow.title",
     lambda w: replace(w, title=Title(w.title, de="Ein Titel"))),
    ("titles_are_whole", "vocabulary.titles.giver",
     lambda w: words(titles={key: title for key, title in w.vocabulary.titles.items()
                             if key != "giver"})(w)),
    ("titles_are_whole", "moves.start.fields.how.choices.fast.title",
     move("start", fields=(Field("how", NAMED, "choice", choices={"fast": Title(en="fast")}),))),
    ("states_are_reached", "states.forgotten", added(State("forgotten", "working", NAMED))),
    ("states_are_reached", "states.on_hold", without("hold")),
    ("states_can_end", "states.forgotten", added(State("forgotten", "working", NAMED))),
    ("finals_are_declared", "states.closed.outcome", state("closed", outcome=None)),
    ("finals_are_declared", "states.closed.requires", state("closed", requires=None)),
    ("finals_are_declared", "states", state("closed", outcome="dropped", requires=None)),
    ("finals_are_declared", "states.in_fix", state("in_fix", outcome="done")),
    ("finals_are_declared", "states.closed", state("closed", holder_is="originator")),
    ("finals_are_declared", "moves.reopen.from", move("reopen", sources=("returned", "closed"))),
    ("moves_are_unambiguous", "moves.take.from", move("take", sources=("logged", "logged"))),
    ("moves_are_unambiguous", "moves.hand_over.title",
     move("hand_over", title=Title(en="Pass on", ru="Отдать"))),
    ("done_passes_its_check", "states.closed.requires.check", move("confirm_gone", guards=())),
    ("done_passes_its_check", "states.closed.requires.check",
     lambda w: move("confirm_gone", guards=())(move("return", guards=("client_confirmed",))(
         move("reopen", target="returned")(move("take", target="closed")(w))))),
    ("holder_stands_in_relation", "states.returned.with",
     handoff("return", to=("relation:originator", "role:visitor"))),
    ("holder_stands_in_relation", "states.returned.with", handoff("hand_over", succeeds=False)),
    ("holder_stands_in_relation", "states.returned.with", move("return", handoff=None)),
    ("holder_stands_in_relation", "states.closed.requires.with",
     lambda w: state("returned", holder_is=None)(
         move("confirm_gone", may=("relation:holder",))(w))),
    ("holder_stands_in_relation", "states.closed.requires.with",
     lambda w: state("returned", holder_is=None)(
         move("confirm_gone", may=("relation:holder and relation:originator",
                                   "relation:holder"))(w))),
    ("holder_changes_by_handoff", "moves.take.signatures",
     move("take", signatures=needs(("giver", "gives"), ("witness", "witnesses")))),
    ("holder_changes_by_handoff", "moves.pass_on.signatures",
     move("pass_on", signatures=needs(("receiver", "takes")))),
    ("holder_changes_by_handoff", "moves.take.may", move("take", may=("role:registrar",))),
    ("holder_changes_by_handoff", "moves.take.handoff.to",
     handoff("take", to=("relation:holder",))),
    ("holder_changes_by_handoff", "moves.take.handoff.succeeds", handoff("take", succeeds=True)),
    ("taking_by_authority_is_vouched_for", "moves.take_by_authority.reason",
     move("take_by_authority", reason="allowed")),
    ("taking_by_authority_is_vouched_for", "moves.take_by_authority.signatures",
     move("take_by_authority", signatures=needs(("receiver", "takes_by_authority")))),
    ("taking_by_authority_is_vouched_for", "moves.take.signatures",
     handoff("take", authority=True)),
    ("signatures_fit", "moves.cancel.signatures",
     move("cancel", signatures=needs(("relation:originator", "cancels"),
                                     ("relation:originator", "agrees_to_cancel")))),
    ("signatures_fit", "moves.start.signatures",
     move("start", signatures=needs(("giver", "gives")))),
    ("signatures_fit", "moves.pass_on.signatures",
     handoff("pass_on", witness=("role:registrar",))),
    ("signatures_fit", "moves.cancel.signatures[0]",
     move("cancel", may=("role:lead",))),
    ("endings_are_signed", "moves.confirm_gone.signatures", move("confirm_gone", signatures=())),
    ("dropping_needs_two", "moves.cancel.signatures",
     move("cancel", signatures=needs(("relation:originator", "cancels")))),
    ("waiting_is_watched", "states.logged.timers", state("logged", timers=())),
    ("waiting_is_watched", "states.on_hold.timers", state("on_hold", timers=())),
    ("waiting_is_watched", "states.logged.timers",
     lambda w: state("logged", timers=w.states["logged"].timers * 2)(w)),
    ("offers_are_watched", "moves.take.timers", move("take", timers=())),
    ("offers_are_watched", "moves.start.timers",
     move("start", timers=(Timer("late", ("role:lead",)),))),
    ("dates_are_asked_for", "states.on_hold.timers[0].at_field", move("hold", fields=())),
    ("dates_are_asked_for", "states.logged.timers[0].at_field",
     state("logged", timers=(Timer("late", ("role:lead",), at_field="until"),))),
    ("dates_are_asked_for", "moves.take.timers[0].at_field",
     move("take", timers=(Timer("late", ("role:lead",), at_field="next_step_by"),))),
]


def names_of(proofs: object) -> set[str]:
    return {proof.__name__ for proof in proofs}


@pytest.mark.parametrize(("proof", "place", "plant"), PLANTS)
def test_a_proof_finds_the_fault_planted_for_it(service_quality, proof, place, plant):
    prove = {item.__name__: item for item in PROOFS}[proof]
    assert prove(service_quality) == []

    findings = prove(plant(service_quality))

    assert place in [finding.place for finding in findings]
    assert all(finding.problem and finding.remedy for finding in findings)


def test_every_proof_has_a_fault_planted_for_it():
    assert {proof for proof, _, _ in PLANTS} == names_of(PROOFS)


def test_what_is_shipped_holds_together(shipped, open_catalogue):
    assert check(shipped, open_catalogue(shipped)) == []


def test_a_guard_or_effect_that_nobody_offers_is_found(service_quality):
    offered = Catalogue(effects={"mended", "promise"})

    places = [finding.place for finding in check(service_quality, offered)]

    assert places == ["moves.confirm_gone.guards", "moves.reopen.guards", "moves.reopen.effects",
                      "states.closed.requires.check"]


def test_people_whom_nobody_knows_are_found_where_the_application_names_its_own(service_quality):
    guards = {name: lambda act: None for name in ("client_confirmed", "client_denied")}
    effects = {"mended", "promise", "count_rework"}
    words = service_quality.vocabulary
    known = set(words.roles) - {"deputy"}
    lacking = Catalogue(guards, effects, roles=known, relations=set(words.relations))

    assert [(finding.place, "deputy" in str(finding)) for finding in check(
        service_quality, lacking)] == [("vocabulary.roles", True)]
    assert check(service_quality, Catalogue(guards, effects)) == []
    assert [finding.place for finding in check(service_quality, replace(
        lacking, roles=set(words.roles), relations={"holder"}))] == ["vocabulary.relations"] * 3


def test_names_are_taken_on_trust_without_a_catalogue(service_quality):
    assert check(service_quality, None) == []


def test_a_check_that_is_followed_by_more_work_is_no_check(service_quality):
    """The client confirms, the work goes on, and the thing is closed without asking again."""
    early = move("start", guards=("client_confirmed",))(move("confirm_gone", guards=())(
        service_quality))

    finding, *_ = [found for found in check(early, None)
                   if found.place == "states.closed.requires.check"]

    assert "in_fix → returned → closed" in finding.problem


def test_a_check_before_waiting_only_is_a_check(bank_complaint):
    """The guard need not stand on the very last move."""
    told = State("told", "waiting", NAMED, "registrant",
                 timers=bank_complaint.states["replied"].timers)
    told_first = replace(bank_complaint.moves["acknowledge"], name="tell", target="told",
                         title=NAMED)
    then = replace(bank_complaint.moves["acknowledge"], sources=("told",), guards=())
    longer = replace(
        added(told)(bank_complaint),
        moves={**bank_complaint.moves, "tell": told_first, "acknowledge": then})

    assert check(longer, None) == []


def test_a_path_is_shown_with_the_finding(service_quality):
    loose = handoff("return", to=("role:visitor",))(service_quality)

    finding = next(found for found in check(loose, None) if found.place == "states.returned.with")

    assert "logged → accepted → in_fix → returned" in finding.problem


def test_findings_in_a_broken_definition_do_not_stop_the_other_proofs(service_quality):
    broken = state("logged", timers=())(replace(service_quality, initial="nowhere"))

    places = {finding.place for finding in check(broken, None)}

    assert {"workflow.initial", "states.logged.timers", "states.accepted"} <= places


def test_a_handoff_needs_no_witness(service_quality):
    plain = move("take", handoff=Handoff(to=("role:engineer",)),
                 signatures=needs(("giver", "gives"), ("receiver", "takes")))

    assert check(plain(service_quality), None) == []
