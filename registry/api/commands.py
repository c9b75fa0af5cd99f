"""Commands of tokens: what the operator does for people and programs."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from registry.api.models import ApiToken
from registry.api.queries import token_by_id, tokens_of
from registry.api.rules import DAYS, Scope
from registry.api.service import make_token, revoke_token
from registry.core.db import atomic
from registry.core.errors import NotFound
from registry.core.times import local, utc_now
from registry.core.words import N_
from registry.people.models import Person
from registry.people.queries import person_by_login

SCOPES = click.Choice([scope.value for scope in Scope])


@click.group(cls=AppGroup)
def token() -> None:
    """The tokens by which programs use the API."""


@token.command()
@click.argument("login")
@click.option("--name", required=True, help="Which program uses it.")
@click.option("--scope", "scopes", type=SCOPES, multiple=True, required=True,
              help="May be given several times.")
@click.option("--days", default=DAYS, show_default=True, help="How long it lasts.")
def create(login: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token of the person; prints its secret, once."""
    with atomic():
        _made, secret = make_token(_person(login), name=name, scopes=scopes, days=days, by=None,
                                   proved=None, now=utc_now())
    click.echo(secret)


@token.command(name="list")
@click.argument("login", required=False)
def list_(login: str | None) -> None:
    """Print tokens: number, login, name, scopes, until when, last use; by the company's clock."""
    person = _person(login) if login else None
    for each in tokens_of(person):
        click.echo("\t".join(_line(each)))


@token.command()
@click.argument("token_id", type=int, metavar="ID")
def revoke(token_id: int) -> None:
    """End a token."""
    with atomic():
        found = token_by_id(token_id)
        if found is None:
            raise NotFound(N_("There is no token of this number."))
        revoke_token(found, by=None, now=utc_now())
    click.echo(_("The token is revoked."))


def _line(each: ApiToken) -> tuple[str, ...]:
    now = utc_now()
    until = f"{local(each.expires_at):%Y-%m-%d}" if each.in_force(now) else "—"
    used = f"{local(each.last_used_at):%Y-%m-%d %H:%M}" if each.last_used_at else "—"
    return str(each.id), each.person.login, each.name, each.scopes, until, used


def _person(login: str) -> Person:
    found = person_by_login(login)
    if found is None:
        raise NotFound(N_("Nobody has the login “%(login)s”."), login=login)
    return found


COMMANDS = (token,)
