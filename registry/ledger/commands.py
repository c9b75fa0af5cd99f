"""``countersign verify`` and ``countersign checkpoint``: sentences, and status 1 on any finding."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from registry.core.db import atomic
from registry.core.errors import NotFound, Reason, Refused
from registry.core.languages import say
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.core.words import N_
from registry.ledger.checkpoints import latest_checkpoint, make_checkpoint
from registry.ledger.findings import Verdict
from registry.ledger.key_commands import key_group
from registry.ledger.keys import signer_of, verifier_of
from registry.ledger.note import NoteError, Verifier
from registry.ledger.spoken import printable, spoken_finding, spoken_verdict
from registry.ledger.stored import snapshot
from registry.ledger.verify import verify, verify_chain, work


@click.command("verify")
@click.option("--against", type=click.File("rb"),
              help="A morning mail or a checkpoint from it: is all that it covered still there?")
@click.option("--chain", default="", help="Look at one chain only, for example ticket:1042.")
@click.option("--key", default="", help="The registry's public key as you noted it elsewhere.")
@click.option("--attachments", is_flag=True, help="Read the attachments on the disk too.")
@with_appcontext
def verify_command(against: BinaryIO | None, chain: str, key: str, attachments: bool) -> None:
    """Check that the ledger is as it was written."""
    if against is not None and chain:
        raise Refused(Reason("against_and_chain", N_(
            "A checkpoint covers the whole ledger: give either --against or --chain.")))
    if attachments and chain:
        raise Refused(Reason("attachments_and_chain", N_(
            "Attachments are read for the whole ledger: give either --attachments or --chain.")))
    verifier = _noted(key) if key else verifier_of(current_settings())
    kept = against.read() if against is not None else None
    with snapshot():
        verdict = _one(chain, verifier) if chain else _whole(verifier, kept, attachments)
    _tell(verdict)
    if not verdict.is_sound:
        raise SystemExit(1)


def _noted(key: str) -> Verifier:
    try:
        return Verifier.parse(key)
    except NoteError as error:
        raise Refused(Reason("bad_key", N_(
            "This is not a public key as 'checkpoint --show' prints it: name+id+base64."))
        ) from error


def _one(chain: str, verifier: Verifier | None) -> Verdict:
    verdict = verify_chain(chain, verifier=verifier)
    if not verdict.entries and verdict.is_sound:
        raise NotFound(N_("There is no chain %(chain)s. Write it as ticket:1042."), chain=chain)
    return verdict


def _whole(verifier: Verifier | None, against: bytes | None, files: bool) -> Verdict:
    with click.progressbar(length=work(), file=sys.stderr,
                           hidden=not sys.stderr.isatty()) as bar:
        return verify(verifier=verifier, against=against, progress=bar.update,
                      files=files)


def _tell(verdict: Verdict) -> None:
    for finding in verdict.findings:
        click.echo(printable(spoken_finding(finding)))
    if verdict.omitted:
        click.echo(say(N_("… and %(count)s more."), {"count": verdict.omitted}))
    click.echo(spoken_verdict(verdict))
    broken = any(finding.code.startswith("against") for finding in verdict.findings)
    if verdict.covered is not None and not broken:
        click.echo(say(N_("The registry still holds, unchanged, all that your checkpoint covers: "
                          "the first %(size)s entries."), {"size": verdict.covered}))


@click.command("checkpoint")
@click.option("--show", is_flag=True, help="Make none; show the last one and the public key.")
@with_appcontext
def checkpoint_command(show: bool) -> None:
    """Give waiting entries their place in the tree and sign it."""
    signer = signer_of(current_settings())
    if not show:
        with atomic():
            made = make_checkpoint(now=utc_now(), signer=signer)
            size = made.size if made else None
        if size is None:
            click.echo(say(N_("No entry waited; the last checkpoint stands.")))
        else:
            click.echo(say(N_("Signed: %(size)s entries."), {"size": size}))
        return
    last = latest_checkpoint()
    click.echo(last.note if last else say(N_("There is no checkpoint yet.")))
    click.echo(say(N_("Public key: %(key)s"), {"key": str(signer.verifier)}))


COMMANDS = [verify_command, checkpoint_command, key_group]
