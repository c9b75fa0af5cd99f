"""What events are called on the screen; outside they go by the names of events.py."""

from __future__ import annotations

from registry.core.languages import say
from registry.core.words import N_
from registry.webhooks.events import TEST

EVENT_NAMES = {
    "ticket.logged": N_("a ticket is logged"),
    "ticket.offered": N_("a handoff is offered"),
    "ticket.signed": N_("one of the signatures of a handoff is given"),
    "ticket.accepted": N_("a handoff is accepted: another holder"),
    "ticket.declined": N_("a handoff is declined"),
    "ticket.withdrawn": N_("a handoff is withdrawn"),
    "ticket.lapsed": N_("a handoff lapses: not all had signed before the day was over"),
    "ticket.moved": N_("the state changes"),
    "ticket.promised": N_("a date is promised"),
    "ticket.checked": N_("the client has checked"),
    "ticket.file_attached": N_("a file is attached"),
    "ticket.joint_proposed": N_("an act of two signatures is proposed"),
    "ticket.joint_ended": N_("an act of two signatures is done or withdrawn"),
    "ticket.originator_succeeded": N_("another originator is named"),
    "ticket.department_changed": N_("the department changes"),
    "ticket.lifecycle_carried": N_("the ticket is carried over to another lifecycle"),
    TEST: N_("test message"),
}


def event_name(kind: str) -> str:
    """The event in the reader's language; its own name where we have no words for it."""
    return say(EVENT_NAMES[kind]) if kind in EVENT_NAMES else kind
