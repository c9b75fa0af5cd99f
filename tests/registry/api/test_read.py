"""What is read of a ticket's moves and of the checkpoint, in full."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from registry.config import Settings
from registry.core.db import db
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import signer_of
from registry.ledger.models import LedgerEntry
from registry.ledger.note import Checkpoint, Note
from tests.factories import House, a_ticket
from tests.registry.api.conftest import SIGNATURE


def moves_of(caller: Any, number: int) -> dict[str, Any]:
    return {each["move"]: each for each in caller.get(f"/tickets/{number}/moves").json["items"]}


def test_a_move_says_what_it_asks_for_who_signs_and_what(house: House, calls: Any):
    number = a_ticket(house, "in_fix").number
    of_engineer = moves_of(calls(house.engineer), number)

    hold = of_engineer["hold"]
    assert (hold["allowed"], hold["how"], hold["reason"]) == (True, "move", "required")
    assert hold["reasons"] == []
    assert hold["fields"] == [{"name": "until", "title": "On hold until", "kind": "date",
                               "required": True, "by": "actor", "choices": {}}]
    assert of_engineer["hand_over"]["signatures"] == [
        {"by": "giver", "meaning": "gives", "text": "I hand this ticket over"},
        {"by": "receiver", "meaning": "takes", "text": "I take this ticket into my hands"}]
    assert [(each["name"], each["required"], each["by"])
            for each in of_engineer["hand_over"]["fields"]] == [
        ("next_step", True, "receiver"), ("next_step_by", False, "receiver")]


def test_a_move_that_one_may_not_begin_says_every_reason(house: House, calls: Any):
    number = a_ticket(house, "in_fix").number
    visitor = calls(house.visitor)
    of_visitor = moves_of(visitor, number)

    assert {name for name, each in of_visitor.items() if each["allowed"]} == {"cancel"}
    assert all(bool(each["reasons"]) != each["allowed"] for each in of_visitor.values())
    held = {"code": "may_not_begin", "pointer": None,
            "detail": "This can be begun only by: the one who has the ticket in hand."}
    assert of_visitor["hold"]["reasons"] == [held]
    in_russian = visitor.get(f"/tickets/{number}/moves", Accept_Language="ru").json["items"]
    assert {each["move"]: each["reasons"] for each in in_russian}["hold"][0] != held
    # Whoever does it all the same is told the same.
    done = visitor.post(f"/tickets/{number}/moves", {
        "move": "hold", "reason": "A part", "signature": SIGNATURE})
    assert "may_not_begin" in {each["code"] for each in done.json["errors"]}


def test_the_checkpoint_is_the_signed_note_as_text_and_as_json(
    house: House, calls: Any, settings: Settings
):
    a_ticket(house)
    signer = signer_of(settings)
    made = make_checkpoint(now=datetime(2026, 3, 4, 5, 6, tzinfo=UTC), signer=signer)
    assert made is not None
    caller = calls(house.director)

    as_text = caller.get("/checkpoint")
    assert as_text.mimetype == "text/plain"
    note = Note.parse(as_text.text)
    assert signer.verifier.has_signed(note)
    said = Checkpoint.parse(note.text)
    assert said.size == db.session.query(LedgerEntry).count() > 0
    as_json = caller.get("/checkpoint", Accept="application/json")
    assert as_json.json == {"size": said.size, "root": said.root.hex(),
                            "at": "2026-03-04T05:06:00.000000Z", "note": as_text.text}
