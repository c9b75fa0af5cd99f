"""Commands of the whole product: ``up``, ``serve``, ``demo``. Areas bring their own."""

from __future__ import annotations

import locale
import os
import shutil
import signal
import time
from pathlib import Path

import click
from flask import Flask

from registry import create_app
from registry.config import LANGUAGES, ROOT, Settings
from registry.core.logs import start_logs
from registry.core.times import utc_now
from registry.running import a_worker, first_administrator, prepare, serve
from registry.worker import Worker, worker_name


@click.command("serve")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def serve_command(workers: int) -> None:
    """Serve the pages (the web half; see also worker)."""
    start_logs()
    app = create_app()
    prepare(app)
    _welcome(app)
    serve(app, workers=workers)


@click.command("up")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def up_command(workers: int) -> None:
    """Start the product on this machine: web and worker."""
    start_logs()
    app = create_app()
    prepare(app)
    _run(app, workers)


@click.command("demo")
@click.option("--language", type=click.Choice(LANGUAGES), default=None,
              help="Words and names; by default the machine's locale.")
@click.option("--fresh", is_flag=True, help="Make the demo company anew.")
@click.option("--seed", default=1, show_default=True, help="Another number, another company.")
@click.option("--make-only", is_flag=True, help="Make the company, start nothing.")
def demo_command(language: str | None, fresh: bool, seed: int, make_only: bool) -> None:
    """Show the product with a demo company in full life."""
    from registry.demo import make_company
    from registry.demo.welcome import accounts

    start_logs()
    app = _demo_app(language or machine_language(), fresh)
    settings: Settings = app.config["SETTINGS"]
    made = settings.data_dir / "made"
    prepare(app)
    if not made.exists():
        started = time.monotonic()
        with app.app_context():
            make_company(language=settings.language, seed=seed)
        made.touch()
        click.echo(f"Made in {time.monotonic() - started:.0f} s.")
    with app.app_context():
        for line in accounts():
            click.echo(line)
    if not make_only:
        _run(app, 2)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
def worker_command(once: bool) -> None:
    """Do jobs, make reports, send mail (the other half; any number may run)."""
    app = create_app()
    start_logs()
    worker = Worker(worker_name())
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, worker.stop)
    if once:
        with app.app_context():
            worker.run_due(utc_now())
    else:
        worker.run_for_ever(app)


def _demo_app(language: str, fresh: bool) -> Flask:
    """The application over the demo's own folder; an unfinished one is made anew."""
    root = Path(os.environ.get("COUNTERSIGN_DATA_DIR") or ROOT / "var") / f"demo-{language}"
    if root.exists() and (fresh or not (root / "made").exists()):
        shutil.rmtree(root)
    os.environ |= {"COUNTERSIGN_DATA_DIR": str(root), "COUNTERSIGN_DEMO": "1",
                   "COUNTERSIGN_LANGUAGE": language}
    os.environ.pop("COUNTERSIGN_DATABASE_URL", None)
    return create_app()


def machine_language() -> str:
    """Russian where the machine's locale is Russian, else English."""
    told = (os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
            or locale.getlocale()[0] or "")
    return "ru" if told.lower().startswith("ru") else "en"


def _run(app: Flask, workers: int) -> None:
    _welcome(app)
    with a_worker():
        serve(app, workers=workers)


def _welcome(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    first = first_administrator(app)
    click.echo(f"Countersign: {settings.base_url}  (stop with Ctrl+C)")
    if first is not None:
        click.echo(f"First administrator: {first[0]}   one-time password: {first[1]}")


COMMANDS = [serve_command, up_command, demo_command, worker_command]
