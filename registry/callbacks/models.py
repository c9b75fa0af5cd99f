"""The control call after a repair: who called, what was said, what the client found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.core.model import Base, BigId, enum_column
from registry.people.models import Person
from registry.tickets.models import CheckResult, Ticket


class CallBack(Base):
    """One control call: who called, what was said, what the client found."""

    __tablename__ = "call_back"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    contact_name: Mapped[str]
    result: Mapped[CheckResult] = mapped_column(enum_column(CheckResult))
    note: Mapped[str]
    at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship()
    by: Mapped[Person] = relationship()
