"""The tables of the ledger. All but ``ledger_pending`` refuse change by trigger (triggers.py).

A chain is the history of one thing (``ticket:1042``). The owner's row carries the head of its
chain (``head_seq``, ``head_hash``), so an append reads nothing and the second of two people
who act at once collides on the primary key: chains cannot fork and share no lock.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.core.model import Base, BigId

ZERO = "0" * 64


class Chained:
    """Mixin of a row that owns a chain: its head is part of the projection."""

    head_seq: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[str] = mapped_column(String(64), default=ZERO)

    @property
    def chain(self) -> str:
        """The chain's name, for example ``ticket:1042``."""
        raise AttributeError(f"{type(self).__name__} does not name its chain")


class LedgerEntry(Base):
    """One entry. ``body`` is the canonical JSON exactly as hashed; the other columns repeat it
    so that it can be searched, and ``verify`` compares them."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_kind_at", "kind", "at"),)

    chain: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class LedgerPending(Base):
    """An entry that has no place in the tree yet; the next checkpoint takes it away."""

    __tablename__ = "ledger_pending"
    __table_args__ = (
        ForeignKeyConstraint(["chain", "seq"], ["ledger_entry.chain", "ledger_entry.seq"]),
    )

    chain: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class LedgerLeaf(Base):
    """The place of an entry among the leaves of the one Merkle tree (RFC 6962)."""

    __tablename__ = "ledger_leaf"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        ForeignKeyConstraint(["chain", "seq"], ["ledger_entry.chain", "ledger_entry.seq"]),
    )

    index: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    chain: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int]


class LedgerCheckpoint(Base):
    """A signed note over the tree's first ``size`` leaves."""

    __tablename__ = "ledger_checkpoint"

    size: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(String(64))
    frontier: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class SealedText(Base):
    """Words and other personal data that stay outside the ledger: the entry carries ``seal``,
    the hash of salt and words, so erasing both by law breaks nothing."""

    __tablename__ = "sealed_text"

    seal: Mapped[str] = mapped_column(String(80), primary_key=True)
    salt: Mapped[str | None] = mapped_column(String(32))
    words: Mapped[str | None]
    erased_at: Mapped[datetime | None]
