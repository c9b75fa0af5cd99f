"""What was typed on a handover sheet, line by line, as the verbs take it.

A line's fields end in the ticket's number ("next_step-1042"), and so do the places that refusals
name; whatever was typed is shown again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.core.times import from_local_input
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.sheet_queries import SheetLine
from registry.tickets.sheets import Answer, Line
from workflows import Move

NONCE_LENGTH = 32


@dataclass(frozen=True)
class TypedSheet:
    """The form as it was sent; ``fresh`` is one that nobody has filled in yet."""

    form: Mapping[str, str]
    fresh: bool = False

    def value(self, name: str, number: int) -> str:
        """What was typed in a field of one line."""
        return self.form.get(f"{name}-{number}", "").strip()

    def puts(self, number: int) -> bool:
        """Whether the giver puts the ticket on the sheet; at first all are on it."""
        return self.fresh or f"put-{number}" in self.form

    @property
    def numbers_put(self) -> set[int]:
        """The numbers of all tickets that the giver put on the sheet."""
        numbers = {name.removeprefix("put-") for name in self.form if name.startswith("put-")}
        return set(map(number_typed, numbers))

    @property
    def nonce(self) -> str:
        """The number that the page carries, used once."""
        return self.form.get("nonce", "")[:NONCE_LENGTH]

    def lines(self, offered: Iterable[SheetLine]) -> list[Line]:
        """The lines that the giver puts on the sheet."""
        return [Line(line.ticket, line.move.name, self._fields(line.move, line.ticket.number),
                     self.value("head", line.ticket.number))
                for line in offered if self.puts(line.ticket.number)]

    def answers(self, handoffs: Iterable[Handoff]) -> list[Answer]:
        """The receiver's answers to the lines that wait for one; the others stay open."""
        return [self._answer(handoff) for handoff in handoffs
                if waits_for_receiver(handoff)
                and self.value("answer", handoff.ticket.number) in ("take", "leave")]

    def heads(self, handoffs: Iterable[Handoff]) -> dict[int, str]:
        """The head of each line's chain when the page was shown, by the handoff's id."""
        return {each.id: self.value("head", each.ticket.number) for each in handoffs}

    def _answer(self, handoff: Handoff) -> Answer:
        number = handoff.ticket.number
        return Answer(handoff, self.value("answer", number) == "take",
                      self.value("next_step", number),
                      iso_typed(self.value("next_step_by", number)), self.value("head", number),
                      self.value("reason", number))

    def _fields(self, move: Move, number: int) -> dict[str, str]:
        typed = {each.name: self.value(each.name, number) for each in giver_fields(move)}
        dates = {each.name for each in giver_fields(move) if each.kind == "date"}
        return {name: iso_typed(value) if name in dates else value
                for name, value in typed.items() if value}


def giver_fields(move: Move) -> list:  # type: ignore[type-arg]
    """The fields of the move that its giver fills in."""
    return [each for each in move.fields if not each.by_receiver]


def iso_typed(text: str) -> str:
    """A moment typed on the company's clock in ISO 8601; what was typed where it is none: the
    verb says so beside the field."""
    moment = from_local_input(text)
    return moment.isoformat() if moment else text


def number_typed(text: str) -> int:
    """The number that came with a form or an address; 0, which nothing has, where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def waits_for_receiver(handoff: Handoff) -> bool:
    """Whether the receiver has not answered."""
    return handoff.state is HandoffState.OFFERED and handoff.receiver_signed_at is None


def waits_for_witness(handoff: Handoff) -> bool:
    """Whether the witness has not signed."""
    return (handoff.state is HandoffState.OFFERED and handoff.witness_id is not None
            and handoff.witness_signed_at is None)
