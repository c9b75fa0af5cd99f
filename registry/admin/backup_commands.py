"""``countersign backup`` and ``countersign restore``."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from registry.admin.backups import make_backup
from registry.admin.restoring import Restored, restore
from registry.config import Settings
from registry.core.db import db, only_reading
from registry.core.errors import Reason, Refused
from registry.core.languages import say
from registry.core.models import WorkerBeat
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.core.words import N_
from registry.ledger.keys import FILE_NAME, PUBLIC_NAME
from registry.ledger.spoken import printable, spoken_finding, spoken_verdict

SEEN = 60  # seconds in which a worker that runs is seen


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-keys", is_flag=True,
              help="Put ledger.key and secret.key in too. Then keep the file like a key.")
@with_appcontext
def backup_command(file: Path, with_keys: bool) -> None:
    """Write database and attachments to FILE while people work."""
    made = make_backup(file.absolute(), current_settings(), now=utc_now(), with_keys=with_keys)
    click.echo(say(N_("%(path)s: %(entries)s entries, %(count)s attachments, %(bytes)s bytes."), {
        "path": str(file), "entries": made.entries, "count": made.attachments.count,
        "bytes": made.bytes}))
    if with_keys:
        click.echo(say(N_("The keys are in it: whoever has this file can write a false history "
                          "that verifies. Keep it apart from the other backups.")), err=True)
    else:
        click.echo(say(N_("ledger.key and secret.key are not in it: keep a copy of them apart.")))
    lacking = made.attachments.missing + made.attachments.altered
    if lacking:
        click.echo(say(N_("%(count)s attachments are missing or altered on the disk and could not "
                          "be taken; the first: %(name)s. All else is in the backup."),
                       {"count": len(lacking), "name": lacking[0]}), err=True)
        raise SystemExit(1)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--over", is_flag=True, help="Lose the registry that is here.")
@click.option("--yes", is_flag=True, help="With --over: do not ask for its name.")
@click.option("--send", is_flag=True, help="Let mails and jobs that waited go on by themselves.")
@click.option("--unsound", is_flag=True, help="Restore also a ledger that does not verify.")
@with_appcontext
def restore_command(file: Path, over: bool, yes: bool, send: bool, unsound: bool) -> None:
    """Put a backup in place, verify it, and say how it was found."""
    settings = current_settings()
    _nobody_at_work()
    if over and not yes:
        _confirm(settings)
    db.session.remove()
    db.engine.dispose()
    done = restore(file, settings, current_app.extensions["make_app"], now=utc_now(),
                   over=over, send=send, unsound=unsound)
    _tell(done, send)
    if not done.is_kept:
        raise SystemExit(1)


def _nobody_at_work() -> None:
    """A worker that runs would act on what is about to be replaced."""
    try:
        with only_reading():
            seen = db.session.scalar(select(func.max(WorkerBeat.seen_at)))
    except SQLAlchemyError:
        return  # an installation that is empty, or cannot be read, has no worker
    if seen is not None and (utc_now() - seen).total_seconds() < SEEN:
        raise Refused(Reason("worker_runs", N_(
            "A worker was seen less than a minute ago. Stop pages and workers, wait a minute, "
            "then restore.")))


def _confirm(settings: Settings) -> None:
    """Let the operator type what will be lost."""
    name = database_name(settings.database_url)
    typed = click.prompt(say(N_("Everything in the registry %(name)s will be lost. Type its name"),
                             {"name": name}), default="", show_default=False)
    if typed.strip() != name:
        raise Refused(Reason("other_name", N_("That is not its name. Nothing was changed.")))


def database_name(url: str) -> str:
    """How an operator knows the database: the file's name, or name and host."""
    asked = make_url(url)
    if asked.drivername.startswith("sqlite"):
        return Path(asked.database or "").name
    return f"{asked.database}@{asked.host}" if asked.host else str(asked.database)


def _tell(done: Restored, send: bool) -> None:
    for finding in done.verdict.findings:
        click.echo(printable(spoken_finding(finding)))
    click.echo(spoken_verdict(done.verdict))
    if not done.is_kept:
        click.echo(say(N_("Nothing was restored: the installation is as it was. To restore it all "
                          "the same, as evidence, give --unsound.")), err=True)
        return
    click.echo(say(N_("Restored as of %(at)s. What was done after that is not in it: compare with "
                      "the newest morning mail (verify --against)."), {"at": done.manifest["at"]}))
    if not send:
        click.echo(say(N_("Held, to be looked at under Settings: mails %(mails)s, "
                          "webhooks %(webhooks)s, jobs %(jobs)s. "
                          "Reports no longer owed: %(reports)s."), vars(done.held)))
    click.echo(say(N_("Everybody signs in anew. Take back again what was taken back since: "
                      "passwords, tokens, and what was erased by law.")))
    folder = current_settings().data_dir
    if (folder / PUBLIC_NAME).exists() and not (folder / FILE_NAME).exists():
        click.echo(say(N_("ledger.key is not here. No checkpoint is signed until you put it back "
                          "from where you keep it.")), err=True)


COMMANDS = (backup_command, restore_command)
