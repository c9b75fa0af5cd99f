"""How far the signing of a handoff has come: who has signed, who has not, and until when they may.

What only its giver has signed is an offer, and waits as long as it must. With the second signature
of three it is *half-signed*: the third follows before the company's day is over, or the handoff
lapses and the ticket stays where it was (decision 0114).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registry.core.calendar import company_calendar
from registry.core.errors import Conflict
from registry.core.words import N_
from registry.people.models import Person
from registry.tickets.handoff_models import Handoff, HandoffState


@dataclass(frozen=True)
class Part:
    """One of those who sign: as what, who is asked, and when they signed (None: not yet)."""

    name: str
    person: Person
    signed_at: datetime | None


def parts_of(handoff: Handoff) -> list[Part]:
    """All who sign the handoff, in the order in which they are named."""
    found = [Part("giver", handoff.giver, handoff.offered_at),
             Part("receiver", handoff.receiver, handoff.receiver_signed_at)]
    if handoff.witness is not None:
        found.append(Part("witness", handoff.witness, handoff.witness_signed_at))
    return found


def missing_from(handoff: Handoff) -> list[Part]:
    """Those who have not signed."""
    return [part for part in parts_of(handoff) if part.signed_at is None]


@dataclass(frozen=True)
class Standing:
    """How far the signing has come, for pages: how many of how many have signed, who has not, and
    when it lapses (None: it waits)."""

    given: int
    asked: int
    missing: tuple[str, ...]
    lapses_at: datetime | None
    is_over: bool


def standing_of(handoff: Handoff, receiver: str, witness: str, *, now: datetime) -> Standing:
    """``receiver`` and ``witness`` are the names of those who are asked; no witness: empty."""
    rest = ((receiver, handoff.receiver_signed_at), (witness, handoff.witness_signed_at))
    missing = tuple(name for name, signed_at in rest if name and signed_at is None)
    asked = 2 + bool(witness)
    ends = lapses_at(handoff)
    return Standing(asked - len(missing), asked, missing, ends, ends is not None and ends <= now)


def half_signed_since(handoff: Handoff) -> datetime | None:
    """When the second of three signatures was given, where the third still waits; else None."""
    if handoff.state is not HandoffState.OFFERED:
        return None
    return handoff.receiver_signed_at or handoff.witness_signed_at


def lapses_at(handoff: Handoff) -> datetime | None:
    """When the handoff lapses: as the company's day ends on which it was half-signed. None where
    it does not."""
    since = half_signed_since(handoff)
    if since is None:
        return None
    calendar = company_calendar()
    return calendar.bounds(calendar.local(since).date())[1]


def is_over(handoff: Handoff, now: datetime) -> bool:
    """Whether the day is over on which the last signature had to follow."""
    ends = lapses_at(handoff)
    return ends is not None and ends <= now


def must_be_in_time(handoff: Handoff, now: datetime) -> None:
    """Raise Conflict where the day is over: the handoff has lapsed, also where no worker has
    written it down yet."""
    if is_over(handoff, now):
        raise Conflict(N_("This handoff of ticket No. %(number)s has lapsed: not all had signed "
                          "before the day was over. It is to be offered anew."),
                       number=handoff.ticket.number)
