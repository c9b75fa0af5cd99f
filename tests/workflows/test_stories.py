"""Two lives from beginning to end, each by its own lifecycle and the same engine."""

from collections.abc import Callable

import pytest

from workflows import Act, Catalogue, Engine, Reason, Refused, Workflow


class Life:
    """Plays one subject: keeps its state and holder as an application would."""

    def __init__(self, workflow: Workflow, catalogue: Catalogue, whole: Callable[..., Act]) -> None:
        self.workflow = workflow
        self.engine = Engine(workflow, catalogue)
        self.whole = whole
        self.state = workflow.initial
        self.holder = "first"
        self.done: list[str] = []
        self.facts: dict[str, object] = {}

    def __call__(self, move: str) -> str:
        """Make a move with all that it asks for; return the state that it led to."""
        act = self.whole(self.workflow, move, facts=self.facts)
        step = self.engine.fire(self.state, move, act)
        self.state, self.holder = step.target, step.holder or self.holder
        self.done += step.effects
        return self.state


@pytest.fixture
def play(whole_act):
    return lambda workflow, catalogue: Life(workflow, catalogue, whole_act)


def test_a_problem_is_mended_denied_mended_again_and_confirmed(service_quality, play):
    def answered(answer: str) -> Callable[[Act], Reason | None]:
        return lambda act: None if act.facts.get("client") == answer else Reason("no", "Ask.")

    life = play(service_quality, Catalogue(
        {"client_confirmed": answered("gone"), "client_denied": answered("not gone")},
        {"mended", "promise", "count_rework"}))

    assert [life(move) for move in ("take", "start", "hold", "resume", "pass_on", "start",
                                    "return")] == [
        "accepted", "in_fix", "on_hold", "in_fix", "accepted", "in_fix", "returned"]
    for unasked in ("confirm_gone", "reopen"):
        with pytest.raises(Refused):
            life(unasked)

    life.facts["client"] = "not gone"
    assert life("reopen") == "in_fix"
    assert life.done.count("count_rework") == 1
    life("return")
    with pytest.raises(Refused):
        life("confirm_gone")

    life.facts["client"] = "gone"
    assert life("confirm_gone") == "closed"
    assert life.engine.moves(life.state, life.whole(service_quality, "take")) == []


def test_a_complaint_goes_through_two_departments_and_an_appeal(bank_complaint, play,
                                                                open_catalogue):
    life = play(bank_complaint, open_catalogue(bank_complaint))

    states = [life(move) for move in (
        "assign", "ask_documents", "documents_came", "decide", "give_for_reply", "send_letter",
        "appeal", "reassign", "decide", "give_for_reply", "stand_in", "send_letter",
        "acknowledge")]

    assert states == [
        "under_investigation", "documents_awaited", "under_investigation", "decided",
        "letter_due", "replied", "under_investigation", "under_investigation", "decided",
        "letter_due", "letter_due", "replied", "settled"]


def test_the_two_lifecycles_share_nothing_but_the_engine(service_quality, bank_complaint):
    assert not service_quality.states.keys() & bank_complaint.states.keys()
    assert not service_quality.moves.keys() & bank_complaint.moves.keys()
    assert not set(service_quality.vocabulary.roles) & set(bank_complaint.vocabulary.roles)
    assert not any(move.handoff and move.handoff.witness for move in bank_complaint.moves.values())


def test_whoever_has_it_in_hand_can_always_go_on(shipped):
    """From each open state the holder alone can begin something, by the definition."""
    for state in shipped.states.values():
        if not state.is_final:
            assert any("relation:holder" in term for move in shipped.moves_from(state.name)
                       for term in move.may), state.name
