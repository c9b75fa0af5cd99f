"""Passkeys of persons, and the one-time challenges by which they are enrolled and used.

A passkey's public key stands in an entry of the person's chain too: the row serves, the entry
bears witness (decision 0110).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.core.model import Base, BigId
from registry.people.models import Person


class Passkey(Base):
    """One passkey of one person. Revoked, never deleted: what it signed before stays valid."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    transports: Mapped[str] = mapped_column(default="")
    aaguid: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class PasskeyChallenge(Base):
    """A number that a passkey is to answer once: to be enrolled, to sign in, to confirm an act on
    the account. What is signed needs none: there the challenge is the statement."""

    __tablename__ = "passkey_challenge"

    challenge: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
