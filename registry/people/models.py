"""Departments, persons, their roles, absences, sessions, attempts to sign in, signatures."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.core.model import Base, BigId, enum_column
from registry.ledger.models import Chained


class Role(StrEnum):
    """Roles of the domain, 3. A person may have several."""

    VISITOR = "visitor"
    ENGINEER = "engineer"
    REGISTRAR = "registrar"
    DEPUTY = "deputy"
    LEAD = "lead"
    HEAD_OF_SALES = "head_of_sales"
    COMMERCIAL_DIRECTOR = "commercial_director"
    ADMINISTRATOR = "administrator"


class Department(Base):
    """A department, for example the technical one; a handoff may cross from one to another."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class PersonRole(Base):
    """One role of one person."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(enum_column(Role), primary_key=True)


class Person(Chained, Base):
    """Somebody who works here. Leaves by being made inactive, never by deletion."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    password_hash: Mapped[str] = mapped_column(default="")
    must_change_password: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_imported: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    declared_version: Mapped[int] = mapped_column(default=0, server_default="0")
    declared_at: Mapped[datetime | None]

    department: Mapped[Department | None] = relationship(lazy="joined")
    role_rows: Mapped[list[PersonRole]] = relationship(lazy="selectin",
                                                       cascade="all, delete-orphan")

    @property
    def chain(self) -> str:
        return f"person:{self.id}"

    @property
    def ref(self) -> str:
        """How the ledger names the person."""
        return f"person:{self.id}"

    @property
    def is_authenticated(self) -> bool:
        """A person at the screen is always somebody known (asked for by Flask-Login)."""
        return True

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(row.role for row in self.role_rows)

    @property
    def initials(self) -> str:
        """Two letters for the hand mark."""
        return initials(self.name)


def initials(name: str) -> str:
    """The first letters of the first two words: «Павел Орлов» → «ПО»."""
    return "".join(word[0] for word in name.split()[:2]).upper()


class Absence(Base):
    """From when until when a person is away, and who signs for them in the own name."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_later"),
        CheckConstraint("deputy_id <> person_id", name="another_person"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    deputy: Mapped[Person] = relationship(foreign_keys=deputy_id)


class SignInSession(Base):
    """One device on which a person is signed in; ended by the person or an administrator.

    ``proved_at`` is when they last proved there who they are, since signing in (None: not yet)."""

    __tablename__ = "sign_in_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(default="")
    device: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = relationship()


class SignInAttempt(Base):
    """One attempt to prove who one is (signing in or signing); failures throttle the next."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_login_at", "login", "at"),
        Index("ix_sign_in_attempt_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    login: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(20))
    succeeded: Mapped[bool]


class Signature(Base):
    """One signature under one statement (see people/signing.py). Never updated or deleted; known
    by the hash of its statement, so that no column is without a witness in the ledger."""

    __tablename__ = "signature"

    chain: Mapped[str] = mapped_column(String(80), index=True)
    act: Mapped[str] = mapped_column(String(60))
    meaning: Mapped[str] = mapped_column(String(60))
    signer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(60))
    method: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    statement_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    proof: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    signer: Mapped[Person] = relationship(foreign_keys=signer_id)
    on_behalf_of: Mapped[Person | None] = relationship(foreign_keys=for_id)
