"""Acts that two persons sign without a change of hands: cancelling a ticket, and what else a
lifecycle asks two signatures for.

The first proposes and signs; the second signs too, and only then is it done (the design, 3). Until
then either may withdraw.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from registry.core.db import db
from registry.core.errors import Conflict, Reason, Refused
from registry.core.words import N_
from registry.ledger.entries import content_of, seals_in, unseal
from registry.ledger.models import LedgerEntry
from registry.people.models import Person
from registry.people.signing import Signing, in_entry
from registry.tickets import statements
from registry.tickets.acts import (
    engine_for,
    judged,
    move_of,
    nothing_waits,
    sealed_fields,
    second_of,
    seen,
    sign_act,
    ticket_then,
)
from registry.tickets.chain import Sealed, append
from registry.tickets.handoff_judging import opening_principal
from registry.tickets.handoff_models import JointAct, JointState
from registry.tickets.lifecycles import facts_of, party, party_now, principal_for
from registry.tickets.models import Ticket
from registry.tickets.service import Making, making_text, write_move
from workflows import Act, Move, Signed, stands


def propose_cancelling(
    ticket: Ticket, *, reason: str, by: Person, signing: Signing, now: datetime,
    move: str = "cancel", fields: Mapping[str, str] = MappingProxyType({}),
) -> JointAct:
    """Sign that the ticket is to be cancelled, or another ``move`` made with its ``fields``; it
    waits for the second signature."""
    seen(signing, ticket)
    asked = move_of(ticket, move)
    opening = asked.signatures[0]
    actor = party_now(by, ticket, now)
    act = Act(by=actor, now=now, reason=reason, fields={k: v for k, v in fields.items() if v},
              signatures=(Signed(actor, opening.by, opening.meaning),), facts=facts_of(ticket))
    judged(lambda: engine_for(ticket).offer(ticket.state, asked.name, act), nothing_waits(ticket),
           signing.problem, _two_signers(asked))
    principal = opening_principal(ticket, asked, by, now)
    text = joint_text(ticket, asked, signing.language, on_behalf_of=principal)
    signature = sign_act(signing, opening, asked, ticket, text, {"actor": by}, now=now,
                         on_behalf_of=principal, own={**fields, "reason": reason.strip()})
    sealed = Sealed()
    joint = JointAct(ticket=ticket)
    content = {"move": asked.name, "by": by.ref, "reason": sealed(reason.strip()),
               "fields": sealed_fields(asked, fields, sealed), "signatures": [in_entry(signature)]}
    append(ticket, "joint_proposed", content, sealed, by=by, now=now, act=joint)
    return joint


def agree_to_cancelling(joint: JointAct, *, by: Person, signing: Signing, now: datetime) -> None:
    """Give the second signature; what was proposed is done here."""
    ticket = ticket_then(joint)
    seen(signing, ticket)
    _must_wait(joint)
    move = move_of(ticket, joint.move)
    opening, second = move.signatures[0], second_of(joint)
    opener, other = party(joint.proposed_by, ticket, _principals(joint)), party_now(by, ticket, now)
    fields = fields_of(joint)
    act = Act(by=opener, now=now, reason=joint.reason, fields=fields, facts=facts_of(ticket),
              signatures=(Signed(opener, opening.by, opening.meaning),
                          Signed(other, second.by, second.meaning)))
    step = judged(lambda: engine_for(ticket).fire(ticket.state, move.name, act), signing.problem)
    principal = principal_for(by, ticket, second.by, now)
    text = joint_text(ticket, move, signing.language, on_behalf_of=principal)
    signature = sign_act(signing, second, move, ticket, text,
                         {"actor": joint.proposed_by, "second": by}, now=now,
                         on_behalf_of=principal)
    append(ticket, "joint_ended", {"proposal": joint.seq, "done": 1, "by": by.ref}, Sealed(),
           by=by, now=now, act=joint)
    write_move(ticket, move, step, Making(move.name, joint.reason, fields), [in_entry(signature)],
               Sealed(), by=by, now=now)


def withdraw_cancelling(joint: JointAct, *, by: Person, now: datetime) -> None:
    """Take the proposal back: whoever proposed it, or whoever was to agree and does not."""
    ticket = ticket_then(joint)
    _must_wait(joint)
    second = second_of(joint).by
    if by.id != joint.proposed_by_id and not stands(party_now(by, ticket, now), second):
        raise Refused(Reason("not_yours", N_("Only %(name)s or %(who)s can take this back."), {
            "name": joint.proposed_by.name, "who": engine_for(ticket).workflow.who((second,))}))
    append(ticket, "joint_ended", {"proposal": joint.seq, "done": 0, "by": by.ref}, Sealed(),
           by=by, now=now, act=joint)


def joint_text(ticket: Ticket, move: Move, language: str, *,
               on_behalf_of: Person | None = None) -> str:
    """What both sign: that the ticket is cancelled, or what else the move does."""
    target = engine_for(ticket).workflow.states[move.target_from(ticket.state)]
    if target.outcome == "dropped":
        return statements.cancelling_text(ticket, language, on_behalf_of=on_behalf_of)
    return making_text(ticket, move, language, on_behalf_of=on_behalf_of)


def fields_of(joint: JointAct) -> dict[str, str]:
    """The move's own fields as the first signer filled them in, from the entry that proposed it."""
    if not move_of(joint.ticket, joint.move).fields:
        return {}
    chain = joint.ticket.chain
    entry = db.session.get_one(LedgerEntry, (chain, joint.seq))
    said = content_of(entry).get("fields", {})
    words = unseal(seals_in(said))
    return {name: words.get(value, value) or "" for name, value in said.items()}


def _must_wait(joint: JointAct) -> None:
    if joint.state is not JointState.PROPOSED:
        raise Conflict(N_("What was proposed for ticket No. %(number)s has been answered already."),
                       number=joint.ticket.number)


def _two_signers(move: Move) -> Reason | None:
    if not move.is_joint or len(move.signatures) != 2:
        return Reason("not_joint", N_("“%(move)s” is not an act of two signatures."),
                      {"move": move.title})
    return None


def _principals(joint: JointAct) -> list[Person]:
    """Whose part the proposer may have taken, rightly when proposing."""
    return [joint.ticket.originator, joint.ticket.holder]

