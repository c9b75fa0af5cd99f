"""The rules of signatures that an administrator sets: one row, with a chain of its own that says
who changed what when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from registry.core.db import db
from registry.core.model import Base, BigId
from registry.ledger.models import Chained

THE_ONE = 1
MINUTES = 10
KEPT = "signature rules in force"


class SignatureRules(Chained, Base):
    """``unbroken_minutes``: for how long after signing in or signing the password alone is asked;
    ``passkeys_for``: for what it is not enough (``move:NAME``, ``role:NAME``, ``tier:NAME``)."""

    __tablename__ = "signature_rules"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    unbroken_minutes: Mapped[int] = mapped_column(default=MINUTES)
    passkeys_for: Mapped[list[str]] = mapped_column(JSON, default=list)

    @property
    def chain(self) -> str:
        return f"signature_rules:{self.id}"


@dataclass(frozen=True)
class InForce:
    """The rules as they stand: for how long a session is unbroken, what passkeys are asked for."""

    unbroken: timedelta
    passkeys_for: frozenset[str]


def signature_rules() -> SignatureRules:
    """The rules in force; those of a new registry where nobody has changed any yet."""
    return db.session.get(SignatureRules, THE_ONE) or SignatureRules(
        id=THE_ONE, unbroken_minutes=MINUTES, passkeys_for=[], head_seq=0, head_hash="0" * 64)


def rules_in_force() -> InForce:
    """The same to look at, read once for the session of a request: a sheet has a hundred signatures
    under the same rules."""
    kept: InForce | None = db.session.info.get(KEPT)
    if kept is None:
        rules = signature_rules()
        kept = db.session.info[KEPT] = InForce(timedelta(minutes=rules.unbroken_minutes),
                                               frozenset(rules.passkeys_for))
    return kept


def forget_rules() -> None:
    """Let the rules be read anew, for they have changed."""
    db.session.info.pop(KEPT, None)
