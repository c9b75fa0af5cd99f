"""What an erasure by law leaves of tickets: their rows follow their chains, whose words are gone.

The same replay that ``verify`` compares rows with writes them here, so the two cannot disagree. All
else of a ticket stays: in whose hands it was, who signed when, what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text

from registry.core.db import db
from registry.ledger.entries import content_of, entries_of, seals_in, unseal
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Attachment, PromiseChange, Ticket, TicketSearch
from registry.tickets.projection import replay
from registry.tickets.search import stems_of


def files_of(ticket: Ticket) -> list[str]:
    """The digests of the ticket's files."""
    return sorted(set(db.session.scalars(
        select(Attachment.digest).where(Attachment.ticket_id == ticket.id))))


def rows_follow(ticket: Ticket) -> None:
    """Write the ticket's rows anew from its chain; erased words leave empty places."""
    said = [(entry.seq, entry.kind, entry.at, content_of(entry))
            for entry in entries_of(ticket.chain)]
    words = unseal({seal for each in said for seal in seals_in(each[3])})
    image = replay(said, words)
    _write(ticket, image.values)
    for handoff in _rows(Handoff, ticket):
        _write(handoff, image.handoffs[handoff.seq])
    for joint in _rows(JointAct, ticket):
        _write(joint, image.joint_acts[joint.seq])
    for model, kind, name in ((PromiseChange, "promised", "reason"),
                              (Attachment, "file_attached", "name")):
        contents = [content for _, each, _, content in said if each == kind]
        for row, content in zip(_rows(model, ticket), contents, strict=True):
            _write(row, {name: words[content[name]]})
    db.session.flush()


def search_follows(ticket: Ticket) -> None:
    """Find the ticket by what is left of it, and by what its client and site are called now."""
    row = db.session.get(TicketSearch, ticket.id)
    site = ticket.site
    stems = stems_of(str(ticket.number), ticket.summary, ticket.description, ticket.opinion_words,
                     ticket.client.name if ticket.client else "",
                     f"{site.name} {site.address}" if site else "")
    if row is not None and row.stems != stems:
        row.stems = stems
        db.session.flush()


def forget_stems() -> None:
    """Let the index of SQLite drop what it still keeps of stems that were taken out."""
    if db.session.get_bind().dialect.name == "sqlite":
        db.session.execute(text("INSERT INTO ticket_fts(ticket_fts) VALUES ('optimize')"))


def _rows(model: Any, ticket: Ticket) -> list[Any]:
    """The ticket's rows of the table, in the order in which they were written."""
    return list(db.session.scalars(
        select(model).where(model.ticket_id == ticket.id).order_by(model.id)))


def _write(row: Any, values: Mapping[str, Any]) -> None:
    columns = row.__table__.c
    for name, value in values.items():
        if isinstance(value, dict):
            value = {key: each if each is not None else "" for key, each in value.items()}
        elif value is None and not columns[name].nullable:
            value = ""
        if getattr(row, name) != value:
            setattr(row, name, value)
