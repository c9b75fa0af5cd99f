"""Commands of people and departments: the same verbs as on the screen, done by the operator."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from registry.config import LANGUAGES
from registry.core.db import atomic
from registry.core.errors import NotFound, Reason, Refused
from registry.core.times import utc_now
from registry.core.words import N_
from registry.people.credentials import issue_password
from registry.people.departments import create_department
from registry.people.models import Department, Person, Role
from registry.people.names import role_name
from registry.people.queries import (
    PAGE,
    Wanted,
    department_by_name,
    departments,
    in_order,
    people_list,
    person_by_login,
)
from registry.people.rules import Details
from registry.people.service import create_person, deactivate_person, set_roles

ROLES = click.Choice([role.value for role in Role])


@click.group(cls=AppGroup)
def person() -> None:
    """The people who work here."""


@person.command()
@click.argument("login")
@click.option("--name", required=True, help="Given name, then family name.")
@click.option("--role", "roles", type=ROLES, multiple=True, help="May be given several times.")
@click.option("--email", default="", help="Where mail to the person goes.")
@click.option("--department", default="", help="The name of a department that is there.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
def create(
    login: str, name: str, roles: tuple[str, ...], email: str, department: str, language: str
) -> None:
    """Take a person on; prints a one-time password."""
    with atomic():
        details = Details(login, name, email, language=language,
                          department=_department(department), roles=frozenset(map(Role, roles)))
        made = create_person(details, by=None, now=utc_now())
        _print_password(made, issue_password(made, by=None, now=utc_now()))


@person.command(name="list")
@click.option("--left", is_flag=True, help="Those who have left.")
def list_(left: bool) -> None:
    """Print everybody who works here: login, name, department, roles."""
    after = None
    while True:
        rows = people_list(Wanted(active=not left, after=after), now=utc_now())
        for row in rows[:PAGE]:
            roles = ", ".join(role_name(role) for role in in_order(row.roles))
            click.echo("\t".join((row.login, row.name, row.department, roles)))
        if len(rows) <= PAGE:
            return
        after = (rows[PAGE - 1].name, rows[PAGE - 1].id)


@person.command()
@click.argument("login")
def password(login: str) -> None:
    """Issue a one-time password; ends the person's sessions."""
    with atomic():
        found = _person(login)
        _print_password(found, issue_password(found, by=None, now=utc_now()))


@person.command()
@click.argument("login")
@click.option("--role", "wanted", type=ROLES, multiple=True, help="May be given several times.")
def roles(login: str, wanted: tuple[str, ...]) -> None:
    """Give the person exactly these roles."""
    with atomic():
        found = _person(login)
        set_roles(found, map(Role, wanted), by=None, now=utc_now())
        click.echo(", ".join(role_name(role) for role in in_order(found.roles)))


@person.command()
@click.argument("login")
def deactivate(login: str) -> None:
    """Let the person leave; refused while something is still on them."""
    with atomic():
        found = _person(login)
        deactivate_person(found, by=None, now=utc_now())
        click.echo(_("%(name)s has left. The history stays.", name=found.name))


@click.group(cls=AppGroup)
def department() -> None:
    """The departments between which tickets pass."""


@department.command(name="create")
@click.argument("name")
def create_(name: str) -> None:
    """Open a department."""
    with atomic():
        click.echo(create_department(name, by=None).name)


@department.command(name="list")
def list_departments() -> None:
    """Print the departments and how many work in each."""
    for row in departments():
        click.echo(f"{row.name}\t{row.people}")


def _person(login: str) -> Person:
    found = person_by_login(login)
    if found is None:
        raise NotFound(N_("Nobody has the login “%(login)s”."), login=login)
    return found


def _department(name: str) -> Department | None:
    if not name:
        return None
    found = department_by_name(name)
    if found is None:
        raise Refused(Reason("department_unknown", N_("There is no department “%(name)s”."),
                             {"name": name}, "department"))
    return found


def _print_password(found: Person, secret: str) -> None:
    click.echo(_("One-time password for the login “%(login)s”", login=found.login)
               + f": {secret}")


COMMANDS = (person, department)
