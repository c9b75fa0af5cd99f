"""Erasures by law: whose data was erased, when, by whom and why, without the data.

Each owns a chain, so that the history itself says what is gone from it, and ``verify`` can tell
erasing from making away with. What is erased where is decided in admin/erasing.py.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.core.model import Base, BigId, enum_column
from registry.ledger.models import Chained
from registry.people.models import Person


class Subject(StrEnum):
    """Whose data the law may ask to be erased."""

    PERSON = "person"
    CONTACT = "contact"
    CLIENT = "client"


class Erasure(Chained, Base):
    """One erasure. ``by`` is None for the operator at the command line; ``chains`` counts the
    chains in which something was erased."""

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    what: Mapped[Subject] = mapped_column(enum_column(Subject))
    subject_id: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    chains: Mapped[int] = mapped_column(default=0)

    by: Mapped[Person | None] = relationship()

    @property
    def chain(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """How other entries name the erasure."""
        return f"erasure:{self.id}"
