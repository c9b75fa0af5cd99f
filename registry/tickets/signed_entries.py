"""The signatures of handoffs, read from the chains of their tickets: for screens and papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select

from registry.core.db import db
from registry.ledger.entries import content_of
from registry.ledger.models import LedgerEntry
from registry.tickets.acts import engine_for
from registry.tickets.handoff_models import Handoff
from registry.tickets.history import SignatureLine, signatures_of
from registry.tickets.models import Ticket

OFFERED, SIGNED = "handoff_offered", "handoff_signed"
AT_ONCE = 400
PARTIES = ("giver", "receiver", "witness")
T = TypeVar("T")
Offer = tuple[str, int]  # the chain, and the entry that began the handoff
Signatures = Mapping[str, SignatureLine]


def signatures_by_offer(offers: Iterable[tuple[Ticket, int]]) -> Mapping[Offer, Signatures]:
    """Who signed as what for each handoff, named by its ticket and the entry that offered it.

    A query for each few hundred tickets and one for the names.
    """
    wanted = {(ticket.chain, seq): ticket for ticket, seq in offers}
    found = [(offer, part, content) for offer, part, content in _signed(wanted)
             if offer in wanted]
    lines = signatures_of([(engine_for(wanted[offer]).workflow, content)
                           for offer, _, content in found])
    signed: dict[Offer, dict[str, SignatureLine]] = {offer: {} for offer in wanted}
    for (offer, part, _), each in zip(found, lines, strict=True):
        if each:
            signed[offer][part] = each[-1]
    return signed


def signatures_on(handoff: Handoff) -> Signatures:
    """Who has signed the handoff as what."""
    ticket = handoff.ticket
    return signatures_by_offer([(ticket, handoff.seq)])[ticket.chain, handoff.seq]


def pieces(things: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """The things in pieces that one query can name."""
    return (things[at:at + size] for at in range(0, len(things), size))


def _signed(offers: Iterable[Offer]) -> Iterator[tuple[Offer, str, Mapping[str, Any]]]:
    chains: Sequence[str] = sorted({chain for chain, _ in offers})
    for some in pieces(chains):
        query = (select(LedgerEntry)
                 .where(LedgerEntry.chain.in_(some), LedgerEntry.kind.in_((OFFERED, SIGNED)))
                 .order_by(LedgerEntry.chain, LedgerEntry.seq))
        for entry in db.session.scalars(query):
            content = content_of(entry)
            if entry.kind == OFFERED:
                yield (entry.chain, entry.seq), "giver", content
            else:
                yield (entry.chain, int(content["offer"])), str(content["as"]), content
