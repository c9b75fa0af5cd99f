"""The commands of people and departments do what the screens do, by the same verbs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from registry.core.errors import Refused
from registry.ledger.entries import entries_of
from registry.people.commands import COMMANDS
from registry.people.models import Role
from registry.people.passwords import is_password_of
from registry.people.queries import department_by_name, person_by_login
from tests.factories import House, a_department, a_person

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, session: Session) -> Run:
    """Run a command; what it refuses comes out as the refusal."""
    commands = {command.name: command for command in COMMANDS}
    runner = FlaskCliRunner(app)

    def run(name: str, *arguments: str) -> Result:
        return runner.invoke(commands[name], arguments, catch_exceptions=False)

    return run


def test_a_person_is_taken_on_and_their_password_is_printed(run: Run) -> None:
    a_department("Technical")
    answer = run("person", "create", "P.Orlov", "--name", "Pavel Orlov", "--role", "engineer",
                 "--role", "registrar", "--email", "orlov@example.org", "--department",
                 "technical", "--language", "ru")
    assert answer.exit_code == 0, answer.output
    person = person_by_login("p.orlov")
    assert person is not None
    assert person.roles == {Role.ENGINEER, Role.REGISTRAR}
    assert person.department is department_by_name("Technical")
    assert is_password_of(person, answer.output.split()[-1])
    assert {entry.actor for entry in entries_of(person.chain)} == {"system"}


def test_what_cannot_be_is_refused_with_all_reasons(run: Run) -> None:
    with pytest.raises(Refused) as error:
        run("person", "create", "?", "--name", " ")
    assert [each.code for each in error.value.reasons] == ["login_form", "name_missing"]
    with pytest.raises(Refused, match="no department"):
        run("person", "create", "orlov", "--name", "Orlov", "--department", "Moon")
    for command in ("password", "deactivate", "roles"):
        with pytest.raises(Refused, match="Nobody has the login"):
            run("person", command, "nobody")


def test_people_and_departments_are_listed(run: Run) -> None:
    House()
    for number in range(60):
        a_person(Role.LEAD, name=f"Lead {number:02}")
    a_person(name="Boris Left", is_active=False)
    lines = run("person", "list").output.splitlines()
    assert len(lines) == 70
    assert any(line.endswith("Pavel Orlov\tTechnical\tengineer") for line in lines)
    assert "Boris Left" in run("person", "list", "--left").output
    assert run("department", "list").output.splitlines() == ["Sales\t4", "Technical\t4"]


def test_a_password_is_issued_roles_are_given_and_people_leave(run: Run) -> None:
    person = a_person(login="orlov", name="Pavel Orlov")
    assert is_password_of(person, run("person", "password", "ORLOV").output.split()[-1])
    assert run("person", "roles", "orlov", "--role", "lead").output == "programme lead\n"
    assert person.roles == {Role.LEAD}
    assert "Pavel Orlov has left" in run("person", "deactivate", "orlov").output
    assert not person.is_active


def test_a_department_is_opened(run: Run) -> None:
    assert run("department", "create", "Billing").output == "Billing\n"
    with pytest.raises(Refused):
        run("department", "create", "billing")
