"""The tokens by which programs act for a person, and the answers kept by idempotency key.

A token's secret is shown once and never stored: the row holds its SHA-256, enough for 256 random
bits. A kept answer holds what was answered, never what was asked: no secret can lie in it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.core.model import Base, BigId
from registry.people.models import Person


class ApiToken(Base):
    """One program's right to act for one person, within ``scopes`` (words parted by blanks)."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def scope_names(self) -> tuple[str, ...]:
        """The scopes one by one."""
        return tuple(self.scopes.split())

    def in_force(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and self.expires_at > now


class KeptAnswer(Base):
    """The first answer to a request that named an ``Idempotency-Key``; written in the transaction
    of the act, so that neither can be without the other."""

    __tablename__ = "kept_answer"
    __table_args__ = (Index("ix_kept_answer_at", "at"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str]
    headers: Mapped[str]
    at: Mapped[datetime]
