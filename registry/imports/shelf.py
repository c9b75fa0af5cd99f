"""Puts the events of a log in order by cases, in a temporary file of its own.

Logs are often written in the order of time, their cases interleaved; a registry takes in one case
after the other. The file is gone with the shelf, and memory stays flat however long the log is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from registry.core.words import N_
from registry.imports.events import Event, Record
from registry.imports.log_file import refused

SCHEMA = """
CREATE TABLE shelf (number INTEGER PRIMARY KEY, name TEXT UNIQUE, events INTEGER);
CREATE TABLE record (shelf INTEGER, at INTEGER, body TEXT);
"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
AT_A_TIME = 2000
TAKE = "SELECT record.shelf, name, at, body FROM record JOIN shelf ON number = record.shelf "
# What happened at the same moment stays as it stood in the log.
QUERIES = {
    "time": TAKE + "WHERE record.shelf > ? ORDER BY record.shelf, at, record.rowid",
    "file": TAKE + "WHERE record.shelf > ? ORDER BY record.shelf, record.rowid",
}
INDEXES = {"time": "CREATE INDEX by_shelf ON record(shelf, at)",
           "file": "CREATE INDEX by_shelf ON record(shelf)"}


class Shelf:
    """Put every record, then ``close_up``, then take the cases, as often as wanted.

    ``order`` within a case is "time" or "file"; a case may have ``most_events``.
    """

    def __init__(self, order: str, most_events: int) -> None:
        self._order, self._most = order, most_events
        self._book = sqlite3.connect("", isolation_level=None)
        self._book.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        self._book.execute("BEGIN")
        self._name, self._number, self._here = "", 0, 0
        self._waiting: list[tuple[int, int, str]] = []
        self.cases = self.events = 0

    def close(self) -> None:
        """Throw everything away."""
        self._book.close()

    def put(self, record: Record) -> None:
        """Put a record to its case. Raises Refused for a case of more events than any has."""
        if record.case != self._name:
            self._turn_to(record.case)
        self._here += 1
        if self._here > self._most:
            raise refused("case_long", N_(
                "The case “%(case)s” has more than %(limit)d events. Look whether the mapping "
                "names the right column for the case."), case=record.case, limit=self._most)
        event = record.event
        body = json.dumps((event.line, event.state, event.activity, event.transition, event.actor,
                           event.resource, event.group, record.facts), ensure_ascii=False)
        self._waiting.append((self._number, (event.at - EPOCH) // MICROSECOND, body))
        self.events += 1
        if len(self._waiting) == AT_A_TIME:
            self._write()

    def close_up(self) -> None:
        """No more records come."""
        self._turn_to("")
        self._write()
        self._book.execute(INDEXES[self._order])

    def taken(self, after: int) -> Iterator[list[Record]]:
        """The records of each case, cases in the order in which the log names them first, without
        the first ``after`` of them."""
        found: list[Record] = []
        before = 0
        for number, name, at, body in self._book.execute(QUERIES[self._order],
                                                         (after,)):
            if number != before and found:
                yield found
                found = []
            before = number
            line, state, activity, transition, actor, resource, group, facts = json.loads(body)
            found.append(Record(name, Event(line, EPOCH + at * MICROSECOND, state, activity,
                                            transition, actor, resource, group), tuple(facts)))
        if found:
            yield found

    def _turn_to(self, name: str) -> None:
        """Note how many events the case before has, and find the shelf of this one."""
        if self._number:
            self._book.execute("UPDATE shelf SET events = ? WHERE number = ?",
                               (self._here, self._number))
        self._name, self._number, self._here = name, 0, 0
        if not name:
            return
        known = self._book.execute("SELECT number, events FROM shelf WHERE name = ?",
                                   (name,)).fetchone()
        if known is None:
            self.cases += 1
            self._book.execute("INSERT INTO shelf VALUES (?, ?, 0)", (self.cases, name))
            known = self.cases, 0
        self._number, self._here = known

    def _write(self) -> None:
        self._book.executemany("INSERT INTO record VALUES (?, ?, ?)", self._waiting)
        self._waiting.clear()
