"""Full-text search in Russian and English: stems are kept beside the ticket, on both databases.

Words are stemmed here (Snowball), so both databases find the same tickets: SQLite by an FTS5
table that triggers keep in step, PostgreSQL by a GIN index over the stems.
"""

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer
from sqlalchemy import ColumnElement, text
from sqlalchemy.engine import Connection

from registry.core.db import db

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 12

SQLITE = (
    """CREATE VIRTUAL TABLE ticket_fts USING fts5(
        stems, content='ticket_search', content_rowid='ticket_id', tokenize='unicode61')""",
    """CREATE TRIGGER ticket_search_added AFTER INSERT ON ticket_search BEGIN
        INSERT INTO ticket_fts(rowid, stems) VALUES (NEW.ticket_id, NEW.stems); END""",
    """CREATE TRIGGER ticket_search_removed AFTER DELETE ON ticket_search BEGIN
        INSERT INTO ticket_fts(ticket_fts, rowid, stems)
        VALUES ('delete', OLD.ticket_id, OLD.stems); END""",
    """CREATE TRIGGER ticket_search_changed AFTER UPDATE ON ticket_search BEGIN
        INSERT INTO ticket_fts(ticket_fts, rowid, stems)
        VALUES ('delete', OLD.ticket_id, OLD.stems);
        INSERT INTO ticket_fts(rowid, stems) VALUES (NEW.ticket_id, NEW.stems); END""",
)
POSTGRESQL = (
    "CREATE INDEX ix_ticket_search_stems ON ticket_search "
    "USING gin (to_tsvector('simple', stems))",
)


def create_search(connection: Connection) -> None:
    """Make the index of the stems (called by the first revision)."""
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def drop_search(connection: Connection) -> None:
    """Undo ``create_search`` (the tables fall with their revision)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TABLE IF EXISTS ticket_fts")


@lru_cache(maxsize=2)
def _stemmer(language: str) -> object:
    return snowballstemmer.stemmer(language)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of one word: «заявкой» → «заявк», «lines» → «line»."""
    word = word.casefold().replace("ё", "е")
    language = "russian" if re.search("[а-я]", word) else "english"
    return _stemmer(language).stemWord(word)  # type: ignore[attr-defined]


def stems_of(*texts: str) -> str:
    """All stems of the texts, separated by blanks."""
    return " ".join(stem(word) for each in texts for word in WORD.findall(each))


def matches(query: str) -> ColumnElement[bool] | None:
    """The condition that a ticket has every word of ``query`` (the last one as a beginning);
    None where the query has no word."""
    stems = [stem(word) for word in WORD.findall(query)[:MOST_WORDS]]
    if not stems:
        return None
    if db.session.get_bind().dialect.name == "sqlite":
        words = " ".join(f'"{each}"' for each in stems) + "*"
        return text("ticket.id IN (SELECT rowid FROM ticket_fts WHERE ticket_fts MATCH :words)"
                    ).bindparams(words=words)  # type: ignore[return-value]
    words = " & ".join(stems) + ":*"
    return text("ticket.id IN (SELECT ticket_id FROM ticket_search WHERE "
                "to_tsvector('simple', stems) @@ to_tsquery('simple', :words))"
                ).bindparams(words=words)  # type: ignore[return-value]
