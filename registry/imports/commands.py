"""``countersign import events``: reads the whole log, names what is left out, then enters it.

Each batch is a transaction of its own, so the import can be killed at any moment and called again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import click
from flask_babel import gettext as _
from flask_babel import ngettext

from registry.clients.commands import import_group
from registry.core.db import atomic, only_reading
from registry.core.languages import say_reason
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.imports.log_file import digest_of
from registry.imports.mapping import Mapping
from registry.imports.mapping_reading import find_mapping
from registry.imports.models import ImportRun
from registry.imports.reading import Faults, Reading, read_log
from registry.imports.service import (
    batches,
    begin_run,
    finish_run,
    known_cases,
    standing_run,
    take_batch,
    workflow_of,
)


@import_group.command("events")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", "mapping_name", required=True, metavar="MAP.toml",
              help="What the columns mean: a file, or incident_log or xes, which come with it.")
@click.option("--dry-run", is_flag=True, help="Only read, and say what would be entered.")
def events(file: Path, mapping_name: str, dry_run: bool) -> None:
    """Bring in another system's event log from FILE (CSV or XES, also packed with gzip).

    Cases become tickets, a change of resource becomes a handoff marked as imported and not signed.
    Bad rows are named and left out. Broken off, it goes on where it stopped; a second run of the
    same file adds nothing.
    """
    mapping = find_mapping(mapping_name, current_settings().zone)
    with file.open("rb") as stream:
        if not dry_run and _is_done(stream, mapping):
            return
        reading = _read(stream, mapping)
    try:
        _tell_reading(reading)
        if dry_run:
            _tell_plan(reading)
        else:
            _tell_run(_enter(reading, file.name))
    finally:
        reading.close()


def _is_done(stream: BinaryIO, mapping: Mapping) -> bool:
    with only_reading():
        run = standing_run(digest_of(stream), mapping)
        if run is None or run.finished_at is None:
            return False
        click.echo(_("This file was brought in already: %(tickets)d tickets. There is nothing to "
                     "add.", tickets=run.tickets))
    return True


def _read(stream: BinaryIO, mapping: Mapping) -> Reading:
    with only_reading():
        workflow = workflow_of(mapping)
    size = stream.seek(0, 2)
    with click.progressbar(length=size, label=_("Reading"), file=sys.stderr,
                           hidden=not sys.stderr.isatty()) as bar:
        return read_log(stream, mapping, workflow, now=utc_now(), progress=bar.update)


def _enter(reading: Reading, file_name: str) -> ImportRun:
    with atomic():
        run = begin_run(reading, file_name, now=utc_now())
        run_id, position = run.id, run.position
    if position:
        click.echo(_("An earlier import was broken off: going on after case %(position)d.",
                     position=position))
    with click.progressbar(length=reading.cases, label=_("Entering"), file=sys.stderr,
                           hidden=not sys.stderr.isatty()) as bar:
        bar.update(position)
        for batch in batches(reading, after=position):
            with atomic():
                position = take_batch(run_id, position, batch, reading.mapping, now=utc_now())
            bar.update(len(batch))
    with atomic():
        return finish_run(run_id, now=utc_now())


def _tell_reading(reading: Reading) -> None:
    click.echo(ngettext("%(num)d case", "%(num)d cases", reading.cases) + ", "
               + ngettext("%(num)d event", "%(num)d events", reading.events) + ".")
    _tell_faults(reading.faults)


def _tell_faults(faults: Faults) -> None:
    if not faults.count:
        return
    click.echo(ngettext("%(num)d row is left out:", "%(num)d rows are left out:", faults.count),
               err=True)
    for fault in faults.kept:
        click.echo(_("Line %(line)d: %(reasons)s", line=fault.line,
                     reasons="; ".join(map(say_reason, fault.reasons))), err=True)
    if faults.count > len(faults.kept):
        click.echo(_("… and %(count)d more.", count=faults.count - len(faults.kept)), err=True)


def _tell_plan(reading: Reading) -> None:
    fresh = handoffs = 0
    with only_reading():
        for batch in batches(reading):
            known = known_cases([case for case, _steps in batch], reading.mapping)
            for case, steps in batch:
                if case.key not in known:
                    fresh += 1
                    handoffs += sum(bool(step.holder) for step in steps)
    click.echo(_("%(tickets)d tickets with %(handoffs)d handoffs would be entered; %(known)d cases "
                 "are here already.", tickets=fresh, handoffs=handoffs,
                 known=reading.cases - fresh))
    click.echo(_("Nothing was entered: this was a dry run."))


def _tell_run(run: ImportRun) -> None:
    click.echo(_("Entered: %(tickets)d tickets with %(handoffs)d handoffs, %(entries)d entries in "
                 "the ledger.", tickets=run.tickets, handoffs=run.handoffs, entries=run.entries))
    if run.known:
        click.echo(ngettext("%(num)d case was here already and was left as it is.",
                            "%(num)d cases were here already and were left as they are.",
                            run.known))
    if run.shifted:
        click.echo(ngettext(
            "In %(num)d case the times of the log contradict each other; the order of its rows "
            "was kept.",
            "In %(num)d cases the times of the log contradict each other; the order of their rows "
            "was kept.", run.shifted))


# The group that the command joins is brought by the area of clients.
COMMANDS: tuple[click.Command, ...] = ()
