"""``countersign key``: the key that signs the checkpoints, shown and replaced (docs/keys.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from registry.config import Settings
from registry.core.calendar import company_calendar
from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.languages import say
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.core.words import N_
from registry.ledger.keyring import Tenure, keyring
from registry.ledger.keys import signer_of
from registry.ledger.note import NoteError, Verifier
from registry.ledger.rotation import (
    Replaced,
    replace_lost_key,
    replace_stolen_key,
    rotate_key,
    settle,
)

MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d")
OLD_HELP = "The public key that signed last, where it does not lie in the data folder."


@click.group("key")
def key_group() -> None:
    """The key by which this registry signs its checkpoints."""


@key_group.command("show")
@with_appcontext
def show_command() -> None:
    """Show the public keys, present and former, and which trees each has signed."""
    keys = keyring(signer_of(current_settings()).verifier)
    assert keys is not None
    for tenure in keys.tenures:
        click.echo(_told(tenure))
        click.echo(f"  {tenure.verifier}")


def _told(tenure: Tenure) -> str:
    first = {"first": tenure.after + 1}
    if tenure.until is None:
        return say(N_("Signs now, from entry %(first)s on:"), first)
    return say(N_("Signed entries %(first)s to %(last)s:"), {**first, "last": tenure.until})


@key_group.command("rotate")
@with_appcontext
def rotate_command() -> None:
    """Let a new key sign from now on; the old one signs for it."""
    _replace(lambda settings, now: rotate_key(settings, now=now))


@key_group.command("lost")
@click.option("--old", default="", help=OLD_HELP)
@with_appcontext
def lost_command(old: str) -> None:
    """Go on with a new key where the old one is lost."""
    _judge(old)
    _replace(lambda settings, now: replace_lost_key(settings, now=now, old=old))


@key_group.command("stolen")
@click.option("--since", required=True, type=click.DateTime(MOMENTS),
              help="From when on the old key is not to be believed, in the company's time.")
@click.option("--mail", "mails", type=click.File("rb"), multiple=True,
              help="A later morning mail out of a director's mailbox. May be given more than once.")
@click.option("--old", default="", help=OLD_HELP)
@with_appcontext
def stolen_command(since: datetime, mails: tuple[BinaryIO, ...], old: str) -> None:
    """Go on with a new key where somebody else may have the old one."""
    _judge(old)
    kept = [mail.read() for mail in mails]

    def stolen(settings: Settings, now: datetime) -> Replaced:
        moment = company_calendar().at(since.date(), since.hour * 60 + since.minute)
        return replace_stolen_key(settings, now=now, since=moment, mails=kept, old=old)

    _replace(stolen)


def _judge(old: str) -> None:
    try:
        if old:
            Verifier.parse(old)
    except NoteError as error:
        raise Refused(Reason("bad_key", N_(
            "This is not a public key as 'checkpoint --show' prints it: name+id+base64."))
        ) from error


def _replace(verb: Callable[[Settings, datetime], Replaced]) -> None:
    """End what was broken off; else let the verb write, then take the new key into use."""
    settings = current_settings()
    with atomic():
        ended = settle(settings)
    if ended is not None:
        click.echo(say(N_("The key had been replaced already and is now in use: %(key)s"),
                       {"key": str(ended)}))
        return
    with atomic():
        done = verb(settings, utc_now())
    with atomic():
        settle(settings)
    click.echo(say(N_("The old key signed the first %(size)s entries: %(key)s"),
                   {"size": done.size, "key": str(done.old)}))
    click.echo(say(N_("The new key signs from now on: %(key)s"), {"key": str(done.new)}))
    click.echo(say(N_("Tell the directors, and let them note the new key.")))
