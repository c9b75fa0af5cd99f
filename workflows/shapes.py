"""Takes a table of a definition apart, key by key, and notes everything that has no sense.

Each key is taken once; what is left at the end was not understood, and is a finding too: a
misspelt key must not pass in silence. What the keys *mean* is the reader's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from workflows.definition import PARTIES, Span, Title
from workflows.errors import Finding

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_TERM: Final = re.compile(r"(role|relation):[a-z][a-z0-9_]*( and (role|relation):[a-z][a-z0-9_]*)*")
_SPAN: Final = re.compile(r"([1-9][0-9]*)([hd])")


class Table:
    """One table, its place in the definition, and the list where its faults are noted."""

    def __init__(self, value: object, place: str, findings: list[Finding]) -> None:
        self.place = place
        self.findings = findings
        self._left: dict[str, object] = {}
        if isinstance(value, Mapping):
            self._left = {str(key): item for key, item in value.items()}
        else:
            self.note(None, "This is not a table.", "Write a table of keys and values.")

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def note(self, key: str | None, problem: str, remedy: str) -> None:
        """Note a fault at ``key`` of this table (None: at the table itself)."""
        place = ".".join(part for part in (self.place, key) if part) or "the definition"
        self.findings.append(Finding(place, problem, remedy))

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._left:
            self.note(key, "This key is not known here.", "Correct its spelling or leave it out.")

    def text(self, key: str, default: str | None = None) -> str:
        """Take a text; without ``default`` it must be there."""
        value = self._left.pop(key, default)
        if isinstance(value, str) and value.strip():
            return value
        self._wrong(key, value, "a text")
        return ""

    def maybe(self, key: str) -> str | None:
        """Take a text that may be absent."""
        return self.text(key) if key in self else None

    def choice(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """Take one of ``allowed``."""
        value = self.text(key, default)
        if value and value not in allowed:
            self.note(key, f"“{value}” is not known.", f"Choose one of: {', '.join(allowed)}.")
        return value

    def number(self, key: str) -> int:
        """Take a whole number from 1."""
        value = self._left.pop(key, None)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self._wrong(key, value, "a whole number from 1")
        return 0

    def flag(self, key: str) -> bool:
        """Take true or false; absent is false."""
        value = self._left.pop(key, False)
        if not isinstance(value, bool):
            self._wrong(key, value, "true or false")
        return value is True

    def words(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Take a list of texts; one text alone counts as a list of one."""
        value = self._left.pop(key, None)
        if isinstance(value, str) and value.strip():
            return (value,)
        if value is None and not required:
            return ()
        if not isinstance(value, list | tuple) or (required and not value):
            self._wrong(key, value, "a list of texts")
            return ()
        if all(isinstance(item, str) and item.strip() for item in value):
            return tuple(value)
        self._wrong(key, value, "a list of texts, none of them empty")
        return ()

    def terms(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Take a list of terms, each as "role:x", "relation:x" or several joined by " and "."""
        terms = self.words(key, required=required)
        for term in terms:
            if not _TERM.fullmatch(term):
                self.note(key, f"“{term}” does not say who is meant.",
                          "Write “role:name” or “relation:name”, joined by “ and ” if need be.")
        return terms

    def signer(self, key: str) -> str:
        """Take a party of the move, or a term."""
        value = self.text(key)
        if value and value not in PARTIES and not _TERM.fullmatch(value):
            self.note(key, f"“{value}” does not say who signs.",
                      f"Write one of {', '.join(PARTIES)}, “role:name” or “relation:name”.")
        return value

    def span(self, key: str) -> Span | None:
        """Take a span of working time such as "4h" or "2d"; it may be absent."""
        value = self.maybe(key)
        if not value:
            return None
        match = _SPAN.fullmatch(value)
        if match is None:
            self.note(key, f"“{value}” is no working time.", "Write hours as “4h”, days as “2d”.")
            return None
        return Span(int(match[1]), match[2])

    def title(self, key: str) -> Title:
        """Take a name in several languages: {en = "…", ru = "…"}."""
        value = self._left.pop(key, None)
        texts = list(value.values()) if isinstance(value, Mapping) else []
        if isinstance(value, Mapping) and texts and all(isinstance(text, str) for text in texts):
            return Title({str(language): text for language, text in value.items()})
        self._wrong(key, value, "a name in each language, {en = “…”, ru = “…”}")
        return Title()

    def titles(self, key: str) -> dict[str, Title]:
        """Take a table of names in several languages; it may be absent."""
        table = self.table(key)
        return {name: table.title(name) for name in list(table._left)}

    def table(self, key: str, *, required: bool = False) -> Table:
        """Take a table; an absent one counts as empty unless it is required."""
        if required and key not in self:
            self.note(key, "This table is missing.", f"Add [{key}].")
        return Table(self._left.pop(key, {}), f"{self.place}.{key}".lstrip("."), self.findings)

    def rows(self, key: str) -> Iterator[Table]:
        """Take a list of tables; it may be absent."""
        value = self._left.pop(key, [])
        if not isinstance(value, list | tuple):
            self._wrong(key, value, "a list of tables")
            return
        for number, row in enumerate(value):
            yield Table(row, f"{self.place}.{key}[{number}]".lstrip("."), self.findings)

    def named(self, key: str) -> Iterator[tuple[str, Table]]:
        """Take tables by name, in their order: a table of tables, or a list with their names."""
        value = self._left.pop(key, {})
        if isinstance(value, list):
            value = self._by_name(key, value)
        if not isinstance(value, Mapping):
            self._wrong(key, value, "a table of tables")
            return
        for name, row in value.items():
            table = Table(row, f"{self.place}.{key}.{name}".lstrip("."), self.findings)
            if not NAME.fullmatch(str(name)):
                table.note(None, f"“{name}” cannot be a name.",
                           "Use small Latin letters, digits and underscores.")
            yield str(name), table

    def names_left(self) -> tuple[str, ...]:
        """Return the keys not yet taken."""
        return tuple(self._left)

    def _by_name(self, key: str, rows: list[object]) -> dict[str, object]:
        """Turn a list of tables, each with its name, into a table of tables."""
        named: dict[str, object] = {}
        for row in rows:
            name = row.get("name") if isinstance(row, Mapping) else None
            if not isinstance(row, Mapping) or not isinstance(name, str) or name in named:
                self.note(key, f"{row!r} has no name of its own.", "Give each table its name.")
            else:
                named[name] = {part: item for part, item in row.items() if part != "name"}
        return named

    def _wrong(self, key: str, value: object, wanted: str) -> None:
        if value is None:
            self.note(key, "This is missing.", f"Add {wanted}.")
        else:
            self.note(key, f"{value!r} is not {wanted}.", f"Write {wanted}.")
