"""``countersign workflow``: prove, draw, publish, carry over."""

from __future__ import annotations

import pytest
from flask.cli import ScriptInfo

from registry.cli import cli
from registry.tickets.lifecycles import current_lifecycle
from tests.factories import House, a_ticket, offer
from tests.registry.tickets.test_lifecycle_versions import MAP, SECOND, SHIPPED


@pytest.fixture
def run(app, session):
    """Run the command line on the test's application; gives status and output."""

    def run(*arguments):
        session.flush()
        result = app.test_cli_runner().invoke(cli, ["workflow", *map(str, arguments)],
                                              obj=ScriptInfo(create_app=lambda: app))
        session.expire_all()
        return result.exit_code, result.output

    return run


@pytest.fixture
def definition(tmp_path):
    def definition(text):
        file = tmp_path / "lifecycle.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return definition


def test_check_says_that_a_definition_holds_together(run, definition):
    assert run("check", definition(SHIPPED)) == (
        0, "service_quality, version 1: it holds together.\n")


def test_check_prints_each_finding_with_place_and_remedy_and_ends_with_1(run, definition):
    text = SHIPPED.replace(', ru = "закрыта"', "").replace(', ru = "отменена"', "")
    status, said = run("check", definition(text))
    assert status == 1
    assert [line.partition("lifecycle.toml: ")[2].partition(":")[0]
            for line in said.splitlines()] == ["states.closed.title", "states.cancelled.title"]


def test_draw_gives_mermaid_and_svg_in_the_language(run, definition):
    status, said = run("draw", definition(SHIPPED), "--as", "mermaid", "--language", "ru")
    assert status == 0
    assert said.startswith("stateDiagram-v2")
    assert "зарегистрирована" in said
    status, said = run("draw", definition(SHIPPED), "--as", "svg")
    assert status == 0
    assert said.startswith("<svg")


def test_draw_refuses_a_language_that_the_definition_does_not_speak(run, definition):
    status, said = run("draw", definition(SHIPPED), "--language", "fr")
    assert status == 2
    assert "en, ru" in said


def test_publish_keeps_the_next_version_and_refuses_what_does_not_follow(run, definition, session):
    House()
    status, said = run("publish", definition(SECOND))
    assert status == 0
    assert "version 2" in said
    assert current_lifecycle().version == 2
    status, said = run("publish", definition(SECOND.replace("version = 2", "version = 5", 1)))
    assert status == 1
    assert "Version 3 is the next one." in said
    assert current_lifecycle().version == 2


def test_publish_refuses_a_version_without_a_place_for_each_state(run, definition, session):
    House()
    status, said = run("publish", definition(SECOND.replace(MAP, "")))
    assert status == 1
    assert said.count("has no place in this version") == 5


def test_carry_takes_open_tickets_over_and_names_those_that_stay(run, definition, session):
    house = House()
    free, waits = a_ticket(house, "in_fix"), a_ticket(house, "accepted")
    offer(waits, "pass_on", house.other_engineer)
    run("publish", definition(SECOND))
    status, said = run("carry", "service_quality")
    assert status == 1
    assert f"{waits.number}: Ticket No. {waits.number} is offered to Ivan Sokolov" in said
    assert "Carried over: 1. Not carried over: 1." in said
    assert (free.state, waits.state) == ("mending", "accepted")


def test_carry_names_a_lifecycle_that_is_not_there(run, session):
    assert run("carry", "nothing") == (1, "No lifecycle of the name nothing is published.\n")
