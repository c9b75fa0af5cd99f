"""How a seeded ticket goes on after its logging: by the steps of the shipped lifecycle, or as
another system told it. Each step writes the entries that its verb would have written."""

from __future__ import annotations

from typing import Any

from registry.bench import words
from registry.bench.lives import STATES, Life, promise_content, promised_after
from registry.ledger.entries import stamp
from registry.people.models import Person
from registry.tickets.models import CheckResult


def live(life: Life) -> None:
    """Write the entries of the whole plan."""
    if life.plan.is_brought_in:
        _bring_in(life)
        return
    reached = STATES.index(life.plan.state)
    steps = (_offer_taking, _take, _start, _hold, _offer_return, _return, _close)
    for place, step in enumerate(steps, start=1):
        # Only a ticket that is on hold now has been put on hold: half of life needs no pause.
        if place <= reached and (step is not _hold or life.plan.state == "on_hold"):
            step(life)


def _offer_taking(life: Life) -> None:
    _offer(life, "take", "gives", life.engineer, {})


def _take(life: Life) -> None:
    offer = len(life.entries)
    at = life.next_moment()
    promised_at, said = promised_after(at, life.rng), life.say(words.STEPS)
    _sign_both(life, offer, "take", "takes", life.engineer, said, stamp(promised_at))
    at = life.next_moment()
    _accepted(life, offer, "take", life.engineer, said, {}, at)
    life.tell("promised", promise_content(promised_at, life.engineer, life.sealed(said)),
              life.engineer, at)
    life.promises.append({"promised_at": promised_at, "was_promised_at": None,
                          "by_id": life.engineer.id, "at": at, "reason": said,
                          "client_told": False})


def _start(life: Life) -> None:
    _move(life, "start", "starts", "accepted", "in_fix")


def _hold(life: Life) -> None:
    until = promised_after(life.plan.ends_at, life.rng)
    _move(life, "hold", "holds", "in_fix", "on_hold", reason=life.say(words.HOLDS),
          fields={"until": stamp(until)})


def _offer_return(life: Life) -> None:
    _offer(life, "return", "returns", life.visitor,
           {"what_was_done": life.say(words.DONE), "what_was_wrong": life.say(words.WRONG)})


def _return(life: Life) -> None:
    offer, said = len(life.entries), life.say(words.BACK)
    fields = {name: life.sealed[seal] or ""
              for name, seal in life.content_of(offer)["fields"].items()}
    _sign_both(life, offer, "return", "takes_back", life.visitor, said, "")
    _accepted(life, offer, "return", life.visitor, said, fields, life.next_moment())


def _close(life: Life) -> None:
    at, contact, note = life.next_moment(), "Галина Серова", life.say(words.GONE)
    visitor = life.visitor
    signature = life.signed(visitor, "actor", "client_confirmed", "confirm_gone",
                            life.text("confirming_text", language=visitor.language),
                            {"actor": visitor}, at)
    life.tell("client_checked", {
        "result": CheckResult.GONE.value, "contact": life.sealed(contact),
        "note": life.sealed(note), "sure": 0}, visitor, at)
    life.calls.append({"by_id": visitor.id, "contact_name": contact, "result": CheckResult.GONE,
                       "note": note, "at": at})
    _moved(life, "confirm_gone", "returned", "closed", visitor, [signature], at, final=1)


def _offer(life: Life, move: str, meaning: str, receiver: Person, fields: dict[str, str]) -> None:
    at, giver = life.next_moment(), life.shown.holder
    signature = life.signed(
        giver, "giver", meaning, move,
        life.text("opening_text", receiver, language=giver.language),
        {"giver": giver, "receiver": receiver, "witness": life.registrar}, at)
    life.tell("handoff_offered", {
        "move": move, "giver": giver.ref, "receiver": receiver.ref,
        "witness": life.registrar.ref, "offered_by": giver.ref, "authority": 0, "note": "",
        "fields": {name: life.sealed(each) for name, each in fields.items()},
        "signatures": [signature]}, giver, at)


