"""What each entry of a ticket's chain makes of its row: the one place that writes a projection.

Verbs call ``project`` in the transaction that appends the entry; ``replay`` calls it again over
the whole chain. That both give the same row is what ``countersign verify`` proves. Nothing here
reads the database or the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from registry.ledger.entries import moment
from registry.tickets.handoff_models import HandoffState, JointState
from registry.tickets.models import CheckResult, Opinion

Words = Mapping[str, str | None]


@dataclass
class TicketImage:
    """A ticket as its chain tells it; the attributes are those of the row."""

    values: dict[str, Any] = field(default_factory=dict)
    handoffs: dict[int, dict[str, Any]] = field(default_factory=dict)
    joint_acts: dict[int, dict[str, Any]] = field(default_factory=dict)


def ref_id(ref: str) -> int | None:
    """The number in ``person:12``; None for an empty reference."""
    return int(ref.rsplit(":", 1)[1]) if ref else None


def maybe_moment(text: str) -> datetime | None:
    """The moment, or None for an empty text."""
    return moment(text) if text else None


def number_or_none(text: str) -> Decimal | None:
    """The measured value, or None for an empty text."""
    return Decimal(text) if text else None


def project(
    kind: str, content: Mapping[str, Any], at: datetime, words: Words, seq: int
) -> dict[str, Any]:
    """The attributes of the ticket's row that the entry sets, with their values.

    ``words`` maps each seal in ``content`` to the words behind it.
    """
    effect = ON_TICKET.get(kind)
    return effect(content, at, words) if effect else {}


def project_act(
    kind: str, content: Mapping[str, Any], at: datetime, words: Words, seq: int
) -> tuple[str, int, dict[str, Any]] | None:
    """Which waiting act the entry changes: ("handoff" or "joint_act", its seq, the attributes)."""
    if kind in ON_HANDOFF:
        begun = int(content["offer"]) if "offer" in content else seq
        return "handoff", begun, ON_HANDOFF[kind](content, at, words)
    if kind in ON_JOINT_ACT:
        begun = seq if kind == "joint_proposed" else int(content["proposal"])
        return "joint_act", begun, ON_JOINT_ACT[kind](content, at, words)
    return None


def replay(
    entries: Iterable[tuple[int, str, datetime, Mapping[str, Any]]], words: Words
) -> TicketImage:
    """The ticket as its entries (seq, kind, at, content) tell it from the first to the last."""
    image = TicketImage()
    for seq, kind, at, content in entries:
        values = project(kind, content, at, words, seq)
        values["reopen_count"] = (image.values.get("reopen_count", 0)
                                  + values.pop("reopened", 0))
        image.values.update(values)
        act = project_act(kind, content, at, words, seq)
        if act is not None:
            table = image.handoffs if act[0] == "handoff" else image.joint_acts
            table.setdefault(act[1], {}).update(act[2])
    return image


def _logged(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    return {
        "lifecycle_digest": content["lifecycle"], "state": content["state"], "is_open": True,
        "is_imported": bool(content.get("imported", 0)),
        "client_id": ref_id(content["client"]), "site_id": ref_id(content["site"]),
        "contact_id": ref_id(content["contact"]), "criterion_id": ref_id(content["criterion"]),
        "summary": words[content["summary"]], "description": words[content["description"]],
        "measured": number_or_none(content["measured"]), "norm": number_or_none(content["norm"]),
        "opinion": Opinion(content["opinion"]), "opinion_words": words[content["opinion_words"]],
        "raised_by_id": ref_id(content["raised_by"]),
        "originator_id": ref_id(content["raised_by"]), "holder_id": ref_id(content["raised_by"]),
        "department_id": ref_id(content["department"]), "last_mender_id": None,
        "taken_by_authority": False, "holder_since": at, "state_since": at, "logged_at": at,
        "ended_at": None, "mended_at": None, "next_step": "", "promised_at": None,
        "promised_by_id": None, "on_hold_until": None, "what_was_wrong": "", "what_was_done": "",
        "client_check": None,
    }


def _state(content: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What a change of state sets; ``final`` and ``effects`` come from the lifecycle."""
    changed: dict[str, Any] = {}
    if content["source"] != content["target"]:
        changed |= {"state": content["target"], "state_since": at, "on_hold_until": None}
    if content["final"]:
        changed |= {"is_open": False, "ended_at": at}
    effects = content["effects"]
    if "count_rework" in effects:
        # Other systems reopen what they had closed; here a ticket is still open then.
        changed |= {"reopened": 1, "mended_at": None, "client_check": None, "is_open": True,
                    "ended_at": None}
    if "mended" in effects:
        changed["mended_at"] = at
    return changed


