"""Whose turn it is to sign a handoff at a screen, and what its page shows of those who have signed.

The three may sign at anybody's screen, also where none of them is signed in: who signs proves it
each time, so being signed in counts for nothing here but to see the page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from registry.core.db import db
from registry.core.languages import language
from registry.ledger.models import LedgerEntry
from registry.people.absences import absent_persons_of
from registry.people.models import Person
from registry.tickets.half_signed import Part, Standing, missing_from, parts_of, standing_of
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.history import SignatureLine
from registry.tickets.lifecycles import party
from registry.tickets.models import Ticket
from registry.tickets.sheet_queries import signers_for
from registry.tickets.signed_entries import SIGNED, signatures_on
from workflows import Move, stands_in_any

NEXT = "next"


@dataclass(frozen=True)
class Turn:
    """Who signs next at the screen: as what, whom the lifecycle asks, and who signs for them.
    ``signers`` are all who could; ``is_wished`` where this page was asked for by name."""

    part: str
    asked: Person
    signer: Person
    signers: tuple[Person, ...]
    givers: tuple[int, ...]
    is_wished: bool

    def is_at(self, reader: Person) -> bool:
        """Whether the screen of ``reader`` is where the signer is expected: the signer's own, the
        giver's, to whom all have come, or one that was asked for the page."""
        return self.is_wished or reader.id in {*self.givers, *(each.id for each in self.signers)}

    @property
    def principal(self) -> Person | None:
        """For whom the signer signs; None in the own right."""
        return self.asked if self.signer.id != self.asked.id else None


def turn_here(handoff: Handoff, reader: Person, *, part: str = "", signer: str = "",
              now: datetime) -> Turn | None:
    """Whose turn it is before ``reader``: the ``part`` that is wished, else the reader's own, else
    the first that is missing; ``signer`` is the id of who signs for it. Any ``part`` says that
    somebody signs here, NEXT that it is whoever comes next.

    None where nobody signs any more, or where none of the three is expected: the reader is none,
    stands in for none, and nothing is wished.
    """
    own = _in_right_of(reader, now)
    if handoff.state is not HandoffState.OFFERED or not (part or own & _ids(handoff)):
        return None
    missing = missing_from(handoff)
    wished = [each for each in missing if each.name == part]
    chosen = (wished or [each for each in missing if each.person.id in own] or missing)[0]
    signers = signers_for(chosen.person, reader, now=now)
    wanted = next((each for each in signers if str(each.id) == signer), signers[0])
    return Turn(chosen.name, chosen.person, wanted, tuple(signers),
                (handoff.giver_id, handoff.offered_by_id), bool(part))


def is_bystander(handoff: Handoff, reader: Person, *, now: datetime) -> bool:
    """Whether the reader is none of those who sign, and stands in for none."""
    return not _in_right_of(reader, now) & _ids(handoff)


def givers_here(ticket: Ticket, move: Move, reader: Person, *, now: datetime) -> list[Person]:
    """Who may sign as the giver at the reader's screen, who is expected first: the reader, where
    they may begin the move themselves; else whoever has the ticket, or the deputy."""
    if move.handoff is None or move.handoff.authority or stands_in_any(party(reader, ticket),
                                                                       move.may):
        return [reader]
    return signers_for(ticket.holder, reader, now=now)


@dataclass(frozen=True)
class Board:
    """What a page shows of a handoff that is being signed, and how it is told from before.

    ``mark`` changes with whatever is shown. ``head`` is the head of the chain that the page may
    sign now; empty where something else than signatures has come since the page was shown.
    """

    handoff: Handoff
    part: str
    standing: Standing
    head: str
    mark: str

    @property
    def is_open(self) -> bool:
        """Whether signatures are still awaited."""
        return self.handoff.state is HandoffState.OFFERED and not self.standing.is_over

    @property
    def is_asked(self) -> bool:
        """Whether the page's own part still waits for its signature."""
        return self.is_open and self.part in {each.name for each in missing_from(self.handoff)}

    @property
    def lines(self) -> list[tuple[Part, SignatureLine | None]]:
        """Who signs as what, and the signature where it is given."""
        given = signatures_on(self.handoff)
        return [(part, given.get(part.name)) for part in parts_of(self.handoff)]


def board_of(handoff: Handoff, *, part: str = "", shown_head: str = "", now: datetime) -> Board:
    """What the page of ``part`` shows that was made at ``shown_head`` (empty: it is made now)."""
    ticket = handoff.ticket
    standing = standing_of(handoff, handoff.receiver.name,
                           handoff.witness.name if handoff.witness else "", now=now)
    shown = shown_head or ticket.head_hash
    head = ticket.head_hash if shown == ticket.head_hash or _only_signed(handoff, shown) else ""
    said = f"{ticket.head_hash} {head} {standing.is_over} {part} {language()}"
    return Board(handoff, part, standing, head, hashlib.sha256(said.encode()).hexdigest()[:32])


def _only_signed(handoff: Handoff, shown_head: str) -> bool:
    """Whether nothing but signatures of the handoff has been written since that head."""
    shown = (select(LedgerEntry.seq).where(LedgerEntry.chain == handoff.ticket.chain,
                                           LedgerEntry.hash == shown_head).scalar_subquery())
    kinds = set(db.session.scalars(select(LedgerEntry.kind).where(
        LedgerEntry.chain == handoff.ticket.chain, LedgerEntry.seq > shown).distinct()))
    return kinds == {SIGNED}


def _in_right_of(reader: Person, now: datetime) -> set[int | None]:
    """The reader's id, and those of all for whom they stand in now."""
    return {reader.id, *(each.id for each in absent_persons_of(reader, now=now))}


def _ids(handoff: Handoff) -> set[int | None]:
    return {handoff.giver_id, handoff.offered_by_id, handoff.receiver_id, handoff.witness_id}
