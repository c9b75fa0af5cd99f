"""Triggers by which the database itself refuses to change what the ledger has taken in.

Created by the first migration, on both databases; ``standing`` tells which of them are there,
so that a test and ``verify`` can say which is missing. They stop mistakes and honest programs.
Somebody who owns the database can drop them: such a change is found by ``verify``.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

# Each table with the keys that must not be taken twice. SQLite runs no delete trigger when
# INSERT OR REPLACE takes a row away, so there the insert itself has to be refused.
FIXED: dict[str, tuple[tuple[str, ...], ...]] = {
    "ledger_entry": (("chain", "seq"),),
    "ledger_leaf": (("index",),),
    "ledger_checkpoint": (("size",),),
    "signature": (("statement_hash",), ("nonce",)),
}
SEALED = "sealed_text"

# Erasing by law takes the salt with the words: with the salt left behind, short words (a name, a
# telephone number) could be guessed from the seal, and nothing would have been erased.
ERASES = (
    "OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.words IS NULL "
    "AND NEW.salt IS NULL AND NEW.seal = OLD.seal"
)
# A signed statement holds the text that was shown, and names with it. By law it may be emptied,
# once and whole; who signed, when and what it meant stays, and so does its hash.
SIGNED = "signature"
SIGNED_COLUMNS = ("chain", "act", "meaning", "signer_id", "for_id", "role", "method", "at", "nonce",
                  "statement_hash", "proof")
SENTENCE = "rows of %s are never changed or deleted"
ERASE_SENTENCE = "rows of sealed_text are never deleted or changed, only erased"


def create_triggers(connection: Connection) -> None:
    """Create every trigger; the tables exist already."""
    if connection.dialect.name == "postgresql":
        for statement in POSTGRESQL_FUNCTIONS.values():
            connection.exec_driver_sql(statement)
    for statement in definitions(connection.dialect.name).values():
        connection.exec_driver_sql(statement)


def drop_triggers(connection: Connection) -> None:
    """Drop every trigger that is there (the way down of the migration)."""
    for name, table in expected_triggers(connection.dialect.name).items():
        on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")
    if connection.dialect.name == "postgresql":
        for function in POSTGRESQL_FUNCTIONS:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}()")


def expected_triggers(dialect: str) -> dict[str, str]:
    """The names of all triggers, each with its table; ``dialect`` is sqlite or postgresql."""
    found = {}
    for table in (*FIXED, SEALED):
        acts = ["update", "delete"]
        acts.append("truncate" if dialect == "postgresql" else "replace")
        found.update({f"{table}_no_{act}": table for act in acts})
    return found


def standing(connection: Connection) -> dict[str, str]:
    """Those expected triggers that are there, switched on and unaltered, each with its table."""
    expected = expected_triggers(connection.dialect.name)
    if connection.dialect.name == "postgresql":
        return {name: expected[name] for name in _standing_postgresql(connection)
                if name in expected}
    written = definitions("sqlite")
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {name: expected[name] for name, sql in rows if written.get(name) == sql}


def _standing_postgresql(connection: Connection) -> set[str]:
    """Triggers that are enabled and call one of our functions as we wrote it."""
    rows = connection.execute(text(
        "SELECT t.tgname, p.proname, p.prosrc FROM pg_trigger t "
        "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND n.nspname = current_schema()"
    ))
    return {name for name, function, source in rows
            if source in POSTGRESQL_FUNCTIONS.get(function, "")}


def definitions(dialect: str) -> dict[str, str]:
    """The statement that creates each trigger, by name."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def empties(dialect: str) -> str:
    """The condition under which a change of a signature is its statement being emptied."""
    if dialect == "sqlite":
        same, nothing, cast = "IS", "x''", ""
    else:
        same, nothing, cast = "IS NOT DISTINCT FROM", "''::bytea", "::text"
    kept = (f'NEW."{each}"{cast if each == "proof" else ""} {same} '
            f'OLD."{each}"{cast if each == "proof" else ""}' for each in SIGNED_COLUMNS)
    return " AND ".join((f"OLD.statement <> {nothing}", f"NEW.statement = {nothing}", *kept))


def _sqlite() -> dict[str, str]:
    written = {}
    allowed = {SEALED: ERASES, SIGNED: empties("sqlite")}
    for table, keys in (*FIXED.items(), (SEALED, (("seal",),))):
        sentence = ERASE_SENTENCE if table == SEALED else SENTENCE % table
        only_erasing = f" WHEN NOT ({allowed[table]})" if table in allowed else ""
        taken = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE "
            + " AND ".join(f'"{column}" = NEW."{column}"' for column in key) + ")"
            for key in keys
        )
        # Worded as SQLite words its own refusal of a key taken twice: atomic() knows a race by it.
        names = ", ".join(f"{table}.{column}" for key in keys for column in key)
        for act, condition, words in (
            ("update", only_erasing, sentence),
            ("delete", "", sentence),
            ("replace", f" WHEN {taken}", f"UNIQUE constraint failed: {names}"),
        ):
            event = "INSERT" if act == "replace" else act.upper()
            written[f"{table}_no_{act}"] = (
                f"CREATE TRIGGER {table}_no_{act} BEFORE {event} ON {table}{condition} "
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
    return written


def _postgresql() -> dict[str, str]:
    written = {}
    for table in (*FIXED, SEALED):
        for act in ("update", "delete", "truncate"):
            each = "STATEMENT" if act == "truncate" else "ROW"
            erasing = {SEALED: "ledger_only_erase", SIGNED: "ledger_only_empty"}
            function = erasing.get(table, "ledger_refuse") if act == "update" else "ledger_refuse"
            written[f"{table}_no_{act}"] = (
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {function}()"
            )
    return written


def _function(name: str, source: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${source}$body$"


POSTGRESQL_FUNCTIONS = {
    "ledger_refuse": _function("ledger_refuse", (
        "BEGIN RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
        "MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never changed or deleted'; END"
    )),
    "ledger_only_erase": _function("ledger_only_erase", (
        f"BEGIN IF {ERASES} THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
        f"MESSAGE = '{ERASE_SENTENCE}'; END"
    )),
    "ledger_only_empty": _function("ledger_only_empty", (
        f"BEGIN IF {empties('postgresql')} THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
        "MESSAGE = 'rows of signature are never changed or deleted'; END"
    )),
}
