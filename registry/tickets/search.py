"""Full-text search in Russian and English: stems are kept beside the ticket, on both databases.

Words are stemmed here (Snowball), so both databases find the same tickets: SQLite by an FTS5
table that triggers keep in step, PostgreSQL by a GIN index over the stems.

An index gives all tickets that have a word before the first can be shown. For a word that every
second ticket has it is the wrong road: there the list is walked in its own order and each ticket
looked at, until the page is full. Which road it is, the newest tickets tell (``is_common``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer
from sqlalchemy import ColumnElement, and_, case, func, literal, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstrumentedAttribute

from registry.core.db import db
from registry.tickets.models import Ticket, TicketSearch

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 12
LOOKED_AT, COMMON = 1000, 50

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
    None where the query has no word. Asks the database which road is the shorter; both find the
    same tickets."""
    stems = [stem(word) for word in WORD.findall(query)[:MOST_WORDS]]
    if not stems:
        return None
    return is_walked(stems) if is_common(stems) else is_indexed(stems)


def is_common(stems: Sequence[str]) -> bool:
    """Whether the words stand in at least one of twenty of the newest tickets."""
    newest = (select(TicketSearch.stems.label("stems")).order_by(TicketSearch.ticket_id.desc())
              .limit(LOOKED_AT).subquery())
    having = select(literal(1)).select_from(newest).where(_has(newest.c.stems, stems)).limit(COMMON)
    return db.session.scalar(select(func.count()).select_from(having.subquery())) == COMMON


def is_walked(stems: Sequence[str]) -> ColumnElement[bool]:
    """The ticket's own stems have the words: for a list that is walked. A scalar query, which no
    planner turns into a join over all tickets. Not "equals 1": of that PostgreSQL would believe
    that one ticket in two hundred has it, expect to look at very many for a page, and compile the
    query for ten times as long as it runs."""
    has = (select(case((_has(TicketSearch.stems, stems), 1), else_=0))
           .where(TicketSearch.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery())
    return has != 0


def is_indexed(stems: Sequence[str]) -> ColumnElement[bool]:
    """The full-text index names the ticket."""
    if _on_sqlite():
        words = " ".join(f'"{each}"' for each in stems) + "*"
        return text("ticket.id IN (SELECT rowid FROM ticket_fts WHERE ticket_fts MATCH :words)"
                    ).bindparams(words=words)  # type: ignore[return-value]
    words = " & ".join(stems) + ":*"
    return text("ticket.id IN (SELECT ticket_id FROM ticket_search WHERE "
                "to_tsvector('simple', stems) @@ to_tsquery('simple', :words))"
                ).bindparams(words=words)  # type: ignore[return-value]


def _has(kept: ColumnElement[str] | InstrumentedAttribute[str],
         stems: Sequence[str]) -> ColumnElement[bool]:
    """Whether the kept stems, one blank between two, have each of ``stems``."""
    place = func.instr if _on_sqlite() else func.strpos
    *whole, beginning = stems
    line = literal(" ").concat(kept).concat(" ")
    return and_(*(place(line, f" {each} ") > 0 for each in whole), place(line, f" {beginning}") > 0)


def _on_sqlite() -> bool:
    return bool(db.session.get_bind().dialect.name == "sqlite")
