"""Clients on the command line: bringing in a list, with a dry run.

``import`` is a group: the areas above add what they bring in.
"""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from registry.clients.import_plan import Act, Plan
from registry.clients.imports import BOUNDS, import_clients, plan_import
from registry.core.db import atomic
from registry.core.languages import say_reason
from registry.core.times import utc_now
from registry.people.models import Person
from registry.people.queries import person_by_login


@click.group("import", cls=AppGroup)
def import_group() -> None:
    """Bring in what other systems hold."""


@import_group.command("clients")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", "login", required=True, help="Login of the person who brings the list in.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def clients(file: Path, login: str, dry_run: bool) -> None:
    """Bring in clients, contacts and sites from FILE (.csv or .xlsx).

    Every bad row is named with its line and column; then nothing is entered at all.
    """
    by = _person(login)
    with file.open("rb") as stream:
        data = stream.read(BOUNDS.size + 1)
    plan = plan_import(data, file.name, by=by)
    if plan.bad:
        for bad in plan.bad:
            click.echo(f"{_place(bad.line, bad.column)} {say_reason(bad.reason)}", err=True)
        raise SystemExit(1)
    if not dry_run:
        with atomic():
            plan = import_clients(data, file.name, by=by, now=utc_now(), shown=plan.digest)
    click.echo(_summary(plan))
    click.echo(_("Nothing was entered: this was a dry run.") if dry_run else _("Entered."))


def _person(login: str) -> Person:
    person = person_by_login(login)
    if person is None:
        raise click.BadParameter(_("Nobody signs in as “%(login)s”.", login=login),
                                 param_hint="--by")
    return person


def _place(line: int, column: str) -> str:
    if not column:
        return _("Line %(line)d:", line=line)
    return _("Line %(line)d, column “%(column)s”:", line=line, column=column)


def _summary(plan: Plan) -> str:
    return _("%(rows)d rows: %(clients)d clients, %(contacts)d contact persons and %(sites)d sites "
             "to add; %(changes)d corrections.",
             rows=plan.rows, clients=plan.count(Act.ADD_CLIENT),
             contacts=plan.count(Act.ADD_CONTACT), sites=plan.count(Act.ADD_SITE),
             changes=plan.count(Act.CHANGE_TIER, Act.CHANGE_CONTACT, Act.CHANGE_SITE,
                                Act.NAME_PERSONS, Act.NAME_KEY_PERSON))


COMMANDS = (import_group,)
