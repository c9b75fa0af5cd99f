"""How large a table from outside may be, and the shape in which its rows are handed on."""

from __future__ import annotations

from dataclasses import dataclass

from registry.core.errors import Reason, Refused
from registry.core.words import N_

# What makes a spreadsheet calculate a text (also after spaces, also full-width). Writing puts an
# apostrophe before it, reading takes that away again; hence the apostrophe itself is among them.
CALCULATED = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (in a workbook, the sheet's row number) and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Bounds:
    """The most that is taken; ``unpacked`` is what a workbook may unpack to, in bytes."""

    size: int = 10 * MEGABYTE
    unpacked: int = 40 * MEGABYTE
    parts: int = 500
    rows: int = 20_000
    columns: int = 60
    cell: int = 4_000

    def check_size(self, size: int) -> None:
        """Raise Refused for a file of more bytes than are taken."""
        if size > self.size:
            raise unreadable("table_large", N_("The file is larger than %(limit)d MB. Split it."),
                             limit=self.size // MEGABYTE)

    def check_row(self, line: int) -> None:
        """Raise Refused beyond the last row that is taken."""
        if line > self.rows:
            raise unreadable("table_long", N_("The table has more than %(limit)d rows. Split it."),
                             limit=self.rows)

    def check_columns(self, line: int, count: int) -> None:
        """Raise Refused where a row is wider than is taken."""
        if count > self.columns:
            raise unreadable("table_wide", N_(
                "Line %(line)d has more than %(limit)d columns. Leave only those of the template."),
                line=line, limit=self.columns)

    def check_cell(self, line: int, text: str) -> None:
        """Raise Refused where a cell holds more text than is taken."""
        if len(text) > self.cell:
            raise unreadable("table_cell", N_(
                "A cell in line %(line)d holds more than %(limit)d characters. Shorten it."),
                line=line, limit=self.cell)


def unreadable(code: str, text: str, **params: object) -> Refused:
    """The refusal of a whole file."""
    return Refused(Reason(code, text, params, "file"))


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would calculate it."""
    return f"'{text}" if _is_calculated(text) else text


def unguarded(text: str) -> str:
    """The reverse of ``guarded``, for tables that were exported, edited and brought back."""
    return text[1:] if text.startswith("'") and _is_calculated(text[1:]) else text


def _is_calculated(text: str) -> bool:
    return text.lstrip().startswith(CALCULATED)
