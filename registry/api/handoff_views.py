"""Answering a handoff: accept, witness, decline, withdraw."""

from __future__ import annotations

from flask import Response

from registry.api import shown
from registry.api.answers import HandoffOut
from registry.api.blueprint import bp
from registry.api.edge import acted, caller, opens
from registry.api.keys import Done
from registry.api.queries import handoff_named
from registry.api.responses import answers
from registry.api.rules import Scope
from registry.api.shapes import AcceptIn, Acting, HandoffPath, ReasonIn, SignedIn
from registry.api.signing import Asked, signed
from registry.core.errors import Reason, Refused
from registry.core.times import utc_now
from registry.core.web import found
from registry.core.words import N_
from registry.people.signing import Signing
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import (
    accept_handoff,
    decline_handoff,
    withdraw_handoff,
    witness_handoff,
)

AT = "/handoffs/<handoff>"


@signed(f"{AT}/accept", "accept", HandoffOut)
@opens(Scope.TICKETS)
def accept(path: HandoffPath, header: Acting, body: AcceptIn) -> Response:
    """Sign as the receiver; ``witness_signature`` is the named witness's own, given beside you."""
    handoff = found(handoff_named(path.handoff))

    def act(signing: Signing, beside: Signing | None = None) -> Done:
        accept_handoff(handoff, next_step=body.next_step, next_step_by=body.next_step_by,
                       by=caller(), signing=signing, now=utc_now())
        if beside is not None:
            witness_handoff(handoff, by=beside.signer, signing=beside, now=utc_now())
        return Done(shown.handoff(handoff))

    return acted(act, Asked(caller(), body.signature), *_beside(handoff, body), on=handoff.ticket)


def _beside(handoff: Handoff, body: AcceptIn) -> list[Asked]:
    """The witness's signature where one was sent. Raises Refused where none is awaited."""
    if body.witness_signature is None:
        return []
    if handoff.witness is None:
        raise Refused(Reason("no_witness_asked", N_("No witness's signature is awaited here."),
                             field="witness_signature"))
    return [Asked(handoff.witness, body.witness_signature, "witness_signature")]


@signed(f"{AT}/witness", "witness", HandoffOut)
@opens(Scope.TICKETS)
def witness(path: HandoffPath, header: Acting, body: SignedIn) -> Response:
    """Sign as the witness."""
    handoff = found(handoff_named(path.handoff))

    def act(signing: Signing) -> Done:
        witness_handoff(handoff, by=caller(), signing=signing, now=utc_now())
        return Done(shown.handoff(handoff))

    return acted(act, Asked(caller(), body.signature), on=handoff.ticket)


@bp.post(f"{AT}/decline", operation_id="decline", responses=answers(HandoffOut))
@opens(Scope.TICKETS)
def decline(path: HandoffPath, header: Acting, body: ReasonIn) -> Response:
    """Refuse to take it, with the reason."""
    handoff = found(handoff_named(path.handoff))

    def act() -> Done:
        decline_handoff(handoff, reason=body.reason, by=caller(), now=utc_now())
        return Done(shown.handoff(handoff))

    return acted(act, on=handoff.ticket)


@bp.post(f"{AT}/withdraw", operation_id="withdraw", responses=answers(HandoffOut))
@opens(Scope.TICKETS)
def withdraw(path: HandoffPath, header: Acting, body: ReasonIn) -> Response:
    """Take the offer back."""
    handoff = found(handoff_named(path.handoff))

    def act() -> Done:
        withdraw_handoff(handoff, reason=body.reason, by=caller(), now=utc_now())
        return Done(shown.handoff(handoff))

    return acted(act, on=handoff.ticket)
