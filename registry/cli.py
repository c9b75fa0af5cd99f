"""The command line: every area's commands under one name, each opening one transaction.

A refusal prints its reasons, one a line, and ends with status 1.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable

import click
from flask.cli import FlaskGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from registry import create_app
from registry.config import SettingError
from registry.core.errors import Refused
from registry.core.languages import say_reason

AREAS = ("core", "people", "clients", "tickets", "callbacks", "notices", "webhooks", "imports",
         "ledger", "reports", "evidence", "admin", "api", "bench", "cluster")


class Commands(FlaskGroup):
    """A group whose refusals are sentences, not tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Refused as error:
            for reason in error.reasons:
                click.echo(say_reason(reason), err=True)
            raise SystemExit(1) from None
        except (OperationalError, ProgrammingError) as error:
            click.echo(f"The database cannot be used: {error.orig}", err=True)
            click.echo("An empty or older one is prepared by: countersign up", err=True)
            raise SystemExit(1) from None


@click.group(cls=Commands, create_app=lambda: create_app(), add_version_option=False)
def cli() -> None:
    """Countersign: the registry of service-quality problems."""


def add_commands(modules: Iterable[str]) -> None:
    """Add the commands of each module that exists."""
    for name in modules:
        if importlib.util.find_spec(name) is not None:
            for command in importlib.import_module(name).COMMANDS:
                cli.add_command(command)


add_commands(["registry.commands", *(f"registry.{area}.commands" for area in AREAS)])


def main() -> None:
    """Run the command line; a bad setting is one sentence."""
    try:
        cli(prog_name="countersign")
    except SettingError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
