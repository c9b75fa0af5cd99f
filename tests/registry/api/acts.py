"""Acts as a program asks for them and as a person does at the screen: the same act in two forms,
once as it is done and once as it is refused. ``test_same_acts.py`` plays them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry.core.db import db
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.joint import propose_cancelling
from registry.tickets.models import Ticket
from tests.factories import NOW, PASSWORD, House, a_signing, a_ticket, offer

SIGNED = {"signature": {"method": "password", "secret": PASSWORD}}
BADLY = {"signature": {"method": "password", "secret": "wrong horse"}}
# The same moment, as a program writes it and as a form in the company's time zone does.
AWARE, LOCAL = "2099-01-01T12:00:00+03:00", "2099-01-01T12:00"
PAST_AWARE, PAST_LOCAL = "2001-01-01T12:00:00+03:00", "2001-01-01T12:00"


class Scene:
    """A house, a ticket in a state, and what waits on it; ``names`` fill the addresses."""

    def __init__(self, house: House, act: Act) -> None:
        self.house = house
        self.ticket: Ticket = a_ticket(house, act.state)
        self.waiting: Handoff | JointAct | None = act.waits(self) if act.waits else None
        waiting = self.waiting
        self.names = {
            "number": self.ticket.number, "client": house.client.id,
            "engineer": house.engineer.id, "registrar": house.registrar.id,
            "waiting": waiting.id if waiting else 0,
            "handoff": f"{self.ticket.number}-{waiting.seq}" if waiting else ""}


def offered(scene: Scene) -> Handoff:
    """The ticket is offered to the engineer in the registrar's presence."""
    house = scene.house
    return offer(scene.ticket, "take", house.engineer, witness=house.registrar)


def proposed(scene: Scene) -> JointAct:
    """Its cancelling is proposed."""
    visitor = scene.house.visitor
    joint = propose_cancelling(scene.ticket, reason="Logged twice", by=visitor,
                               signing=a_signing(visitor), now=NOW)
    db.session.flush()
    return joint


@dataclass(frozen=True)
class Act:
    """One act: who does it, where, what is sent, and what is sent so that it is refused.

    ``refused_to`` does it in the second case, where that is another person.
    """

    by: str
    api: str
    screen: str
    good: tuple[dict[str, Any], dict[str, str]]
    bad: tuple[dict[str, Any], dict[str, str]]
    codes: set[str]
    state: str = "logged"
    waits: Callable[[Scene], Any] | None = None
    refused_to: str = ""
    status: int = 422


FORM, WRONG = {"password": PASSWORD}, {"password": "wrong horse"}
HOW_FOUND = {"contact_name": "Galina Serova", "note": "The file came in seconds"}
DOUBT = {"result": "gone", "contact_name": "", "note": "Still slow on Monday"}
TAKE = "/tickets/{number}/moves/take?receiver={engineer}&witness={registrar}"

