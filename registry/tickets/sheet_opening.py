"""Opening the lines of a sheet: nobody signs for a ticket that was not shown to them whole.

A line that is shown whole carries a mark, and the mark comes back with the form. It holds for one
party at one screen, for what is signed, and for one head of the ticket's chain: where the ticket
has changed since, or another signs, it must be opened again. Nothing is kept between two requests,
so any node takes the next one, and a page without scripts does the same as one with them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from flask import request

from registry.core.errors import Reason
from registry.core.languages import language
from registry.core.settings import current_settings
from registry.core.words import N_
from registry.ledger.entries import canonical
from registry.people.access import me
from registry.tickets.acts import engine_for
from registry.tickets.models import Ticket
from registry.tickets.sheet_forms import TypedSheet, number_typed
from workflows import Move

UNOPENED = N_("Open ticket No. %(number)s first: nothing is signed unseen.")
CHANGED = N_("Ticket No. %(number)s, or who signs for it, has changed since you opened it. Open it "
             "again.")


@dataclass(frozen=True)
class Reading:
    """One party's reading of a sheet: ``part`` is giver, receiver or witness; ``texts`` is what
    that party signs for each line, by the ticket's number."""

    part: str
    texts: Mapping[int, str]
    typed: TypedSheet

    def place(self, number: int) -> str:
        """Where the line stands on the page, and what a reason against it names."""
        return f"line-{number}" if self.part != "witness" else f"seen-{number}"

    def mark(self, ticket: Ticket) -> str:
        """What says that the line was shown whole as the ticket stands now."""
        shown = ["sheet line opened", self.part, me().id, ticket.number, ticket.head_hash,
                 self.texts[ticket.number]]
        return hmac.new(current_settings().secret_key.encode(), canonical(shown),
                        sha256).hexdigest()

    def was_opened(self, ticket: Ticket) -> bool:
        """Whether the form brings the mark of the ticket as it stands now."""
        return hmac.compare_digest(self.brought(ticket.number), self.mark(ticket))

    def has_changed(self, ticket: Ticket) -> bool:
        """Whether it was opened as it stood before."""
        return bool(self.brought(ticket.number)) and not self.was_opened(ticket)

    def unopened(self, tickets: Iterable[Ticket]) -> Iterator[Reason]:
        """What stands against signing for these tickets."""
        for each in tickets:
            if not self.was_opened(each):
                text = CHANGED if self.has_changed(each) else UNOPENED
                yield Reason("line_unopened", text, {"number": each.number},
                             self.place(each.number))

    def brought(self, number: int) -> str:
        """The mark that came with the form; empty where none did."""
        text = self.typed.value(f"{self.part}_opened", number)
        return text if text.isascii() else ""


@dataclass(frozen=True)
class Leaves:
    """How far the lines of a sheet are opened: ``marks`` of those that stand open, by number;
    ``now`` is the one that was opened just now, ``left`` those still to be opened before all can be
    signed, the next one first."""

    reading: Reading
    marks: Mapping[int, str]
    now: int | None
    left: tuple[int, ...]


def is_opening() -> bool:
    """Whether the form was sent to open a line, and not to sign."""
    return "open" in request.form


def leaves_of(reading: Reading, tickets: Iterable[Ticket], signed: Iterable[int]) -> Leaves:
    """The lines as the page shows them; ``signed`` are the numbers of those that will be signed."""
    tickets, wanted = list(tickets), set(signed)
    now = number_typed(request.form.get("open", ""))
    marks = {each.number: reading.mark(each) for each in tickets
             if each.number == now or reading.was_opened(each)}
    order = [each.number for each in tickets]
    after = order.index(now) + 1 if now in order else 0
    left = (each for each in order[after:] + order[:after] if each in wanted - marks.keys())
    return Leaves(reading, marks, now if now in marks else None, tuple(left))


def states_between(ticket: Ticket, move: Move) -> tuple[str, str]:
    """The titles of the state that the move leaves and of the one that it leads to."""
    states = engine_for(ticket).workflow.states
    return (states[ticket.state].title.said(language()),
            states[move.target_from(ticket.state)].title.said(language()))
