"""``countersign bench`` and ``countersign bench-seed``."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from registry.bench.benchmark import benchmark
from registry.bench.seeder import seed
from registry.bench.subjects import SUBJECTS
from registry.bench.table import lines_of
from registry.config import Settings
from registry.core.db import db
from registry.core.times import utc_now
from registry.people.models import Person
from registry.servers.processes import NotUp

KINDS = ("sqlite", "postgresql")
TINY = 500


@click.command("bench")
@click.option("--sizes", default="20000,1000000", show_default=True,
              help="How many tickets; the growth from the first to the last is shown.")
@click.option("--database", type=click.Choice((*KINDS, "both")), default="both",
              show_default=True)
@click.option("--quick", is_flag=True, help="A tiny registry and few runs: does it work at all?")
@click.option("--skip", multiple=True, type=click.Choice([each.name for each in SUBJECTS]),
              help="Leave one out (verify takes long at a million); may be given again.")
@click.option("--folder", type=click.Path(path_type=Path),
              help="Where the registries are kept for the next time [default: in the data folder].")
@click.option("--json", "kept", type=click.Path(path_type=Path), help="Keep the figures here too.")
def bench_command(sizes: str, database: str, quick: bool, skip: tuple[str, ...],
                  folder: Path | None, kept: Path | None) -> None:
    """Measure the product on made-up registries of its own."""
    try:
        wanted = [TINY] if quick else sorted(int(size) for size in sizes.split(","))
    except ValueError:
        raise click.BadParameter("write numbers such as 20000,1000000") from None
    kinds = KINDS if database == "both" else (database,)
    folder = (folder or Settings.from_environment().data_dir / "bench").absolute()
    try:
        found = benchmark(wanted, kinds, folder, skipped=skip, quick=quick)
    except NotUp as error:
        raise click.ClickException(str(error)) from None
    for line in lines_of(found):
        click.echo(line)
    if kept is not None:
        kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


@click.command("bench-seed")
@click.argument("tickets", type=click.IntRange(100, 10_000_000))
@click.option("--seed", "number", default=1, show_default=True,
              help="Another number, another registry.")
@with_appcontext
def bench_seed_command(tickets: int, number: int) -> None:
    """Fill an EMPTY registry with TICKETS made-up tickets."""
    if db.session.scalar(select(Person.id).limit(1)) is not None:
        raise click.ClickException("There are people in this registry: seed an empty one.")
    db.session.rollback()
    started = time.monotonic()
    with click.progressbar(length=tickets, label="Tickets") as bar:
        seed(tickets, now=utc_now(), seed=number, progress=bar.update)
    click.echo(f"Seeded in {time.monotonic() - started:.0f} s.")


COMMANDS = [bench_command, bench_seed_command]
