"""The command line: every area's commands under one name, each opening one transaction.

A refusal prints its reasons, one a line, and ends with status 1.
"""

from __future__ import annotations

import importlib
import sys

import click
from flask.cli import FlaskGroup

from registry import create_app
from registry.config import SettingError
from registry.core.errors import Refused
from registry.core.languages import say_reason

AREAS = ("core", "people", "clients", "tickets", "callbacks", "ledger", "reports", "admin")


class Commands(FlaskGroup):
    """A group whose refusals are sentences, not tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Refused as error:
            for reason in error.reasons:
                click.echo(say_reason(reason), err=True)
            raise SystemExit(1) from None


@click.group(cls=Commands, create_app=lambda: create_app(), add_version_option=False)
def cli() -> None:
    """Countersign: the registry of service-quality problems."""


for _area in AREAS:
    try:
        _module = importlib.import_module(f"registry.{_area}.commands")
    except ModuleNotFoundError as _error:
        if _error.name != f"registry.{_area}.commands":
            raise
        continue
    for _command in _module.COMMANDS:
        cli.add_command(_command)


def main() -> None:
    """Run the command line; a bad setting is one sentence."""
    try:
        cli(prog_name="countersign")
    except SettingError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
