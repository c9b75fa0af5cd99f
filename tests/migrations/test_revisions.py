"""The revisions make just the tables that the models describe, up and down, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import CheckConstraint, inspect
from sqlalchemy.engine import Connection

from registry.core.db import db
from registry.core.model import Base
from registry.ledger.triggers import expected_triggers, standing


@pytest.fixture
def migrated(committed_app: Flask) -> Iterator[Flask]:
    """An application on a fresh database at the newest revision, in its context."""
    with committed_app.app_context():
        yield committed_app


@pytest.fixture
def connection(migrated: Flask) -> Iterator[Connection]:
    with db.engine.connect() as connection:
        yield connection


def tables() -> set[str]:
    """What the database holds now, but for Alembic's own row."""
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def shape() -> dict[str, Any]:
    """Columns, keys and indexes of all tables, to compare."""
    looked = inspect(db.engine)
    return {name: (sorted(column["name"] for column in looked.get_columns(name)),
                   sorted(str(index["name"]) for index in looked.get_indexes(name)),
                   sorted(str(key["name"]) for key in looked.get_foreign_keys(name)))
            for name in tables()}


def triggers() -> dict[str, str]:
    """The ledger's triggers that are there and unaltered."""
    with db.engine.connect() as connection:
        return standing(connection)


def test_down_and_up_again_gives_the_same(migrated: Flask):
    before = shape()
    assert before
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    assert shape() == before
    assert triggers() == expected_triggers(db.engine.dialect.name)


def test_each_revision_goes_down_and_up(migrated: Flask):
    script = ScriptDirectory(str(migrated.extensions["migrate"].directory))
    for revision in script.walk_revisions():
        flask_migrate.downgrade(revision="-1")
        assert current() == revision.down_revision
    for _revision in script.walk_revisions():
        flask_migrate.upgrade(revision="+1")
    assert current() == script.get_current_head()
    assert triggers() == expected_triggers(db.engine.dialect.name)


def current() -> str | None:
    """The revision at which the database stands."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_the_models_ask_for_nothing_more(migrated: Flask, connection: Connection):
    made_by_hand = re.compile(r"ticket_fts|ix_ticket_search_stems|alembic_version")

    def ours(_thing: object, name: str | None, *_rest: object) -> bool:
        return not made_by_hand.match(name or "")

    context = MigrationContext.configure(
        connection, opts={"include_object": ours, "compare_type": True, "render_as_batch": True})
    assert compare_metadata(context, Base.metadata) == []


def test_revisions_are_one_numbered_line(migrated: Flask):
    script = ScriptDirectory(str(migrated.extensions["migrate"].directory))
    numbers = [revision.revision for revision in script.walk_revisions()][::-1]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def words_of(check: str) -> list[str]:
    """What a CHECK says, without the database's own manner of writing it."""
    plain = re.sub(r"::\w+( varying)?(\[\])?|[()\"\[\]]|\bARRAY\b", " ", str(check))
    plain = re.sub(r"=\s*ANY", "IN", plain).replace("!=", "<>")
    return plain.replace(",", " ").split()


def test_checks_say_what_the_models_say(migrated: Flask, connection: Connection):
    in_models = {}
    for table in Base.metadata.tables.values():
        for check in table.constraints:
            if isinstance(check, CheckConstraint):
                sql = str(check.sqltext.compile(dialect=connection.dialect,
                                                compile_kwargs={"literal_binds": True}))
                in_models[str(check.name)] = words_of(sql.replace(f"{table.name}.", ""))
    looked = inspect(connection)
    in_database = {str(check["name"]): words_of(check["sqltext"])
                   for name in tables() for check in looked.get_check_constraints(name)}
    assert in_database == in_models
    assert in_models


def test_the_ledger_is_guarded_by_its_triggers(migrated: Flask):
    assert triggers() == expected_triggers(db.engine.dialect.name)
