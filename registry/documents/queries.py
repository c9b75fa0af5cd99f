"""Finding documents by what is printed on them, and what a page says about one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, String, cast, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.documents.models import Document, Kind
from registry.ledger.entries import ERASED
from registry.ledger.models import LedgerEntry
from registry.tickets.handoff_models import Handoff
from registry.tickets.models import Ticket
from registry.tickets.visits import visit_of

LEAST_HEX = 8
MOST_FOUND = 20
_HEX = re.compile(rf"[0-9a-f]{{{LEAST_HEX},64}}")


def document_by_digest(digest: str) -> Document | None:
    """The document whose file has this SHA-256."""
    return db.session.scalars(select(Document).where(Document.digest == digest)).first()


def typed_hash(text: str) -> str | None:
    """A hash as somebody typed it, without blanks and in small letters; None where it is none."""
    plain = re.sub(r"[\s\-]+", "", text).lower()
    return plain if _HEX.fullmatch(plain) else None


def documents_by_hash(begin: str) -> Sequence[Document]:
    """Documents whose mark or digest begins with ``begin``, the newest first."""
    after = begin.ljust(64, "f")
    query = (select(Document).options(joinedload(Document.made_by))
             .where(or_(Document.mark.between(begin, after), Document.digest.between(begin, after)))
             .order_by(Document.id.desc()).limit(MOST_FOUND))
    return db.session.scalars(query).all()


def erased_since(document: Document) -> bool:
    """Whether the law has taken words out of what the document tells, after it was made. Then a
    paper may hold what the registry holds no more."""
    erasing = exists().where(LedgerEntry.kind == ERASED,
                             LedgerEntry.at > document.made_at, _told_by(document))
    return bool(db.session.scalar(select(erasing)))


def _told_by(document: Document) -> ColumnElement[bool]:
    """That the entry stands in a chain that the document tells of."""
    _what, _, name = document.about.partition(":")
    if document.kind is Kind.EXTRACT:
        return LedgerEntry.chain == document.about
    if document.kind is Kind.SHEET:
        return LedgerEntry.chain.in_(
            select("ticket:" + cast(Ticket.number, String)).join(Handoff)
            .where(Handoff.sheet_id == int(name)))
    if document.kind is Kind.QUESTIONNAIRE:
        ticket = db.session.scalars(select(Ticket).where(Ticket.number == int(name))).one()
        return LedgerEntry.chain.in_(
            select("ticket:" + cast(Ticket.number, String))
            .where(*visit_of(ticket).conditions()))
    begins, ends = week_bounds(date.fromisoformat(name))
    other = aliased(LedgerEntry)
    return exists().where(other.chain == LedgerEntry.chain, other.chain.startswith("ticket:"),
                          other.at >= begins, other.at < ends)


def week_bounds(monday: date) -> tuple[datetime, datetime]:
    """When the week begins and ends on the company's clock."""
    zone = company_calendar().zone
    begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC)
                    for day in (monday, monday + timedelta(weeks=1)))
    return begins, ends
