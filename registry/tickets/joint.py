"""Acts that two persons sign without a change of hands: cancelling a ticket.

The originator proposes with a reason and signs; the chief engineer signs too, and only then is
the ticket cancelled (the design, 3). Until then either may withdraw.
"""

from __future__ import annotations

from datetime import datetime

from registry.core.errors import Conflict, Reason, Refused
from registry.core.words import N_
from registry.people.models import Person
from registry.people.signing import Signing, in_entry
from registry.tickets import statements
from registry.tickets.acts import (
    engine_for,
    judged,
    move_of,
    nothing_waits,
    seen,
    sign_act,
    ticket_then,
)
from registry.tickets.chain import Sealed, append
from registry.tickets.handoff_judging import opening_principal
from registry.tickets.handoff_models import JointAct, JointState
from registry.tickets.lifecycles import facts_of, party, party_now
from registry.tickets.models import Ticket
from registry.tickets.service import Making, write_move
from workflows import Act, Move, Signed


def propose_cancelling(
    ticket: Ticket, *, reason: str, by: Person, signing: Signing, now: datetime,
    move: str = "cancel",
) -> JointAct:
    """Sign that the ticket is to be cancelled; it waits for the second signature."""
    seen(signing, ticket)
    asked = move_of(ticket, move)
    opening = asked.signatures[0]
    actor = party_now(by, ticket, now)
    act = Act(by=actor, now=now, reason=reason,
              signatures=(Signed(actor, opening.by, opening.meaning),), facts=facts_of(ticket))
    judged(lambda: engine_for(ticket).offer(ticket.state, asked.name, act), nothing_waits(ticket),
           signing.problem, _two_signers(asked))
    principal = opening_principal(ticket, asked, by, now)
    text = statements.cancelling_text(ticket, signing.language, on_behalf_of=principal)
    signature = sign_act(signing, opening, asked, ticket, text, {"actor": by}, now=now,
                         on_behalf_of=principal, own={"reason": reason.strip()})
    sealed = Sealed()
    joint = JointAct(ticket=ticket)
    content = {"move": asked.name, "by": by.ref, "reason": sealed(reason.strip()),
               "signatures": [in_entry(signature)]}
    append(ticket, "joint_proposed", content, sealed, by=by, now=now, act=joint)
    return joint


def agree_to_cancelling(joint: JointAct, *, by: Person, signing: Signing, now: datetime) -> None:
    """Give the second signature; the ticket ends here."""
    ticket = ticket_then(joint)
    seen(signing, ticket)
    _must_wait(joint)
    move = move_of(ticket, joint.move)
    opening, second = move.signatures[0], move.signatures[1]
    opener, other = party(joint.proposed_by, ticket, _principals(joint)), party_now(by, ticket, now)
    act = Act(by=opener, now=now, reason=joint.reason, facts=facts_of(ticket),
              signatures=(Signed(opener, opening.by, opening.meaning),
                          Signed(other, second.by, second.meaning)))
    step = judged(lambda: engine_for(ticket).fire(ticket.state, move.name, act), signing.problem)
    text = statements.cancelling_text(ticket, signing.language)
    signature = sign_act(signing, second, move, ticket, text,
                         {"actor": joint.proposed_by, "second": by}, now=now)
    append(ticket, "joint_ended", {"proposal": joint.seq, "done": 1, "by": by.ref}, Sealed(),
           by=by, now=now, act=joint)
    write_move(ticket, move, step, Making(move.name, joint.reason), [in_entry(signature)],
               Sealed(), by=by, now=now)


def withdraw_cancelling(joint: JointAct, *, by: Person, now: datetime) -> None:
    """Take the proposal back: whoever proposed it, or whoever was to agree and does not."""
    ticket = ticket_then(joint)
    _must_wait(joint)
    move = move_of(ticket, joint.move)
    role = move.signatures[1].by.removeprefix("role:")
    if by.id != joint.proposed_by_id and role not in {each.value for each in by.roles}:
        raise Refused(Reason("not_yours", N_("Only %(name)s or the chief engineer can take this "
                                             "back."), {"name": joint.proposed_by.name}))
    append(ticket, "joint_ended", {"proposal": joint.seq, "done": 0, "by": by.ref}, Sealed(),
           by=by, now=now, act=joint)


def _must_wait(joint: JointAct) -> None:
    if joint.state is not JointState.PROPOSED:
        raise Conflict(N_("The cancelling of ticket No. %(number)s has been answered already."),
                       number=joint.ticket.number)


def _two_signers(move: Move) -> Reason | None:
    if not move.is_joint or len(move.signatures) != 2:
        return Reason("not_joint", N_("“%(move)s” is not an act of two signatures."),
                      {"move": move.title})
    return None


def _principals(joint: JointAct) -> list[Person]:
    """The originator, whose part the proposer took rightly when proposing."""
    return [joint.ticket.originator]

