"""Documents that were made: which bytes, about what, by whom and when. Not the bytes themselves.

The same content gives the same bytes, so a document can be made again; what the registry keeps is
its hash. Each has a chain of its own with one entry. Were the entry in the ticket's chain, taking a
paper of a ticket would unsettle whoever signs it at that moment (docs/decisions/0130).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.core.model import Base, BigId, enum_column
from registry.ledger.models import Chained
from registry.people.models import Person


class Kind(StrEnum):
    """What a document is."""

    EXTRACT = "extract"
    SHEET = "sheet"
    WEEK = "week"
    QUESTIONNAIRE = "questionnaire"


class Document(Chained, Base):
    """One document as it was first made. ``digest`` is the SHA-256 of the file, ``mark`` that of
    what it says: a file cannot name its own digest, so the mark is what stands on the paper.

    ``about`` is ``ticket:1042``, ``sheet:12``, ``week:2026-11-23`` or ``visit_of:1042``, the visit
    at which that ticket was logged first of all; ``upto`` is the last entry that an extract tells,
    0 for the others. ``made_by`` is None for the command line.
    """

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    mark: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    about: Mapped[str] = mapped_column(String(80), index=True)
    upto: Mapped[int] = mapped_column(BigId, default=0)
    language: Mapped[str] = mapped_column(String(2))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]

    made_by: Mapped[Person | None] = relationship()

    @property
    def chain(self) -> str:
        return f"document:{self.id}"
