"""Both databases for tests: migrated once into a template, then copied; and applications on them.

A test that takes ``app`` or ``session`` runs on each database inside one transaction that is rolled
back. A test that needs real commits (threads, processes, servers) takes ``committed_app``: a fresh
copy of its own.
"""

from __future__ import annotations

import fcntl
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry import create_app
from registry.config import Settings
from registry.core.db import db
from registry.servers.postgresql import url_of
from tests.ground import postgresql
from tests.ground.run import GROUND, Ground, start_cluster

TEMPLATE = "countersign_template"
SECRET = "a secret for tests only, as long as a real one would be"


@dataclass(frozen=True)
class Database:
    """A migrated database of this worker, and how to get further fresh ones."""

    kind: str
    url: str
    copy: Callable[[], str]
    drop: Callable[[str], None]


def settings_for(url: str, data_dir: Path, **changes: Any) -> Settings:
    """Settings of a test: cheap password hashes, the company in Moscow, nothing of the machine."""
    data_dir.mkdir(parents=True, exist_ok=True)
    values = {"language": "en", "testing": True, "argon2_cheap": True} | changes
    settings = Settings(database_url=url, data_dir=data_dir, secret_key=SECRET, **values)
    settings.check()
    return settings


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold ``path`` against the other workers."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrate(url: str, folder: Path) -> None:
    """Bring the empty database at ``url`` to the newest revision, as an installation does."""
    app = create_app(settings_for(url, folder))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


_numbers = itertools.count(1)


def sqlite_database(ground: Ground, worker: str) -> Database:
    """A copy of the migrated file for this worker."""
    template = ground.folder / "template.sqlite3"
    with locked(ground.folder / "sqlite.lock"):
        if not template.exists():
            growing = ground.folder / "growing.sqlite3"
            migrate(f"sqlite:///{growing}", ground.folder / "sqlite-data")
            growing.rename(template)

    def copy() -> str:
        path = ground.folder / f"{worker}-{next(_numbers)}.sqlite3"
        shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    def drop(url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)

    return Database("sqlite", copy(), copy, drop)


def postgresql_database(ground: Ground, cluster: Path, worker: str) -> Database:
    """A copy of the migrated template database for this worker."""
    done = ground.folder / "postgresql.done"
    with locked(ground.folder / "postgresql.lock"):
        if not done.exists():
            postgresql.create_database(cluster, TEMPLATE)
            migrate(url_of(cluster, TEMPLATE), ground.folder / "postgresql-data")
            done.touch()

    def copy() -> str:
        name = f"countersign_{worker}_{next(_numbers)}"
        postgresql.create_database(cluster, name, TEMPLATE)
        return url_of(cluster, name)

    def drop(url: str) -> None:
        postgresql.drop_database(cluster, url.partition("@/")[2].partition("?")[0])

    return Database("postgresql", copy(), copy, drop)


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, worker_id: str) -> Database:
    """Each database in turn, migrated."""
    ground = request.config.stash[GROUND]
    if request.param == "sqlite":
        return sqlite_database(ground, worker_id)
    return postgresql_database(ground, start_cluster(request.config), worker_id)


@pytest.fixture(scope="session")
def shared_app(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """One application for each database; tests take ``app``, which guards it."""
    app = create_app(settings_for(database.url, tmp_path_factory.mktemp("data")))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(shared_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application inside one transaction: what the test commits is a savepoint, then gone."""
    settings: Settings = shared_app.config["SETTINGS"]
    with shared_app.app_context():
        engines = db.engines
    engine = engines[None]
    shared_app.config["SETTINGS"] = replace(settings, data_dir=tmp_path)
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = connection  # type: ignore[assignment]
        try:
            yield shared_app
        finally:
            engines[None] = engine
            transaction.rollback()
            db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")
            shared_app.config["SETTINGS"] = settings


@pytest.fixture
def settings(app: Flask) -> Settings:
    """The settings that the test's application runs by."""
    return app.config["SETTINGS"]


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The session of the test, in an application context of its own."""
    with app.app_context():
        yield db.session  # type: ignore[misc]
        db.session.remove()


@pytest.fixture
def make_app(database: Database, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make applications that really commit, each on a fresh database; takes settings to change."""
    made: list[tuple[Flask, str]] = []

    def make(**changes: Any) -> Flask:
        url = database.copy()
        app = create_app(settings_for(url, tmp_path / f"data{len(made)}", **changes))
        made.append((app, url))
        return app

    yield make
    for app, url in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        database.drop(url)


@pytest.fixture
def committed_app(make_app: Callable[..., Flask]) -> Flask:
    """An application on a fresh database that really commits, for threads and processes."""
    return make_app()
