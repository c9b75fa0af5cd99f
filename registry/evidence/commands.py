"""``countersign evidence``: the evidence file of a ticket, written to a file."""

from __future__ import annotations

import os
from pathlib import Path

import click
from flask.cli import with_appcontext

from registry.core.errors import Reason, Refused
from registry.core.languages import say
from registry.core.times import utc_now
from registry.core.words import N_
from registry.evidence.edge import evidence_at_edge


@click.command("evidence")
@click.argument("number", type=int)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--attachments", is_flag=True, help="Put the ticket's own files in too.")
@with_appcontext
def evidence_command(number: int, out: Path, attachments: bool) -> None:
    """Write a ticket's history with all that proves it into a file, for verify.py."""
    if out.exists():
        raise Refused(Reason("file_there", N_(
            "%(path)s is there already; nothing is overwritten. Choose another name."),
            {"path": str(out)}))
    taken = evidence_at_edge(number, by=None, now=utc_now(), attachments=attachments)
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(taken.file)
    except OSError as error:
        raise Refused(Reason("file_unwritable", N_(
            "%(path)s could not be written: %(answer)s."),
            {"path": str(out), "answer": error.strerror or str(error)})) from error
    click.echo(say(N_("Written: %(path)s. SHA-256 %(digest)s"),
                   {"path": str(out), "digest": taken.digest}))
    click.echo(say(N_("It holds names and words of people: hand it to nobody who need not read "
                      "them.")))


COMMANDS = [evidence_command]
