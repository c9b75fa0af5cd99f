"""What a signature changes, in a sentence for the page that asks for it: whose hands the ticket is
in then, and in which state, or whose signature is still owed."""

from __future__ import annotations

from registry.core.languages import language, say
from registry.core.words import N_
from registry.people.models import Person
from registry.tickets.acts import engine_for, move_of
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Ticket

AT_ONCE = N_("With your signature the ticket goes into the hands of %(name)s, and its state "
             "becomes “%(state)s”.")
LATER = N_("As soon as %(other)s has signed too, the ticket goes into the hands of %(name)s, and "
           "its state becomes “%(state)s”. Until then nothing changes.")
BECOMES = N_("With your signature the state of the ticket becomes “%(state)s”.")


def of_handoff(handoff: Handoff, part: str, signer: Person) -> str:
    """What the signature of the receiver or the witness changes. ``signer`` becomes the holder as
    the receiver, also where they stand in for somebody absent."""
    owed = _owed(handoff, part)
    taker = signer if part == "receiver" else handoff.taker or handoff.receiver
    values = {"name": taker.name, "state": _state_after(handoff.ticket, handoff.move)}
    if owed is None:
        return say(AT_ONCE, values)
    return say(LATER, {**values, "other": owed.name})


def of_joint(joint: JointAct) -> str:
    """What the second signature under an act of two changes."""
    return say(BECOMES, {"state": _state_after(joint.ticket, joint.move)})


def _owed(handoff: Handoff, part: str) -> Person | None:
    """Whose signature is still owed after this one; None where it is the last."""
    if part == "receiver":
        return handoff.witness if handoff.witness_signed_at is None else None
    return handoff.receiver if handoff.receiver_signed_at is None else None


def _state_after(ticket: Ticket, move: str) -> str:
    states = engine_for(ticket).workflow.states
    target = move_of(ticket, move).target_from(ticket.state)
    return states[target].title.said(language()) if target in states else target
