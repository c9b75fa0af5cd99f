"""``countersign signature-rules``: the same rules as on the page, for the operator; the way back
where every passkey that could take a requirement away is lost."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.times import utc_now
from registry.people.rule_models import signature_rules
from registry.tickets.requirements import asked_for, floor
from registry.tickets.signature_rules import WantedRules, change_signature_rules


@click.group("signature-rules", cls=AppGroup)
def rules() -> None:
    """For how long the password alone signs, and what needs a passkey."""


@rules.command()
def show() -> None:
    """Print the rules in force."""
    _print()


@rules.command()
@click.option("--minutes", type=int, default=None, help="Of an unbroken session.")
@click.option("--passkey-for", "passkeys_for", multiple=True,
              help="move:NAME, role:NAME or tier:NAME; may be given several times, and none takes "
                   "all away.")
def change(minutes: int | None, passkeys_for: tuple[str, ...]) -> None:
    """Let exactly these rules be in force."""
    with atomic():
        wanted = WantedRules(signature_rules().unbroken_minutes if minutes is None else minutes,
                             frozenset(passkeys_for))
        change_signature_rules(wanted, by=None, proved=None, now=utc_now())
    _print()


def _print() -> None:
    click.echo(_("Minutes of an unbroken session") + f": {signature_rules().unbroken_minutes}")
    for name in sorted(asked_for()):
        click.echo(_("Needs a passkey") + f": {name}"
                   + (" (COUNTERSIGN_PASSKEYS_FOR)" if name in floor() else ""))


COMMANDS = (rules,)
