"""Clients, their contacts and sites, the persons who know them, and the criteria of service.

``name_key`` and ``search_key`` are kept by the rows themselves whenever a name changes: the
databases fold Cyrillic differently, our own folding is the same on both (names.py).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from registry.clients.names import folded, searchable
from registry.core.model import Base, BigId, enum_column
from registry.people.models import Person


class Tier(StrEnum):
    """How often a client is owed a visit: key monthly, significant quarterly, ordinary yearly."""

    KEY = "key"
    SIGNIFICANT = "significant"
    ORDINARY = "ordinary"


class ClientPerson(Base):
    """Somebody of ours who knows the client; at least two should (the domain, 1.10)."""

    __tablename__ = "client_person"

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class Client(Base):
    """A company we serve."""

    __tablename__ = "client"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    tier: Mapped[Tier] = mapped_column(enum_column(Tier), default=Tier.ORDINARY)
    note: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    persons: Mapped[list[Person]] = relationship(secondary="client_person", order_by=Person.name)
    contacts: Mapped[list[Contact]] = relationship(back_populates="client",
                                                   order_by="Contact.name")
    sites: Mapped[list[Site]] = relationship(back_populates="client", order_by="Site.name")

    @validates("name")
    def _keep_key(self, _field: str, name: str) -> str:
        self.name_key = folded(name)
        return name


class Contact(Base):
    """A person at the client's; one of them is the key person. Who has left there is retired."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    name: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    is_key: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    search_key: Mapped[str]

    client: Mapped[Client] = relationship(back_populates="contacts")

    @validates("name", "phone", "email")
    def _keep_key(self, field: str, value: str) -> str:
        words = {"name": self.name, "phone": self.phone, "email": self.email, field: value}
        self.search_key = searchable(*words.values())
        return value


class Site(Base):
    """A place where the service arrives, and what it is fed by. A site without a client is a
    building or node of our own network that feeds others."""

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("fed_by_id <> id", name="not_fed_by_itself"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"), index=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    fed_by_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    search_key: Mapped[str]

    client: Mapped[Client | None] = relationship(back_populates="sites")
    fed_by: Mapped[Site | None] = relationship(remote_side="Site.id")

    @validates("name", "address")
    def _keep_key(self, field: str, value: str) -> str:
        words = {"name": self.name, "address": self.address, field: value}
        self.search_key = searchable(*words.values())
        return value


class Sense(StrEnum):
    """Whether the norm is the least or the most that is good enough."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Criterion(Base):
    """An objective norm of the service (the domain, 1.2): «from our server, at least 30 KB/s»."""

    __tablename__ = "criterion"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name_en: Mapped[str]
    name_ru: Mapped[str]
    unit_en: Mapped[str] = mapped_column(default="")
    unit_ru: Mapped[str] = mapped_column(default="")
    sense: Mapped[Sense] = mapped_column(enum_column(Sense), default=Sense.AT_LEAST)
    norm: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    is_active: Mapped[bool] = mapped_column(default=True)

    def name_in(self, language: str) -> str:
        """The criterion's name in ``ru`` or ``en``."""
        return self.name_ru if language == "ru" else self.name_en

    def unit_in(self, language: str) -> str:
        """The unit of its norm in ``ru`` or ``en``."""
        return self.unit_ru if language == "ru" else self.unit_en

    def is_met_by(self, value: Decimal) -> bool:
        """Whether the measured value is good enough; a criterion without a norm is never met by
        a number and is judged by the visitor."""
        if self.norm is None:
            return False
        return value >= self.norm if self.sense is Sense.AT_LEAST else value <= self.norm
