"""Proofs about signing: nobody gets, ends or drops anything without those who must sign.

The holder changes only by a handoff that giver and receiver have both signed; each signature can
be given by the person whom it names.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition import HOLDER, PARTIES, SAME, Handoff, Move, Workflow, conditions
from workflows.errors import Finding


def holder_changes_by_handoff(workflow: Workflow) -> list[Finding]:
    """What is handed over is given by its holder, and signed by both."""
    found: list[Finding] = []
    for move in workflow.moves.values():
        if move.handoff is not None:
            found += _handoff(move, move.handoff)
    return found


def _handoff(move: Move, handoff: Handoff) -> Iterator[Finding]:
    place = f"moves.{move.name}"
    signers = {need.by for need in move.signatures}
    if "receiver" not in signers:
        yield Finding(f"{place}.signatures", "The receiver does not sign.",
                      "Add a signature by “receiver”: nobody is given a thing unasked.")
    if not handoff.authority:
        if "giver" not in signers:
            yield Finding(f"{place}.signatures", "The giver does not sign.",
                          "Add a signature by “giver”.")
        for term in move.may:
            if ("relation", HOLDER) not in conditions(term):
                yield Finding(f"{place}.may", f"“{term}” could give what another holds.",
                              "Write “relation:holder”, or make the handoff one by authority.")
    for term in handoff.to:
        if ("relation", HOLDER) in conditions(term):
            yield Finding(f"{place}.handoff.to", "The holder has it already.",
                          "Name the others who may receive it.")
    if handoff.succeeds and move.target != SAME:
        yield Finding(f"{place}.handoff.succeeds", "A relation is taken over only in a state "
                      "that is kept.", "Write to = “=”, or leave “succeeds” out.")


def taking_by_authority_is_vouched_for(workflow: Workflow) -> list[Finding]:
    """What is taken without its holder has a reason and the signatures of two others."""
    found = []
    for move in workflow.moves.values():
        if move.handoff is None or not move.handoff.authority:
            continue
        place = f"moves.{move.name}"
        if move.reason != "required":
            found.append(Finding(f"{place}.reason", "Taking by authority must be explained.",
                                 "Write reason = “required”."))
        if len({need.by for need in move.signatures} - {"giver"}) < 2:
            found.append(Finding(f"{place}.signatures", "Taking by authority needs two persons.",
                                 "Add a signature of the one who decides it."))
        if any(need.by == "giver" for need in move.signatures):
            found.append(Finding(f"{place}.signatures", "The holder is not there to sign.",
                                 "Name the signer by role."))
    return found


def signatures_fit(workflow: Workflow) -> list[Finding]:
    """Each signer is somebody of this move, signs once, and who begins can sign first."""
    found = []
    for move in workflow.moves.values():
        place = f"moves.{move.name}.signatures"
        signers = [need.by for need in move.signatures]
        found += [
            Finding(place, f"“{by}” signs more than once.", "Each signer of a move signs once.")
            for by in sorted({by for by in signers if signers.count(by) > 1})
        ]
        found += _parties(move, place)
        if signers and not _beginner_signs(move, signers[0]):
            found.append(Finding(f"{place}[0]", f"Whoever begins this may not be “{signers[0]}”.",
                                 "Put the signature of the one who begins first."))
    return found


def _parties(move: Move, place: str) -> Iterator[Finding]:
    there = {"actor"} if move.handoff is None else {"giver", "receiver"}
    if move.handoff and move.handoff.witness:
        there.add("witness")
    signers = {need.by for need in move.signatures}
    for by in sorted((signers & set(PARTIES)) - there):
        yield Finding(place, f"There is no {by} in this move.",
                      "Name a signer that it has, or change its handoff.")
    if "witness" in there - signers:
        yield Finding(place, "The witness does not sign.",
                      "Add a signature by “witness”, or leave the witness out.")


def _beginner_signs(move: Move, by: str) -> bool:
    if by in PARTIES:
        return by in ("giver", "actor")
    return all(set(conditions(by)) <= set(conditions(term)) for term in move.may)


def endings_are_signed(workflow: Workflow) -> list[Finding]:
    """Nothing ends without a signature."""
    return [
        Finding(f"moves.{move.name}.signatures", "An ending is not signed.",
                "Add the signature of the one who makes this move.")
        for move in workflow.moves.values()
        if not move.signatures and _ends_as(workflow, move)
    ]


def dropping_needs_two(workflow: Workflow) -> list[Finding]:
    """Nobody drops a thing alone: two sign every move to a dropped state."""
    return [
        Finding(f"moves.{move.name}.signatures", "One person alone could drop it.",
                "Add a second signer.")
        for move in workflow.moves.values()
        if len(move.signatures) < 2 and _ends_as(workflow, move) == "dropped"
    ]


def _ends_as(workflow: Workflow, move: Move) -> str | None:
    target = workflow.states.get(move.target)
    return target.outcome if target and target.is_final else None
