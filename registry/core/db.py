"""The database of the application and the one place that commits.

``atomic()`` is opened by the edge (view, command, job) around one verb. On SQLite
every transaction that may write begins as BEGIN IMMEDIATE: a read that later wants
to write would otherwise fail at once with "database is locked".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CursorResult, Update, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from registry.core.errors import Conflict, Unsure
from registry.core.model import Base
from registry.core.outage import outage

db = SQLAlchemy(metadata=Base.metadata)

# True while only reading is wanted (a GET): SQLite then need not take the write lock.
reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def atomic() -> Iterator[None]:
    """Commit what the block did, or nothing of it.

    Raises Conflict where two people acted at once: the unique (chain, seq) of the
    ledger let only the first of them through. Raises Unsure where the database went
    away before it answered to the commit.
    """
    try:
        yield
        db.session.flush()
        _commit()
    except IntegrityError as error:
        db.session.rollback()
        if is_race(error):
            raise Conflict() from error
        raise
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def undone() -> Iterator[None]:
    """Do what the block does as ``atomic`` would, and keep nothing of it. Raises Conflict alike."""
    try:
        yield
        db.session.flush()
    except IntegrityError as error:
        if is_race(error):
            raise Conflict() from error
        raise
    finally:
        db.session.rollback()


def _commit() -> None:
    try:
        db.session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unsure from error
        raise


@contextmanager
def only_reading() -> Iterator[None]:
    """Read outside a request without the write lock; what the block changed is forgotten.

    Nothing may be half done when it is opened: the transaction that stands is ended.
    """
    db.session.rollback()
    token = reading.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        reading.reset(token)


def changed(statement: Update) -> int:
    """Change the rows; how many there were. What is loaded of them is not told."""
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return done.rowcount if isinstance(done, CursorResult) else 0


def noted(write: Callable[[], object]) -> None:
    """Keep what a request leaves behind that only reads, in a transaction of its own; the one in
    which it has read is ended.

    A database that is away, busy or takes no writing keeps nobody from the page: the next request
    tries.
    """
    with atomic():
        pass
    mark = reading.set(False)
    try:
        with atomic():
            write()
    except Exception as error:
        if outage(error) is None:
            raise
    finally:
        reading.reset(mark)


def is_race(error: IntegrityError) -> bool:
    """Whether the error means that somebody else wrote the same ledger entry, handoff or key."""
    text = str(error.orig).lower()
    return any(name in text for name in RACES)


RACES = (
    "pk_ledger_entry", "ledger_entry.chain",
    "uq_handoff_open", "handoff.ticket_id",
    "signature.nonce", "uq_signature_nonce",
    "client.name_key", "uq_client_name_key",
    "uq_person_login", "person.login",
    "uq_passkey_credential_id", "passkey.credential_id",
    "uq_department_name", "department.name",
    "pk_day_exception", "day_exception.day",
    "uq_import_run_file_digest", "import_run.file_digest",
    "pk_kept_answer", "kept_answer.person_id",
    "uq_webhook_delivery_endpoint_id_chain_seq", "webhook_delivery.endpoint_id",
    "pk_erasure", "erasure.id",
)


# A server that does not answer at all is given up, or each request would wait for minutes. What the
# URL says goes before. Milliseconds for the one, seconds for the others.
PATIENCE: dict[str, Any] = {"connect_timeout": 5, "tcp_user_timeout": 20_000, "keepalives_idle": 30,
                            "keepalives_interval": 5, "keepalives_count": 3}


def engine_options(url: str, *, pooler: bool = False) -> dict[str, Any]:
    """Options of the engine for the two databases.

    Behind a pooler that gives each transaction another connection (``pooler``) no statement is
    prepared on the server: the next transaction would not find it there.
    """
    if url.startswith("sqlite"):
        return {"poolclass": NullPool, "connect_args": {"timeout": 15}, "hide_parameters": True}
    patience = {name: value for name, value in PATIENCE.items() if name not in url}
    if pooler:
        patience["prepare_threshold"] = None
    return {"connect_args": patience, "hide_parameters": True, "pool_pre_ping": True,
            "pool_size": 10, "max_overflow": 10}


def init_db(app: Flask) -> None:
    """Bind ``db`` to the application and set the switches of SQLite."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)


def prepare_sqlite(engine: Engine) -> None:
    """Foreign keys, WAL, full synchronisation, and our own BEGIN."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL",
                       "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading.get() else "BEGIN IMMEDIATE")
