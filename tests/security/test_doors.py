"""Every cell of the table in doors.py: eight roles, nobody, and a token of each scope, before every
address and method that there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.api.rules import Scope
from registry.api.service import make_token
from registry.core.assets import asset_url
from registry.core.db import db
from registry.core.times import utc_now
from registry.demo.company import Company
from registry.people.models import Absence, Person, PersonRole, Role
from registry.people.permissions import PERMISSIONS, anyone
from registry.people.sessions import open_session
from registry.tickets import registry_views
from registry.tickets.handoff_models import Handoff
from registry.tickets.models import SavedView
from tests.lived.days import Places
from tests.lived.house import lived_house
from tests.lived.registry import a_passkey
from tests.security.doors import EVERYBODY, Door, programs, screens
from tests.security.walking import ASKED, OPENS, REFUSED, walk

SignIn = Callable[[Person], Any]
Lived = tuple[dict[Role, Person], Places]
FOR_BROWSERS = {"GET", "POST"}


@pytest.fixture
def lived(session: Session, settings: Any, at_a_name: Flask) -> Lived:
    """One person for each role, each with a passkey, and where the things of the house stand."""
    company, places = lived_house(Path(settings.data_dir), utc_now())
    persons = company.managers | {Role.VISITOR: company.visitors[0],
                                  Role.ENGINEER: company.engineers[0]}
    for person in persons.values():
        a_passkey(person, utc_now())
    with at_a_name.test_request_context():
        asset = asset_url("look.css").rpartition("/")[2]
    return persons, places | own_things(company) | names_of_handoffs(places) | {
        "nothing": f"{'0' * 64}.csv", "static": "vendor/htmx.min.js", "asset": asset}


def own_things(company: Company) -> Places:
    """A token, a view and a session of the visitor, an absence of the engineer."""
    visitor, engineer, now = company.visitors[0], company.engineers[0], utc_now()
    token, _secret = make_token(visitor, name="Robot", scopes=("read",), days=3, by=None,
                                proved=None, now=now)
    standing = open_session(visitor, address="127.0.0.1", device="Chrome", now=now)
    absence = Absence(person_id=engineer.id, deputy_id=company.engineers[1].id, created_at=now,
                      starts_at=now.replace(year=2098), ends_at=now.replace(year=2099))
    db.session.add(absence)
    db.session.flush()
    view = db.session.scalars(select(SavedView).where(SavedView.person_id == visitor.id)).one()
    return {"token": str(token.id), "view": str(view.id), "session": standing.id,
            "absence": str(absence.id)}


def names_of_handoffs(places: Places) -> Places:
    """As the API names them; and the tickets that stand on the sheet."""
    found = {f"{name}_name": db.session.get_one(Handoff, int(places[name]))
             for name in ("handoff", "half")}
    lines = [str(each.ticket.number) for each in db.session.scalars(select(Handoff).where(
        Handoff.sheet_id == int(places["sheet"])))]
    return {name: f"{each.ticket.number}-{each.seq}" for name, each in found.items()} | {
        "line": lines[0], "lines": " ".join(lines)}


def secret_of(person: Person, *scopes: str) -> dict[str, str]:
    """The header of a program that acts for the person."""
    _token, secret = make_token(person, name="Walker", scopes=scopes, days=3, by=None, proved=None,
                                now=utc_now())
    return {"Authorization": f"Bearer {secret}"}


def expected(doors: Iterable[Door], opens: Callable[[Door], bool], else_: str) -> dict[str, str]:
    return {door.name: OPENS if opens(door) else else_ for door in doors}


def test_every_rule_and_method_of_the_application_is_in_the_table(app: Flask) -> None:
    ways = app.url_map.bind("localhost")

    def place(found: re.Match[str]) -> str:
        return "1-1" if found[1].endswith("_name") else "1"

    known = {(ways.match(re.sub(r"{(\w+)}", place, door.address).partition("?")[0],
                         method=door.method)[0], door.method)
             for door in (*screens(), *programs())}
    there = {(rule.endpoint, method) for rule in app.url_map.iter_rules()
             for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert there - known == set(), "say who may pass these"
    assert {method for _endpoint, method in there} == FOR_BROWSERS


def test_no_cell_stands_twice() -> None:
    names = [door.name for door in (*screens(), *programs())]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_passes_its_own_doors_on_the_screen(
    lived: Lived, sign_in: SignIn, role: Role
) -> None:
    persons, places = lived
    client = sign_in(persons[role])
    doors = sorted(screens(), key=lambda door: door.address == "/sign-out")
    walked = {door.name: walk(client, door, places) for door in doors}
    assert walked == expected(doors, lambda door: role in door.roles, REFUSED)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_passes_its_own_doors_by_a_program(
    lived: Lived, client: Any, role: Role
) -> None:
    persons, places = lived
    token = secret_of(persons[role], *Scope)
    walked = {door.name: walk(client, door, places, token) for door in programs()}
    assert walked == expected(programs(), lambda door: role in door.roles, REFUSED)


def test_what_is_one_persons_is_not_anothers_of_the_same_role(
    lived: Lived, sign_in: SignIn, client: Any
) -> None:
    """Nothing of the table belongs to them or waits for them."""
    persons, places = lived
    on_screen = [door for door in screens() if door.kind in ("own", "act")]
    by_program = [door for door in programs() if waits_for_one(door)]
    for role in (Role.VISITOR, Role.ENGINEER):
        second = another(persons[role], role)
        browser, token = sign_in(second), secret_of(second, *Scope)
        walked = {door.name: walk(browser, door, places) for door in on_screen}
        assert walked == expected(on_screen, lambda door: door.roles == EVERYBODY, REFUSED), role
        walked = {door.name: walk(client, door, places, token) for door in by_program}
        assert walked == expected(by_program, lambda _door: False, REFUSED), role


def another(person: Person, role: Role) -> Person:
    """The second one of the role in the house, who has a passkey too."""
    second = db.session.scalars(
        select(Person).join(PersonRole).where(PersonRole.role == role, Person.id != person.id)
        .order_by(Person.id)).first()
    assert second is not None
    a_passkey(second, utc_now())
    return second


def waits_for_one(door: Door) -> bool:
    """Whether a program may do it for one person only, whatever the role: every act on a ticket."""
    return door.scope == Scope.TICKETS and door.address != "/api/v1/tickets"


def test_if_every_role_had_every_permission_the_walk_would_see_it(
    lived: Lived, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is one person's own, or waits for one person, hangs on no permission."""
    persons, places = lived
    for name in PERMISSIONS:
        monkeypatch.setitem(PERMISSIONS, name, anyone)
    client = sign_in(persons[Role.ENGINEER])
    closed = [door for door in screens() if Role.ENGINEER not in door.roles]
    opened = [door for door in closed if walk(client, door, places) == OPENS]
    assert [door for door in closed if door.kind == "door"] == [
        door for door in opened if door.kind == "door"]
    assert [door for door in opened if door.kind == "act"] == []
    assert "POST /tickets/views/{view}/forget" not in [door.name for door in opened]


