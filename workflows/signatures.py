"""Judges the signatures of a move: all that are asked for, no other, by the right persons.

What a signature *is* (password, passkey, statement) is none of the engine's business: it counts
who signed as what, with which meaning. Signers of one move are different persons.
"""

from __future__ import annotations

from workflows.definition import Move, SignatureNeed, Title, Workflow
from workflows.errors import Reason, reason
from workflows.parties import Act, Party, Signed, stands


def judge_signatures(workflow: Workflow, move: Move, act: Act, *, complete: bool) -> list[Reason]:
    """Return what is wrong with the signatures of ``act``.

    At the beginning (``complete`` false) only the opening signature must be there; those already
    given by others are judged as well.
    """
    found: list[Reason] = []
    for need in move.signatures:
        given = [signed for signed in act.signatures if _fulfils(signed, need)]
        if not given and (complete or need.opening):
            found.append(reason("signature_missing", meaning=_meaning(workflow, need.meaning),
                                who=_signer(workflow, need)))
        if len(given) > 1:
            found.append(reason("signature_doubled", meaning=_meaning(workflow, need.meaning)))
        if any(not _is_right(signed.party, need, act) for signed in given):
            found.append(reason("signature_of_another", meaning=_meaning(workflow, need.meaning),
                                who=_signer(workflow, need)))
    for signed in act.signatures:
        if not any(_fulfils(signed, need) for need in move.signatures):
            found.append(reason("signature_not_asked",
                                meaning=_meaning(workflow, signed.meaning)))
    if _signed_twice(act):
        found.append(reason("signers_not_distinct"))
    return found


def _fulfils(signed: Signed, need: SignatureNeed) -> bool:
    return signed.by == need.by and signed.meaning == need.meaning


def _signed_twice(act: Act) -> bool:
    """Say whether one person gave two signatures that are not the same."""
    given = {(signed.party.id, signed.by, signed.meaning) for signed in act.signatures}
    persons = [person for person, _, _ in given]
    return len(persons) != len(set(persons))


def _is_right(party: Party, need: SignatureNeed, act: Act) -> bool:
    """Say whether ``party`` is the one who must give the signature ``need``.

    An opening signature is the beginner's own: whoever gives in an absent holder's stead signs in
    the own name, and nobody begins an act for another to sign.
    """
    if need.opening and party.id != act.by.id:
        return False
    match need.by:
        case "giver" | "actor":
            return party.id == act.by.id
        case "receiver":
            return act.receiver is not None and party.id == act.receiver.id
        case "witness":
            return act.witness is not None and party.id == act.witness.id
        case term:
            return stands(party, term)


def _meaning(workflow: Workflow, meaning: str) -> Title | str:
    return workflow.meanings.get(meaning, meaning)


def _signer(workflow: Workflow, need: SignatureNeed) -> Title:
    """Name the signer for a sentence: a party of the move by its plain word."""
    return workflow.who((need.by,))
