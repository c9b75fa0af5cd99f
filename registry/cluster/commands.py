"""``countersign cluster-test``: the cluster of deploy/ on this machine, killed part by part."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from registry.cluster.course import Course, Outcome
from registry.cluster.machines import a_cluster
from registry.cluster.mailbox import a_mailbox
from registry.cluster.packages import missing_packages
from registry.cluster.places import Places, Timers, new_folder
from registry.cluster.table import lines_of
from registry.servers.ports import HOST
from registry.servers.processes import NotUp


@click.command("cluster-test")
@click.option("--teams", default=3, show_default=True, help="How many clients act at once.")
@click.option("--ttl", default=Timers.ttl, show_default=True, type=click.IntRange(5, 60),
              help="Seconds after which a primary that is silent has lost its place.")
@click.option("--longest", default=240, show_default=True, type=click.IntRange(60),
              help="Seconds after which everything is ended.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False),
              help="Copy all logs into this folder.")
def cluster_test_command(teams: int, ttl: int, longest: int, keep: Path | None) -> None:
    """Start real servers on loopback, kill them at work, and count what was lost (nothing)."""
    lacking = missing_packages()
    if lacking:
        raise click.ClickException(f"not here: {', '.join(lacking)}; as root: apt-get install "
                                   f"--no-install-recommends {' '.join(lacking)}")
    started = time.monotonic()
    places = Places(new_folder(), Timers(ttl=ttl, retry=(ttl - 1) // 2))
    try:
        with ended_after(longest):
            outcome = _course(places, teams, started + longest)
    except NotUp as error:
        raise click.ClickException(str(error)) from None
    finally:
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            for log in places.folder.glob("*.log"):
                shutil.copy(log, keep)
        shutil.rmtree(places.folder, ignore_errors=True)
    for text in lines_of(outcome, time.monotonic() - started):
        click.echo(text)
    if outcome.breaches:
        raise SystemExit(1)


def _course(places: Places, teams: int, deadline: float) -> Outcome:
    click.echo("starting etcd, PostgreSQL under Patroni, PgBouncer, HAProxy")
    with a_mailbox(HOST, places.port("mail")) as mailbox, a_cluster(places) as cluster:
        return Course(cluster, mailbox, click.echo, teams=teams, deadline=deadline).run()


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """End the block in good order when the time is over, or when we are told to end."""
    def end(number: int, _frame: FrameType | None) -> None:
        # What is being ended is not disturbed by a second signal.
        for each in (signal.SIGTERM, signal.SIGALRM, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        why = "the time is over" if number == signal.SIGALRM else "told to end"
        raise NotUp(f"{why}; everything that was started is ended")

    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("signals come to the main thread only")
    before = {each: signal.signal(each, end)
              for each in (signal.SIGTERM, signal.SIGALRM, signal.SIGINT)}
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for each, handler in before.items():
            signal.signal(each, handler)


COMMANDS = [cluster_test_command]
