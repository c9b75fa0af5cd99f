"""``countersign erase``: personal data of a person, a contact or a client, by law."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

from registry.admin.erasing import erase_subject
from registry.admin.erasing_edge import take_files_away, tidy_pages
from registry.admin.erasing_plan import Plan, plan_erasure
from registry.clients.models import Client, Contact
from registry.core.db import atomic, db, only_reading
from registry.core.errors import NotFound
from registry.core.languages import say
from registry.core.times import utc_now
from registry.core.words import N_
from registry.people.erasures import Subject
from registry.people.models import Person
from registry.people.queries import person_by_login

FURTHER = click.option("--words", "further", multiple=True,
                       help="Other words by which they are known; may be given several times.")
REASON = click.option("--reason", required=True, help="By which right; it names nobody.")
LOOK = click.option("--dry-run", is_flag=True, help="Say what would be erased, erase nothing.")


@click.group(cls=AppGroup)
def erase() -> None:
    """Erase personal data by law, for ever."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    return REASON(FURTHER(LOOK(command)))


@erase.command()
@click.argument("person")
@_options
def person(person: str, **options: Any) -> None:
    """Erase PERSON (login or number), who has left."""
    _erase(Subject.PERSON, lambda: _person(person), **options)


@erase.command()
@click.argument("number", type=int)
@_options
def contact(number: int, **options: Any) -> None:
    """Erase contact NUMBER of a client."""
    _erase(Subject.CONTACT, lambda: _found(Contact, number), **options)


@erase.command()
@click.argument("number", type=int)
@click.option("--tickets", is_flag=True, help="All words and files of its tickets too.")
@_options
def client(number: int, tickets: bool, **options: Any) -> None:
    """Erase client NUMBER with its contacts and addresses."""
    _erase(Subject.CLIENT, lambda: _found(Client, number), tickets=tickets, **options)


def _erase(what: Subject, find: Callable[[], Any], *, reason: str, further: tuple[str, ...],
           dry_run: bool, tickets: bool = False) -> None:
    if dry_run:
        with only_reading():
            _tell(plan_erasure(what, find(), further=further, tickets=tickets))
        return
    with atomic():
        plan = plan_erasure(what, find(), further=further, tickets=tickets)
        done = erase_subject(plan, reason=reason, by=None, now=utc_now()).ref
        number = plan.subject.id
    take_files_away(plan)
    tidy_pages()
    _tell(plan)
    click.echo(say(N_("Erased; the ledger says so under %(name)s. Backups made before still hold "
                      "the data: let them run out, and after restoring one erase %(what)s "
                      "%(number)s again."), {"name": done, "what": what.value, "number": number}))


def _tell(plan: Plan) -> None:
    click.echo(say(N_("Chains %(chains)s, sealed words %(words)s, signed statements "
                      "%(statements)s, files %(files)s."), {
        "chains": len(plan.chains), "words": sum(map(len, plan.seals.values())),
        "statements": sum(map(len, plan.statements.values())),
        "files": sum(map(len, plan.files.values()))}))


def _person(asked: str) -> Person:
    found = person_by_login(asked)
    if found is not None:
        return found
    return _found(Person, int(asked) if asked.isdecimal() else 0)


def _found(model: Any, number: int) -> Any:
    row = db.session.get(model, number)
    if row is None:
        raise NotFound(N_("There is nobody of the number %(number)s."), number=number)
    return row


COMMANDS = (erase,)
