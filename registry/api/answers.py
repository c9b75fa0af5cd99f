"""The shapes of what is answered. Only the document reads them; shown.py fills them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class PersonOut(BaseModel):
    """Somebody who works here."""

    id: int
    login: str
    name: str
    department: str
    roles: list[str]
    away_until: str | None
    deputy: str


class Named(BaseModel):
    """A thing by its id and name."""

    id: int
    name: str


class ClientOut(BaseModel):
    """A client."""

    id: int
    name: str
    tier: str
    key_person: str
    sites: int
    known_by: list[str]


class SiteOut(BaseModel):
    """A site, and by what it is fed."""

    id: int
    name: str
    address: str
    client: int | None
    fed_by: int | None


class HandoffOut(BaseModel):
    """A handoff; ``id`` is the ticket's number and the entry that offered it."""

    id: str
    ticket: int
    move: str
    state: str
    giver: Named
    receiver: Named
    witness: Named | None
    note: str
    offered_at: str
    receiver_signed_at: str | None
    witness_signed_at: str | None


class TicketRow(BaseModel):
    """A ticket in a list."""

    number: int
    summary: str
    client: Named
    site: str
    state: str
    is_open: bool
    holder: Named
    holder_since: str
    offered_to: str
    originator: str
    logged_at: str
    promised_at: str | None
    ended_at: str | None


class TicketOut(BaseModel):
    """A ticket as its ledger tells it; ``head`` is the hash of its last entry and its ETag."""

    number: int
    head: str
    head_seq: int
    summary: str
    description: str
    state: str
    is_open: bool
    client: Named
    site: Named | None
    contact: Named | None
    criterion: Named | None
    measured: str | None
    norm: str | None
    opinion: str
    opinion_words: str
    originator: Named
    holder: Named
    holder_since: str
    state_since: str
    logged_at: str
    promised_at: str | None
    on_hold_until: str | None
    mended_at: str | None
    ended_at: str | None
    next_step: str
    what_was_wrong: str
    what_was_done: str
    client_check: str | None
    reopen_count: int
    handoff: HandoffOut | None


class EntryOut(BaseModel):
    """One entry of a chain, with its words and the statements that were signed."""

    seq: int
    at: str | None
    kind: str
    by: str
    content: dict[str, Any]
    words: dict[str, str | None]
    statements: dict[str, dict[str, Any]]
    prev_hash: str
    hash: str
    place: int | None


class ReasonOut(BaseModel):
    """One reason: a stable code, a sentence, and the place in what was sent."""

    code: str
    detail: str
    pointer: str | None = None


class MoveOut(BaseModel):
    """A move from the present state: may I begin it, what it needs, else why not."""

    move: str
    title: str
    allowed: bool
    how: str
    reason: str
    needs_witness: bool
    fields: list[dict[str, Any]]
    signatures: list[dict[str, str]]
    receivers: list[Named]
    witnesses: list[Named]
    reasons: list[ReasonOut]


class People(BaseModel):
    """A page of people; ``next`` is the cursor of the next one."""

    items: list[PersonOut]
    next: str | None


class Clients(BaseModel):
    """A page of clients."""

    items: list[ClientOut]
    next: str | None


class Sites(BaseModel):
    """A page of sites."""

    items: list[SiteOut]
    next: str | None


class Tickets(BaseModel):
    """A page of tickets."""

    items: list[TicketRow]
    next: str | None


class Entries(BaseModel):
    """A page of a ticket's ledger."""

    items: list[EntryOut]
    next: str | None


class Moves(BaseModel):
    """Every move from the present state."""

    state: str
    head: str
    may_check: bool
    check_receivers: list[Named]
    items: list[MoveOut]


class DeskHandoff(BaseModel):
    """A handoff that waits; ``handoff`` is its id, and ``for_whom`` an absent person's name."""

    handoff: str
    ticket: int
    summary: str
    client: str
    giver: Named
    receiver: Named
    for_whom: str
    since: str
    sheet: int | None


class DeskCancelling(BaseModel):
    """A cancelling that waits for the second signature."""

    ticket: int
    summary: str
    client: str
    proposed_by: Named
    since: str


class DeskTicket(BaseModel):
    """A ticket in my hands."""

    ticket: int
    summary: str
    client: str
    state: str
    promised_at: str | None
    is_late: bool
    next_step: str
    since: str


class DeskCounts(BaseModel):
    """How many there are in all, beyond the bounds of the lists."""

    waiting: int
    held: int
    calls: int
    given: int


class DeskOut(BaseModel):
    """What waits for me; the counts are of all there is, the lists are bounded."""

    counts: DeskCounts
    to_sign: list[DeskHandoff]
    to_witness: list[DeskHandoff]
    to_agree: list[DeskCancelling]
    held: list[DeskTicket]
    given: list[DeskHandoff]
    signed: list[DeskHandoff]
    to_call_back: list[DeskTicket]


class ShownStatement(BaseModel):
    """A statement before it is signed: what it says, and its hash."""

    hash: str
    content: dict[str, Any]


class Change(BaseModel):
    """What would become otherwise: the ticket's state or its holder."""

    ticket: int
    was: str
    becomes: str


class Statements(BaseModel):
    """What an act would sign and change. Show it to whoever signs, compute the challenge from what
    is shown, and send the passkey's answer with the act."""

    statements: list[ShownStatement]
    challenge: str
    at: str
    nonce: str
    shown_head: str
    options: dict[str, Any]
    changes: list[Change]


class ReportOut(BaseModel):
    """The daily report as data; ``frozen`` says that it is as it was made and sent."""

    day: str
    frozen: bool
    data: dict[str, Any]


class CheckpointOut(BaseModel):
    """The last checkpoint of the ledger."""

    size: int
    root: str
    at: str
    note: str


class Problem(BaseModel):
    """Why it was not done (RFC 9457): ``errors`` holds every reason."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ReasonOut]
    happened: list[dict[str, Any]] = []
