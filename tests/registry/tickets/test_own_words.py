"""What one writes in an act stands in the statement that one signs, after what one was shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.callbacks.service import Found, record_check
from registry.ledger.entries import content_of, entries_of
from registry.people.models import Signature
from registry.tickets.handoffs import accept_handoff
from registry.tickets.joint import agree_to_cancelling, propose_cancelling
from registry.tickets.models import CheckResult, Ticket
from tests.factories import NOW, House, a_signing, a_ticket, accept, move, offer

LATER = NOW + timedelta(hours=1)
TOMORROW = NOW + timedelta(days=1)


def signed_text(session: Session, ticket: Ticket) -> str:
    """The text of the last signature at the ticket."""
    signed = [each["statement"] for entry in entries_of(ticket.chain)
              for each in content_of(entry).get("signatures", ())]
    query = select(Signature).where(Signature.statement_hash == signed[-1])
    text: str = json.loads(session.scalars(query).one().statement)["text"]
    return text


def own_lines(session: Session, ticket: Ticket) -> list[str]:
    """What stands after the act and the matter, which are a line each."""
    return signed_text(session, ticket).split("\n")[2:]


def returned(house: House, ticket: Ticket) -> None:
    offer(ticket, "return", house.visitor, witness=house.registrar, now=LATER,
          fields={"what_was_wrong": "A bad cable", "what_was_done": "Replaced it"},
          note=" Call before noon ")


def held(house: House, ticket: Ticket) -> None:
    move(ticket, "hold", reason="Waits for a part", now=LATER,
         fields={"until": TOMORROW.isoformat()})


def cancelled(house: House, ticket: Ticket) -> None:
    propose_cancelling(ticket, reason="Logged twice", by=house.visitor,
                       signing=a_signing(house.visitor), now=LATER)


def checked(result: CheckResult) -> Callable[[House, Ticket], None]:
    def check(house: House, ticket: Ticket) -> None:
        record_check(ticket, Found(result, " Galina Serova ", "As she said"), by=house.visitor,
                     signing=a_signing(house.visitor), now=LATER)

    return check


@pytest.mark.parametrize(("state", "act", "lines"), [
    ("in_fix", returned, ["What was wrong: A bad cable", "What was done: Replaced it",
                          "Note: Call before noon"]),
    ("in_fix", held, ["On hold until: 25 November 2026, 10:40", "Reason: Waits for a part"]),
    ("logged", cancelled, ["Reason: Logged twice"]),
    ("returned", checked(CheckResult.GONE), ["Who checked: Galina Serova", "Note: As she said"]),
    ("returned", checked(CheckResult.NOT_GONE),
     ["Who checked: Galina Serova", "Note: As she said"]),
], ids=["return", "hold", "cancel", "gone", "not gone"])
def test_words_are_signed_with_the_act(
    house: House, session: Session, state: str, act: Any, lines: list[str]
) -> None:
    ticket = a_ticket(house, state)
    act(house, ticket)
    assert own_lines(session, ticket) == lines


def test_the_receiver_signs_what_comes_next_in_the_own_language(
    house: House, session: Session
) -> None:
    ticket = a_ticket(house)
    offered = offer(ticket, "take", house.engineer, witness=house.registrar, now=LATER)
    assert own_lines(session, ticket) == []
    accept_handoff(offered, next_step="Меряю линию", next_step_by=TOMORROW.isoformat(),
                   by=house.engineer, signing=a_signing(house.engineer, language="ru"), now=LATER)
    assert [line.partition(": ")[2] for line in own_lines(session, ticket)] == [
        "Меряю линию", "25 ноября 2026, 10:40"]


def test_a_witness_and_a_second_signer_sign_no_words_of_others(
    house: House, session: Session
) -> None:
    """These are bound by the hash of the entry that has them, which the statement names."""
    ticket = a_ticket(house)
    accept(offer(ticket, "take", house.engineer, witness=house.registrar, now=LATER), now=LATER)
    assert own_lines(session, ticket) == []
    other = a_ticket(house)
    joint = propose_cancelling(other, reason="Logged twice", by=house.visitor,
                               signing=a_signing(house.visitor), now=LATER)
    agree_to_cancelling(joint, by=house.registrar, signing=a_signing(house.registrar), now=LATER)
    assert own_lines(session, other) == []
