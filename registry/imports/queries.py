"""Reads for the page of imports: the runs, and the rows of the log that each left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from registry.core.db import db
from registry.core.errors import Reason
from registry.imports.models import ImportFault, ImportRun

PAGE = 40


@dataclass(frozen=True)
class RunRow:
    """One import; ``position`` of its ``cases`` are dealt with."""

    id: int
    source: str
    file_name: str
    begun_at: datetime
    finished_at: datetime | None
    cases: int
    position: int
    tickets: int
    known: int
    bad_rows: int

    @property
    def is_broken_off(self) -> bool:
        """Whether somebody has to call it again."""
        return self.finished_at is None


@dataclass(frozen=True)
class FaultRow:
    """One row of the log that was left out, and why."""

    id: int
    line: int
    reasons: tuple[Reason, ...]


RUN = (ImportRun.id, ImportRun.source, ImportRun.file_name, ImportRun.begun_at,
       ImportRun.finished_at, ImportRun.cases, ImportRun.position, ImportRun.tickets,
       ImportRun.known, ImportRun.bad_rows)


def runs_page(before: int | None) -> list[RunRow]:
    """The newest imports, or those older than ``before``; one more than a page where there are
    further ones."""
    query = select(*RUN).order_by(ImportRun.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(ImportRun.id < before)
    return [RunRow(**row._mapping) for row in db.session.execute(query)]


def run_row(run_id: int) -> RunRow | None:
    """One import."""
    row = db.session.execute(select(*RUN).where(ImportRun.id == run_id)).one_or_none()
    return RunRow(**row._mapping) if row is not None else None


def faults_page(run_id: int, after: int) -> list[FaultRow]:
    """The rows left out behind the fault ``after``, in the order of the log; one more than a page
    where there are further ones."""
    query = (select(ImportFault.id, ImportFault.line, ImportFault.reasons)
             .where(ImportFault.run_id == run_id, ImportFault.id > after)
             .order_by(ImportFault.id).limit(PAGE + 1))
    return [FaultRow(row.id, row.line, tuple(map(_reason, row.reasons)))
            for row in db.session.execute(query)]


def faults_kept(run_id: int) -> int:
    """How many of the rows left out can be shown."""
    query = select(func.count()).select_from(ImportFault).where(ImportFault.run_id == run_id)
    return db.session.scalar(query) or 0


def _reason(kept: dict[str, Any]) -> Reason:
    return Reason(kept["code"], kept["text"], kept["params"])
