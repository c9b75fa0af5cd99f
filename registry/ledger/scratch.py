"""The notebook of one run of ``verify``: what entries refer to, to be met by other tables' rows.

A database in a temporary file of its own, gone with the run, so that a million entries need no
memory. It never touches the registry's database.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

SCHEMA = """
CREATE TABLE named_signature (statement TEXT, chain BLOB, seq INTEGER, claim TEXT);
CREATE TABLE met_signature (statement TEXT);
CREATE TABLE named_seal (seal TEXT, chain BLOB, seq INTEGER);
CREATE TABLE met_seal (seal TEXT);
CREATE TABLE erasure (seal TEXT, chain BLOB, seq INTEGER, at TEXT);
CREATE TABLE emptying (statement TEXT, chain BLOB, seq INTEGER, act TEXT, nonce TEXT);
CREATE TABLE tail (chain BLOB, seq INTEGER, hash TEXT);
CREATE TABLE owned (chain BLOB);
"""
INDEXES = (("named_signature", "statement"), ("named_seal", "seal"), ("erasure", "seal"),
           ("emptying", "statement"),
           ("tail", "chain"))
AT_A_TIME = 5000

Place = tuple[str, int]


class Scratch:
    """Write everything first, then ``close_book``, then look things up."""

    def __init__(self) -> None:
        self._book = sqlite3.connect("", isolation_level=None)
        self._book.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        self._book.execute("BEGIN")
        self._waiting: dict[str, list[tuple[Any, ...]]] = {}

    def close(self) -> None:
        """Throw the notebook away."""
        self._book.close()

    def name_signature(self, place: Place, statement: str, claim: Mapping[str, Any]) -> None:
        """The entry names a signature and says of it what ``claim`` holds."""
        self._add("named_signature", statement, _key(place[0]), place[1], json.dumps(claim))

    def name_seal(self, place: Place, seal: str) -> None:
        """The entry holds a seal."""
        self._add("named_seal", seal, _key(place[0]), place[1])

    def name_erasure(self, place: Place, seal: str, at: str) -> None:
        """The entry says that the words behind the seal were erased."""
        self._add("erasure", seal, _key(place[0]), place[1], at)

    def name_emptying(self, place: Place, statement: str, act: str, nonce: str) -> None:
        """The entry says that a signed statement was erased, and what else it alone had said."""
        self._add("emptying", statement, _key(place[0]), place[1], act, nonce)

    def add_tail(self, chain: str, seq: int, last_hash: str) -> None:
        """The chain's last entry."""
        self._add("tail", _key(chain), seq, last_hash)

    def meet_signature(self, statement: str) -> None:
        """There is a signature under the statement."""
        self._add("met_signature", statement)

    def meet_seal(self, seal: str) -> None:
        """There are sealed words."""
        self._add("met_seal", seal)

    def meet_owner(self, chain: str) -> None:
        """The chain has an owner."""
        self._add("owned", _key(chain))

    def _add(self, table: str, *values: Any) -> None:
        rows = self._waiting.setdefault(table, [])
        rows.append(values)
        if len(rows) >= AT_A_TIME:
            self._write(table)

    def _write(self, table: str) -> None:
        rows = self._waiting.pop(table, [])
        if rows:
            places = ", ".join("?" * len(rows[0]))
            self._book.executemany(f"INSERT INTO {table} VALUES ({places})", rows)

    def close_book(self) -> None:
        """All entries were read: index what they name."""
        for table in list(self._waiting):
            self._write(table)
        for table, column in INDEXES:
            self._book.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")

    def signature_named(self, statement: str) -> list[tuple[Place, dict[str, Any]]]:
        """Where the signature is named, and what is said of it there."""
        rows = self._book.execute(
            "SELECT chain, seq, claim FROM named_signature WHERE statement = ?", (statement,))
        return [((_chain(chain), seq), json.loads(claim)) for chain, seq, claim in rows]

    def seal_named(self, seal: str) -> Place | None:
        """Where the seal is named first."""
        row = self._book.execute(
            "SELECT chain, seq FROM named_seal WHERE seal = ? LIMIT 1", (seal,)).fetchone()
        return (_chain(row[0]), row[1]) if row else None

    def erasures(self, seal: str) -> list[tuple[Place, str]]:
        """The entries that say that the words were erased, and when."""
        rows = self._book.execute("SELECT chain, seq, at FROM erasure WHERE seal = ?", (seal,))
        return [((_chain(chain), seq), at) for chain, seq, at in rows]

    def emptyings(self, statement: str) -> list[tuple[Place, str, str]]:
        """The entries that say that the statement was erased, with its act and its nonce."""
        rows = self._book.execute(
            "SELECT chain, seq, act, nonce FROM emptying WHERE statement = ?", (statement,))
        return [((_chain(chain), seq), act, nonce) for chain, seq, act, nonce in rows]

    def seals(self) -> Iterator[str]:
        """Every seal that is named."""
        yield from (row[0] for row in self._book.execute("SELECT DISTINCT seal FROM named_seal"))

    def tail(self, chain: str) -> tuple[int, str] | None:
        """Number and hash of the chain's last entry."""
        row: tuple[int, str] | None = self._book.execute(
            "SELECT seq, hash FROM tail WHERE chain = ?", (_key(chain),)).fetchone()
        return row

    def unmet_signatures(self) -> Iterator[tuple[Place, str]]:
        """Signatures that are named but not there."""
        return self._unmet("named_signature", "met_signature", "statement")

    def unmet_seals(self) -> Iterator[tuple[Place, str]]:
        """Sealed words that are named but not there."""
        return self._unmet("named_seal", "met_seal", "seal")

    def _unmet(self, named: str, met: str, key: str) -> Iterator[tuple[Place, str]]:
        self._write(met)
        rows = self._book.execute(
            f"SELECT chain, seq, {key} FROM {named} WHERE {key} NOT IN (SELECT {key} FROM {met})")
        yield from (((_chain(chain), seq), value) for chain, seq, value in rows)

    def unowned(self) -> Iterator[str]:
        """Chains that no owner named."""
        self._write("owned")
        rows = self._book.execute(
            "SELECT chain FROM tail WHERE chain NOT IN (SELECT chain FROM owned)")
        yield from (_chain(row[0]) for row in rows)


def _key(chain: str) -> bytes:
    """A damaged name may hold what is no text."""
    return chain.encode("utf-8", "surrogateescape")


def _chain(key: bytes) -> str:
    return key.decode("utf-8", "surrogateescape")
