"""Lifecycles on the command line: prove a definition, draw it, publish it, carry tickets over."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext

from registry.core.db import atomic
from registry.core.errors import NotFound
from registry.core.languages import say, say_reason
from registry.core.times import utc_now
from registry.core.words import N_
from registry.tickets.carrying import carry_all
from registry.tickets.lifecycles import (
    CATALOGUE,
    OF_ANYBODY,
    current_lifecycle,
    publish_lifecycle,
)
from workflows import BadDefinition, Catalogue, Finding, Workflow, check, load, mermaid, svg

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("workflow")
def workflow_group() -> None:
    """Lifecycles of tickets: prove, draw, publish, carry over."""


@workflow_group.command("check")
@click.argument("file", type=FILE)
def check_command(file: Path) -> None:
    """Prove that the definition in FILE holds together; print each finding and what to do."""
    workflow = _proved(file)
    click.echo(say(N_("%(name)s, version %(version)s: it holds together."),
                   {"name": workflow.name, "version": workflow.version}))


@workflow_group.command("draw")
@click.argument("file", type=FILE)
@click.option("--as", "form", type=click.Choice(["mermaid", "svg"]), default="mermaid")
@click.option("--language", default="en", help="One of the definition's languages.")
def draw_command(file: Path, form: str, language: str) -> None:
    """Draw the definition in FILE, to standard output."""
    workflow = _proved(file, OF_ANYBODY)
    if language not in workflow.languages:
        raise click.BadParameter(f"{workflow.name} speaks {', '.join(workflow.languages)}.",
                                 param_hint="--language")
    click.echo((svg if form == "svg" else mermaid)(workflow, language), nl=False)


@workflow_group.command("publish")
@click.argument("file", type=FILE)
@with_appcontext
def publish_command(file: Path) -> None:
    """Publish the definition in FILE as the next version. New tickets follow it from then on."""
    workflow = _proved(file)
    try:
        with atomic():
            digest = publish_lifecycle(workflow, by=None, now=utc_now()).digest
    except BadDefinition as error:
        _refuse(file, error.findings)
    click.echo(say(N_("Published: %(name)s, version %(version)s, digest %(digest)s."),
                   {"name": workflow.name, "version": workflow.version, "digest": digest}))


@workflow_group.command("carry")
@click.argument("name")
@with_appcontext
def carry_command(name: str) -> None:
    """Carry the open tickets of lifecycle NAME over to its newest version, by that version's map.

    A ticket that cannot go now is named with the reason, and the command ends with status 1.
    """
    try:
        digest = current_lifecycle(name).digest
    except LookupError:
        raise NotFound(N_("No lifecycle of the name %(name)s is published."), name=name) from None
    done = carry_all(digest, by=None, now=utc_now())
    for number, reasons in done.refused:
        for reason in reasons:
            click.echo(f"{number}: {say_reason(reason)}", err=True)
    click.echo(say(N_("Carried over: %(count)s. Not carried over: %(left)s."),
                   {"count": done.count, "left": len(done.refused)}))
    if done.refused:
        raise SystemExit(1)


def _proved(file: Path, catalogue: Catalogue = CATALOGUE) -> Workflow:
    """The definition where it proves itself; else its findings are printed, status 1."""
    try:
        workflow = load(file)
    except BadDefinition as error:
        _refuse(file, error.findings)
    findings = check(workflow, catalogue)
    if findings:
        _refuse(file, findings)
    return workflow


def _refuse(file: Path, findings: Sequence[Finding]) -> NoReturn:
    for finding in findings:
        click.echo(f"{file}: {finding}", err=True)
    sys.exit(1)


COMMANDS = [workflow_group]
