"""Tickets, their lifecycles, promises and attachments, saved views, search.

The row of ``ticket`` is a projection of the ticket's chain, written by tickets/projection.py
in the transaction that appends the entry.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.clients.models import Client, Contact, Criterion, Site
from registry.core.model import Base, BigId, enum_column
from registry.ledger.models import Chained
from registry.people.models import Department, Person


class Opinion(StrEnum):
    """What the client thinks of the service, beside what was measured (the domain, 1.2)."""

    CONTENT = "content"
    DISCONTENT = "discontent"
    NOT_ASKED = "not_asked"


class CheckResult(StrEnum):
    """What the client found when checking (the domain, 1.8)."""

    GONE = "gone"
    NOT_GONE = "not_gone"


class Lifecycle(Base):
    """A published version of a lifecycle: immutable, known by its digest."""

    __tablename__ = "lifecycle"
    __table_args__ = (UniqueConstraint("name", "version"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime]


class Ticket(Chained, Base):
    """One quality problem at one client, always in exactly one person's hands."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_open_holder_number", "is_open", "holder_id", "number"),
        Index("ix_ticket_open_number", "is_open", "number"),
        Index("ix_ticket_open_since", "is_open", "holder_since", "number"),
        Index("ix_ticket_open_promise", "is_open", "promised_at", "number"),
        # All that the numbers above the registry judge by; no ticket need be read for them.
        Index("ix_ticket_open_judged", "is_open", "mended_at", "promised_at", "state"),
        Index("ix_ticket_since_number", "holder_since", "number"),
        Index("ix_ticket_promised_number", "promised_at", "number"),
        Index("ix_ticket_state_number", "state", "number"),
        *(Index(f"ix_ticket_{name}_number", f"{name}_id", "number") for name in (
            "holder", "originator", "department", "client", "site", "criterion")),
        Index("ix_ticket_lifecycle_number", "lifecycle_digest", "number"),
        # The open ones alone: few, however many tickets an originator or a site ever had.
        *(Index(f"ix_ticket_open_{name}", f"{name}_id", "number",
                postgresql_where=text("is_open"), sqlite_where=text("is_open = 1")) for name in (
            "originator", "department", "client", "site", "criterion")),
        Index("ix_ticket_with_client", "mended_at",
              postgresql_where=text("is_open AND mended_at IS NOT NULL"),
              sqlite_where=text("is_open = 1 AND mended_at IS NOT NULL")),
        Index("ix_ticket_ended_at", "ended_at"),
        Index("ix_ticket_promise", "promised_at",
              postgresql_where=text("is_open AND mended_at IS NULL"),
              sqlite_where=text("is_open = 1 AND mended_at IS NULL")),
        Index("ix_ticket_unpromised", "logged_at",
              postgresql_where=text("is_open AND promised_at IS NULL"),
              sqlite_where=text("is_open = 1 AND promised_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[int] = mapped_column(BigId, unique=True)
    lifecycle_digest: Mapped[str] = mapped_column(ForeignKey("lifecycle.digest"))
    state: Mapped[str] = mapped_column(String(40))
    is_open: Mapped[bool] = mapped_column(default=True)
    is_imported: Mapped[bool] = mapped_column(default=False)
    source_key: Mapped[str | None] = mapped_column(String(160), unique=True)

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    criterion_id: Mapped[int | None] = mapped_column(ForeignKey("criterion.id"))
    summary: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    measured: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    norm: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    opinion: Mapped[Opinion] = mapped_column(enum_column(Opinion), default=Opinion.NOT_ASKED)
    opinion_words: Mapped[str] = mapped_column(default="")

    raised_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    originator_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    last_mender_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_by_authority: Mapped[bool] = mapped_column(default=False)
    holder_since: Mapped[datetime]
    state_since: Mapped[datetime]
    logged_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    mended_at: Mapped[datetime | None]
    next_step: Mapped[str] = mapped_column(default="")
    promised_at: Mapped[datetime | None]
    promised_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    on_hold_until: Mapped[datetime | None]
    what_was_wrong: Mapped[str] = mapped_column(default="")
    what_was_done: Mapped[str] = mapped_column(default="")
    client_check: Mapped[CheckResult | None] = mapped_column(enum_column(CheckResult))
    reopen_count: Mapped[int] = mapped_column(default=0)

    client: Mapped[Client] = relationship()
    site: Mapped[Site | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    criterion: Mapped[Criterion | None] = relationship()
    raised_by: Mapped[Person] = relationship(foreign_keys=raised_by_id)
    originator: Mapped[Person] = relationship(foreign_keys=originator_id)
    holder: Mapped[Person] = relationship(foreign_keys=holder_id)
    last_mender: Mapped[Person | None] = relationship(foreign_keys=last_mender_id)
    promised_by: Mapped[Person | None] = relationship(foreign_keys=promised_by_id)
    department: Mapped[Department | None] = relationship()

    @property
    def chain(self) -> str:
        return f"ticket:{self.number}"


class PromiseChange(Base):
    """One promised date: who promised, when, and why it changed (the literature: promise less)."""

    __tablename__ = "promise_change"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    promised_at: Mapped[datetime]
    was_promised_at: Mapped[datetime | None]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    client_told: Mapped[bool] = mapped_column(default=False)

    by: Mapped[Person] = relationship()


class Attachment(Base):
    """A file of a ticket, kept outside the database under its digest; the type was judged by
    its content, and a download never runs in the page."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigId)
    digest: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship()


class SavedView(Base):
    """A person's own name for a set of filters of the registry."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str]
    created_at: Mapped[datetime]


class TicketSearch(Base):
    """The stemmed words of a ticket. PostgreSQL indexes ``stems`` as tsvector; SQLite keeps an
    FTS5 table beside it (see the migration)."""

    __tablename__ = "ticket_search"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    stems: Mapped[str]

    ticket: Mapped[Ticket] = relationship()
