"""The verbs of an import: begin a run or go on with it, take in a batch, end it.

Every batch is one transaction together with the run's position: whoever kills the import loses at
most the batch at hand, and the next run goes on behind the last. Nothing here is signed, and the
entries say so (the design, 1: no act without a signature where the lifecycle asks for one).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select

from registry.core.db import db
from registry.core.errors import Conflict, Reason, Refused
from registry.core.words import N_
from registry.imports.cases import Case, Step, steps_of
from registry.imports.events import Fault
from registry.imports.first_sight import Sights
from registry.imports.mapping import Mapping
from registry.imports.models import ImportFault, ImportRun
from registry.imports.reading import Reading
from registry.imports.writer import Writer, source_key
from registry.ledger.entries import record, seal
from registry.tickets.lifecycles import current_lifecycle, engine_of, published
from registry.tickets.models import Ticket
from registry.tickets.service import next_numbers
from workflows import Workflow

CASES_AT_ONCE = 200
STEPS_AT_ONCE = 4000

Batch = Sequence[tuple[Case, Sequence[Step]]]


def standing_run(file_digest: str, mapping: Mapping) -> ImportRun | None:
    """The run that read the same file by the same mapping, finished or not."""
    return db.session.scalar(select(ImportRun).where(
        ImportRun.file_digest == file_digest, ImportRun.mapping_digest == mapping.digest))


def begin_run(reading: Reading, file_name: str, *, now: datetime) -> ImportRun:
    """The run for a log that was read to its end: the one that was broken off, or a new one."""
    standing = standing_run(reading.digest, reading.mapping)
    if standing is not None:
        return standing
    mapping = reading.mapping
    run = ImportRun(source=mapping.source, file_name=file_name, file_digest=reading.digest,
                    mapping_digest=mapping.digest, mapping=mapping.text, cases=reading.cases,
                    bad_rows=reading.faults.count, begun_at=now, head_seq=0, head_hash="0" * 64)
    db.session.add(run)
    db.session.flush()
    record(run, "import_begun", by="system", at=now, content={
        "source": mapping.source, "file": reading.digest, "name": seal(file_name),
        "mapping": mapping.digest, "cases": reading.cases, "bad_rows": reading.faults.count})
    db.session.add_all(_fault_row(run, fault) for fault in reading.faults.kept)
    db.session.flush()
    return run


def workflow_of(mapping: Mapping) -> Workflow:
    """The lifecycle that imported tickets get. Raises Refused where none of that name is
    published."""
    if mapping.lifecycle not in {each.name for each in published()}:
        raise Refused(Reason("lifecycle_missing", N_("No lifecycle “%(name)s” is published here."),
                             {"name": mapping.lifecycle}, "mapping"))
    return engine_of(current_lifecycle(mapping.lifecycle).digest).workflow


def batches(reading: Reading, after: int = 0) -> Iterator[Batch]:
    """The cases with their steps in batches of bounded size, without the first ``after``."""
    batch: list[tuple[Case, Sequence[Step]]] = []
    size = 0
    for case in reading.taken(after):
        steps = tuple(steps_of(case, reading.course))
        batch.append((case, steps))
        size += len(steps)
        if len(batch) == CASES_AT_ONCE or size >= STEPS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def take_batch(run_id: int, position: int, batch: Batch, mapping: Mapping, *,
               now: datetime) -> int:
    """Enter the cases of a batch that the registry does not know yet; the run's new position.

    ``position`` is where the caller believes the run to stand. Raises Conflict where another
    import of the same file is at work.
    """
    run = db.session.get_one(ImportRun, run_id, with_for_update=True, populate_existing=True)
    if run.position != position or run.finished_at is not None:
        raise Conflict(N_("Another import of this file is at work. Let it finish."))
    known = known_cases([case for case, _ in batch], mapping)
    fresh = [(case, steps) for case, steps in batch if case.key not in known]
    if fresh:
        sights = Sights(fresh, run, now=now)
        writer = Writer(run, mapping, current_lifecycle(mapping.lifecycle).digest, sights)
        for number, (case, steps) in zip(next_numbers(len(fresh)), fresh, strict=True):
            writer.take(number, case, steps)
        writer.write()
        run.handoffs += writer.handoffs
        run.entries += writer.entries
    run.position += len(batch)
    run.known += len(known)
    run.tickets += len(fresh)
    run.shifted += sum(case.is_shifted for case, _ in fresh)
    db.session.flush()
    return run.position


def finish_run(run_id: int, *, now: datetime) -> ImportRun:
    """Every case is dealt with: say so in the run's chain."""
    run = db.session.get_one(ImportRun, run_id, with_for_update=True, populate_existing=True)
    run.finished_at = now
    record(run, "import_finished", by="system", at=now, content={
        "tickets": run.tickets, "known": run.known, "handoffs": run.handoffs,
        "entries": run.entries})
    db.session.flush()
    return run


def known_cases(cases: Sequence[Case], mapping: Mapping) -> set[str]:
    """The keys of those cases that are tickets already."""
    keys = {source_key(mapping.source, case.key): case.key for case in cases}
    query = select(Ticket.source_key).where(Ticket.source_key.in_(keys))
    return {keys[key] for key in db.session.scalars(query) if key is not None}


def _fault_row(run: ImportRun, fault: Fault) -> ImportFault:
    return ImportFault(run_id=run.id, line=fault.line, reasons=[
        {"code": reason.code, "text": reason.text, "params": dict(reason.params)}
        for reason in fault.reasons])