def _holder(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    changed = _state(content, at) | {
        "holder_id": ref_id(content["holder"]), "holder_since": at,
        "department_id": ref_id(content["department"]), "next_step": words[content["next_step"]],
    }
    if content.get("originator"):
        changed["originator_id"] = ref_id(content["originator"])
    if content.get("mender"):
        changed["last_mender_id"] = ref_id(content["mender"])
    if content.get("authority"):
        changed["taken_by_authority"] = True
    for name in ("what_was_wrong", "what_was_done"):
        if content["fields"].get(name):
            changed[name] = words[content["fields"][name]]
    return changed


def _moved(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    changed = _state(content, at)
    if content["fields"].get("until"):
        changed["on_hold_until"] = moment(content["fields"]["until"])
    return changed


def _promised(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    return {"promised_at": maybe_moment(content["promised_at"]),
            "promised_by_id": ref_id(content["promised_by"])}


def _checked(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    return {"client_check": CheckResult(content["result"])}


def _carried(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    return {"lifecycle_digest": content["lifecycle"], "state": content["target"]}


def _regrouped(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    return {"department_id": ref_id(content["department"])}


def _succeeded(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    return {"originator_id": ref_id(content["originator"])}


def _offered(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    return {
        "move": content["move"], "state": HandoffState.OFFERED,
        "giver_id": ref_id(content["giver"]), "receiver_id": ref_id(content["receiver"]),
        "witness_id": ref_id(content["witness"]), "offered_by_id": ref_id(content["offered_by"]),
        "taker_id": None, "by_authority": bool(content["authority"]),
        "is_imported": bool(content.get("imported", 0)),
        "note": words[content["note"]], "next_step": "", "next_step_by": None,
        "fields": {name: words.get(seal, seal) for name, seal in content["fields"].items()},
        "offered_at": at, "receiver_signed_at": None, "witness_signed_at": None,
        "ended_at": None, "reason": "",
    }


def _signed(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    if content["as"] == "witness":
        return {"witness_signed_at": at}
    return {"receiver_signed_at": at, "taker_id": ref_id(content["taker"]),
            "next_step": words[content["next_step"]],
            "next_step_by": maybe_moment(content["next_step_by"])}


def _accepted(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    if content.get("imported"):
        return _imported(content, at)
    return {"state": HandoffState.ACCEPTED, "ended_at": at}


def _imported(content: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """A handoff that another system recorded: one entry, for nobody offered and nobody signed."""
    giver = ref_id(content["giver"])
    return {
        "move": "", "state": HandoffState.ACCEPTED, "giver_id": giver, "offered_by_id": giver,
        "receiver_id": ref_id(content["holder"]), "witness_id": None, "taker_id": None,
        "by_authority": False, "is_imported": True, "note": "", "next_step": "",
        "next_step_by": None, "fields": {}, "offered_at": at, "receiver_signed_at": None,
        "witness_signed_at": None, "ended_at": at, "reason": "",
    }


def _ended(state: HandoffState) -> Callable[..., dict[str, Any]]:
    return lambda content, at, words: {"state": state, "ended_at": at,
                                       "reason": words[content["reason"]]}


def _proposed(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    return {"move": content["move"], "state": JointState.PROPOSED,
            "reason": words[content["reason"]], "proposed_by_id": ref_id(content["by"]),
            "proposed_at": at, "signed_by_id": None, "ended_at": None}


def _joint_ended(content: Mapping[str, Any], at: datetime, words: Words) -> dict[str, Any]:
    done = bool(content["done"])
    return {"state": JointState.DONE if done else JointState.WITHDRAWN, "ended_at": at,
            "signed_by_id": ref_id(content["by"]) if done else None}


ON_TICKET: dict[str, Callable[..., dict[str, Any]]] = {
    "logged": _logged, "handoff_accepted": _holder, "moved": _moved, "promised": _promised,
    "client_checked": _checked, "lifecycle_carried": _carried, "originator_succeeded": _succeeded,
    "department_changed": _regrouped,
}
ON_HANDOFF: dict[str, Callable[..., dict[str, Any]]] = {
    "handoff_offered": _offered, "handoff_signed": _signed, "handoff_accepted": _accepted,
    "handoff_declined": _ended(HandoffState.DECLINED),
    "handoff_withdrawn": _ended(HandoffState.WITHDRAWN),
    "handoff_lapsed": _ended(HandoffState.LAPSED),
}
ON_JOINT_ACT: dict[str, Callable[..., dict[str, Any]]] = {
    "joint_proposed": _proposed, "joint_ended": _joint_ended,
}
