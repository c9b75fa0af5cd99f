"""The client's check, recorded by the originator after the control call (the domain, 1.8).

"Gone" closes the ticket under the originator's signature, and nothing else ever does. "Not gone"
offers it back to the one who mended it last: counted as rework once it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registry.callbacks.models import CallBack
from registry.callbacks.rules import doubt_in
from registry.core.db import db
from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.people.models import Person
from registry.people.signing import Signing, in_entry
from registry.tickets import statements
from registry.tickets.acts import engine_for, judged, move_of, nothing_waits, seen, sign_act
from registry.tickets.chain import Sealed, append
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import offer_handoff
from registry.tickets.lifecycles import facts_of, party_now, principal_for
from registry.tickets.models import CheckResult, Ticket
from registry.tickets.service import Making, write_move
from workflows import Act, Signed

CLOSING, REOPENING = "confirm_gone", "reopen"


@dataclass(frozen=True)
class Found:
    """What the client found: ``contact_name`` said it; ``sure`` answers a doubt about "gone";
    ``receiver`` is chosen where the one who mended it last has left."""

    result: CheckResult | None
    contact_name: str
    note: str
    sure: bool = False
    receiver: Person | None = None


def record_check(
    ticket: Ticket, found: Found, *, by: Person, signing: Signing, now: datetime
) -> Handoff | None:
    """Record the client's check. "Gone" closes the ticket; "not gone" returns the offered handoff
    to the one who mended it last.

    Raises Refused with every reason: not in the originator's hands, no signature, no words of the
    client, or a "gone" whose note says otherwise (until ``found.sure``).
    """
    seen(signing, ticket)
    refuse_if(*_faults(found), _not_returned(ticket), nothing_waits(ticket))
    if found.result is CheckResult.GONE:
        _close(ticket, found, by=by, signing=signing, now=now)
        return None
    return _reopen(ticket, found, by=by, signing=signing, now=now)


def _close(ticket: Ticket, found: Found, *, by: Person, signing: Signing, now: datetime) -> None:
    move = move_of(ticket, CLOSING)
    need = move.signatures[0]
    actor = party_now(by, ticket, now)
    act = Act(by=actor, now=now, signatures=(Signed(actor, need.by, need.meaning),),
              facts=facts_of(ticket) | {"client_check": CheckResult.GONE})
    step = judged(lambda: engine_for(ticket).fire(ticket.state, move.name, act), signing.problem)
    principal = principal_for(by, ticket, "relation:originator", now)
    text = statements.confirming_text(ticket, signing.language, on_behalf_of=principal)
    signature = sign_act(signing, need, move, ticket, text, {"actor": by}, now=now,
                         on_behalf_of=principal, own={"contact": found.contact_name.strip(),
                                                    "note": found.note.strip()})
    _write_down(ticket, found, by=by, now=now)
    write_move(ticket, move, step, Making(move.name), [in_entry(signature)], Sealed(), by=by,
               now=now)


def _reopen(
    ticket: Ticket, found: Found, *, by: Person, signing: Signing, now: datetime
) -> Handoff:
    receiver = found.receiver or mender_of(ticket)
    _write_down(ticket, found, by=by, now=now)
    offer = Offer(REOPENING, receiver, note=found.note, contact=found.contact_name.strip())
    return offer_handoff(ticket, offer, by=by, signing=signing.after(ticket), now=now)


def mender_of(ticket: Ticket) -> Person | None:
    """Who mended it last; None where they have left and the chief engineer must be chosen."""
    mender = ticket.last_mender
    return mender if mender is not None and mender.is_active else None


def _write_down(ticket: Ticket, found: Found, *, by: Person, now: datetime) -> None:
    assert found.result is not None
    sealed = Sealed()
    content = {"result": found.result.value, "contact": sealed(found.contact_name.strip()),
               "note": sealed(found.note.strip()), "sure": int(found.sure)}
    append(ticket, "client_checked", content, sealed, by=by, now=now)
    db.session.add(CallBack(ticket_id=ticket.id, by_id=by.id, result=found.result, at=now,
                            contact_name=found.contact_name.strip(), note=found.note.strip()))


def _faults(found: Found) -> list[Reason]:
    faults = []
    if found.result is None:
        faults.append(Reason("result_missing", N_("Say what the client found: gone or not gone."),
                             field="result"))
    if not found.contact_name.strip():
        faults.append(Reason("contact_missing", N_("Say who checked at the client's."),
                             field="contact_name"))
    if not found.note.strip():
        faults.append(Reason("note_missing", N_("Write down what the client said, in the client's "
                                                "words."), field="note"))
    doubt = doubt_in(found.note)
    if found.result is CheckResult.GONE and doubt and not found.sure:
        faults.append(Reason("note_says_otherwise", N_(
            "The note says “%(words)s”. Is the problem really gone? If so, say that you are sure; "
            "if not, choose “not gone”."), {"words": doubt}, "sure"))
    return faults


def _not_returned(ticket: Ticket) -> Reason | None:
    workflow = engine_for(ticket).workflow
    closing = workflow.moves.get(CLOSING)
    if closing is not None and ticket.state in closing.sources:
        return None
    return Reason("not_returned", N_("Ticket No. %(number)s is not with its originator for the "
                                     "client's check: its state is “%(state)s”."),
                  {"number": ticket.number, "state": workflow.states[ticket.state].title})