def _sign_both(life: Life, offer: int, move: str, meaning: str, receiver: Person, said: str,
               by_when: str) -> None:
    """The receiver and the witness sign; the holder is still the giver."""
    giver, witness, at = life.shown.holder, life.registrar, life.next_moment()
    parties = {"giver": giver, "receiver": receiver, "witness": witness}
    signature = life.signed(receiver, "receiver", meaning, move,
                            life.text("receiving_text", giver, language=receiver.language),
                            parties, at)
    life.tell("handoff_signed", {
        "offer": offer, "as": "receiver", "next_step": life.sealed(said),
        "next_step_by": by_when, "taker": receiver.ref, "signatures": [signature]}, receiver, at)
    at = life.next_moment()
    signature = life.signed(witness, "witness", "witnesses", move, life.text(
        "witnessing_text", giver, receiver, language=witness.language), parties, at)
    life.tell("handoff_signed", {"offer": offer, "as": "witness", "signatures": [signature]},
              witness, at)


def _accepted(life: Life, offer: int, move: str, taker: Person, said: str,
              fields: dict[str, str], at: Any) -> None:
    source, target = {"take": ("logged", "accepted"), "return": ("in_fix", "returned")}[move]
    giver = life.shown.holder
    effects = ["promise"] if move == "take" else ["mended"]
    life.tell("handoff_accepted", {
        "offer": offer, "move": move, "source": source, "target": target, "final": 0,
        "effects": effects, "holder": taker.ref, "department": f"department:{taker.department_id}",
        "originator": "", "mender": giver.ref if move == "return" else "", "authority": 0,
        "next_step": life.sealed(said),
        "fields": {name: life.sealed(each) for name, each in fields.items()},
        "signatures": []}, life.registrar, at)
    life.shown.holder = taker


def _move(life: Life, move: str, meaning: str, source: str, target: str, *, reason: str = "",
          fields: dict[str, str] | None = None) -> None:
    at, holder = life.next_moment(), life.shown.holder
    text = life.text("moving_text", life.move(move), life.title(target, holder.language),
                     language=holder.language)
    signature = life.signed(holder, "actor", meaning, move, text,
                            {"actor": holder, "holder": holder}, at)
    _moved(life, move, source, target, holder, [signature], at, reason=reason, fields=fields)


def _moved(life: Life, move: str, source: str, target: str, by: Person,
           signatures: list[dict[str, str]], at: Any, *, final: int = 0, reason: str = "",
           fields: dict[str, str] | None = None) -> None:
    life.tell("moved", {
        "move": move, "source": source, "target": target, "final": final, "effects": [],
        "reason": life.sealed(reason), "fields": fields or {}, "signatures": signatures}, by, at)


def _bring_in(life: Life) -> None:
    """Handed to an engineer, begun, handed back, closed: as imports write it."""
    state = {"move": "", "final": 0, "effects": [], "fields": {}}
    hand = {**state, "originator": "", "authority": 0, "next_step": ""}
    more = {"imported": 1, "line": life.plan.number, "activity": "Assignment"}
    visitor, engineer = life.visitor, life.engineer
    life.tell("handoff_accepted", {
        **hand, "source": "logged", "target": "accepted", "giver": visitor.ref,
        "holder": engineer.ref, "mender": "",
        "department": f"department:{engineer.department_id}", **more}, visitor, life.next_moment())
    life.tell("moved", {**state, "source": "accepted", "target": "in_fix", "reason": "", **more},
              engineer, life.next_moment())
    life.tell("handoff_accepted", {
        **hand, "source": "in_fix", "target": "returned", "effects": ["mended"],
        "giver": engineer.ref, "holder": visitor.ref, "mender": engineer.ref,
        "department": f"department:{visitor.department_id}", **more}, engineer,
        life.next_moment())
    life.tell("moved", {**state, "source": "returned", "target": "closed", "final": 1,
                        "reason": "", **more}, visitor, life.plan.ends_at)