def test_if_a_view_were_anybodys_the_walk_would_see_it(
    lived: Lived, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget_whosever(view_id: int, *, by: Person) -> None:
        db.session.delete(db.session.get_one(SavedView, view_id))

    persons, places = lived
    monkeypatch.setattr(registry_views, "forget_view", forget_whosever)
    (door,) = [door for door in screens() if door.address == "/tickets/views/{view}/forget"]
    assert walk(sign_in(persons[Role.ENGINEER]), door, places) == OPENS


def test_nobody_passes_but_where_all_do(lived: Lived, client: Any) -> None:
    _persons, places = lived
    doors = [*screens(), *programs()]
    doors += [replace(door, method="HEAD") for door in doors if door.method == "GET"]
    walked = {door.name: walk(client, door, places) for door in doors}
    assert walked == expected(doors, lambda door: door.kind == "open", ASKED)


def test_a_session_opens_no_door_of_programs(lived: Lived, sign_in: SignIn) -> None:
    persons, places = lived
    for role, person in persons.items():
        client = sign_in(person)
        walked = {door.name: walk(client, door, places) for door in programs()}
        assert walked == dict.fromkeys(walked, ASKED), role


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_opens_the_doors_of_its_scope_only(
    lived: Lived, client: Any, scope: Scope
) -> None:
    """Sent by the person whom the door lets through, so that nothing but the scope decides."""
    persons, places = lived
    tokens = {role: secret_of(person, scope) for role, person in persons.items()}
    walked = {door.name: walk(client, door, places, tokens[min(door.roles)])
              for door in programs()}
    assert walked == expected(programs(), lambda door: door.scope == scope, REFUSED)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_opens_no_screen(lived: Lived, client: Any, scope: Scope) -> None:
    persons, places = lived
    token = secret_of(persons[Role.ADMINISTRATOR], scope)
    walked = {door.name: walk(client, door, places, token) for door in screens()}
    assert walked == expected(screens(), lambda door: door.kind == "open", ASKED)