ACTS = {
    "log": Act(
        "visitor", "/tickets", "/tickets/new?client={client}",
        ({"client": "client", "summary": "Slow line", "opinion": "content"},
         {"summary": "Slow line", "opinion": "content"}),
        ({"client": "client", "summary": " "}, {"summary": " ", "opinion": "not_asked"}),
        {"summary_missing"}),
    "log, by whom it is not": Act(
        "lead", "/tickets", "/tickets/new?client={client}",
        ({"client": "client", "summary": "Slow line"},
         {"summary": "Slow line", "opinion": "not_asked"}),
        ({"client": "client", "summary": " "}, {"summary": " "}),
        {"forbidden"}, refused_to="engineer", status=403),
    "offer": Act(
        "visitor", "/tickets/{number}/handoffs", TAKE,
        ({"move": "take", "receiver": "engineer", "witness": "registrar", "note": "Do", **SIGNED},
         {"reason": "Do", **FORM}),
        ({"move": "take", "receiver": "engineer", "witness": "registrar", **BADLY}, WRONG),
        {"may_not_begin", "wrong_password"}, refused_to="other_visitor"),
    "accept": Act(
        "engineer", "/handoffs/{handoff}/accept", "/handoffs/{waiting}/accept",
        ({"next_step": "I measure", "next_step_by": AWARE, **SIGNED},
         {"next_step": "I measure", "next_step_by": LOCAL, **FORM}),
        ({"next_step": " ", "next_step_by": PAST_AWARE, **BADLY},
         {"next_step": " ", "next_step_by": PAST_LOCAL, **WRONG}),
        {"field_missing", "field_in_the_past", "wrong_password"}, waits=offered),
    "witness": Act(
        "registrar", "/handoffs/{handoff}/witness", "/handoffs/{waiting}/witness",
        (SIGNED, FORM), (SIGNED, FORM), {"not_yours"}, waits=offered, refused_to="visitor"),
    "decline": Act(
        "engineer", "/handoffs/{handoff}/decline", "/handoffs/{waiting}/decline",
        ({"reason": "Not mine"}, {"reason": "Not mine"}), ({"reason": " "}, {"reason": " "}),
        {"reason_missing"}, waits=offered),
    "withdraw": Act(
        "visitor", "/handoffs/{handoff}/withdraw", "/handoffs/{waiting}/withdraw",
        ({"reason": "In error"}, {"reason": "In error"}), ({}, {}), {"not_yours"}, waits=offered,
        refused_to="other_visitor"),
    "move": Act(
        "engineer", "/tickets/{number}/moves", "/tickets/{number}/moves/hold",
        ({"move": "hold", "reason": "A part", "fields": {"until": AWARE}, **SIGNED},
         {"reason": "A part", "until": LOCAL, **FORM}),
        ({"move": "hold", "fields": {"until": PAST_AWARE}, **BADLY},
         {"reason": "", "until": PAST_LOCAL, **WRONG}),
        {"reason_missing", "field_in_the_past", "wrong_password"}, state="in_fix"),
    "move without a field": Act(
        "engineer", "/tickets/{number}/moves", "/tickets/{number}/moves/start",
        ({"move": "start", **SIGNED}, FORM), ({"move": "start", **BADLY}, WRONG),
        {"may_not_begin", "wrong_password"}, state="accepted", refused_to="other_engineer"),
    "cancel": Act(
        "visitor", "/tickets/{number}/moves", "/tickets/{number}/moves/cancel",
        ({"move": "cancel", "reason": "Logged twice", **SIGNED},
         {"reason": "Logged twice", **FORM}),
        ({"move": "cancel", "reason": "", **BADLY}, {"reason": "", **WRONG}),
        {"reason_missing", "wrong_password"}),
    "second signature": Act(
        "registrar", "/tickets/{number}/cancelling/agree", "/joint/{waiting}/agree",
        (SIGNED, FORM), (BADLY, WRONG),
        {"signature_of_another", "signers_not_distinct", "wrong_password"}, waits=proposed,
        refused_to="visitor"),
    "withdraw the cancelling": Act(
        "visitor", "/tickets/{number}/cancelling/withdraw", "/joint/{waiting}/withdraw",
        ({}, {}), ({}, {}), {"not_yours"}, waits=proposed, refused_to="engineer"),
    "check, gone": Act(
        "visitor", "/tickets/{number}/check", "/tickets/{number}/check",
        ({"result": "gone", **HOW_FOUND, **SIGNED}, {"result": "gone", **HOW_FOUND, **FORM}),
        ({**DOUBT, **SIGNED}, {**DOUBT, **FORM}), {"contact_missing", "note_says_otherwise"},
        state="returned"),
    "check, not gone": Act(
        "visitor", "/tickets/{number}/check", "/tickets/{number}/check",
        ({"result": "not_gone", **HOW_FOUND, **SIGNED},
         {"result": "not_gone", **HOW_FOUND, **FORM}),
        ({"result": "not_gone", **HOW_FOUND, **BADLY},
         {"result": "not_gone", **HOW_FOUND, **WRONG}), {"wrong_password"}, state="returned"),
}
