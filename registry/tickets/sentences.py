"""What each kind of entry is called when a ticket's history is told, and its sealed words.

Only sentences stand here; history.py fills in who, where and when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from registry.core.words import N_
from registry.tickets.models import CheckResult

LABELS = {
    "summary": N_("What is wrong"), "description": N_("Details"),
    "opinion_words": N_("The client's own words"), "note": N_("Note"), "reason": N_("Reason"),
    "next_step": N_("What happens next"), "contact": N_("Who checked"), "name": N_("File"),
    "key": N_("Number in the other system"), "activity": N_("In the other system"),
}


def _signed(content: Mapping[str, Any]) -> str:
    return (N_("Signed as the witness: %(by)s") if content["as"] == "witness"
            else N_("Signed as the receiver: %(by)s"))


def _checked(content: Mapping[str, Any]) -> str:
    return (N_("The client checked: gone. Recorded by %(by)s")
            if content["result"] == CheckResult.GONE
            else N_("The client checked: not gone. Recorded by %(by)s"))


def _joint_ended(content: Mapping[str, Any]) -> str:
    return (N_("Second signature: %(by)s") if content["done"]
            else N_("Proposal withdrawn by %(by)s"))


def _always(sentence: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda content: sentence


SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "logged": _always(N_("Logged by %(by)s")),
    "handoff_offered": lambda content: (
        N_("Taken by authority from %(giver)s. Offered to %(receiver)s by %(by)s")
        if content["authority"] else N_("Offered: %(giver)s → %(receiver)s")),
    "handoff_signed": _signed,
    "handoff_accepted": lambda content: (
        N_("Handed over: %(giver)s → %(holder)s. State: %(state)s") if content.get("imported")
        else N_("In the hands of %(holder)s. State: %(state)s")),
    "handoff_declined": _always(N_("Declined by %(by)s")),
    "handoff_withdrawn": _always(N_("Offer withdrawn by %(by)s")),
    "handoff_lapsed": _always(N_("Lapsed at the end of the day without a signature of %(missing)s. "
                                 "Nothing has changed hands")),
    "moved": lambda content: (
        N_("State: %(state)s. Changed by %(by)s") if content.get("imported")
        else N_("%(move)s: %(by)s. State: %(state)s")),
    "department_changed": _always(N_("Given to the department “%(department)s” by %(by)s")),
    "promised": _always(N_("Promised by %(date)s: %(promised_by)s")),
    "client_checked": _checked,
    "joint_proposed": _always(N_("%(move)s: proposed by %(by)s")),
    "joint_ended": _joint_ended,
    "file_attached": _always(N_("File attached by %(by)s")),
    "originator_succeeded": _always(N_("The originator is now %(originator)s")),
    "words_erased": _always(N_("Personal data erased by law: %(by)s")),
    "lifecycle_carried": _always(N_("Carried over to a new version of the lifecycle. State: "
                                    "%(state)s")),
}
