"""Runs of an import: which file was read by which mapping, how far, and what was left out.

A run owns a chain, so that the ledger says from which file an imported ticket came.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.core.model import Base, BigId
from registry.ledger.models import Chained


class ImportRun(Chained, Base):
    """One file by one mapping, in however many sittings. ``position`` counts the cases of the log
    that are dealt with, ``known`` those of them that were in the registry before."""

    __tablename__ = "import_run"
    __table_args__ = (UniqueConstraint("file_digest", "mapping_digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str]
    file_digest: Mapped[str] = mapped_column(String(64))
    mapping_digest: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[str]
    cases: Mapped[int]
    bad_rows: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    tickets: Mapped[int] = mapped_column(default=0)
    handoffs: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(default=0)
    shifted: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    @property
    def chain(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """How the ledger names the run."""
        return f"import:{self.id}"


class ImportFault(Base):
    """A row of the log that was left out, and why; the first thousand of a run are kept."""

    __tablename__ = "import_fault"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), index=True)
    line: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
