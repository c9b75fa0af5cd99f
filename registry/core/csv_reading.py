"""Reading CSV as it comes out of other programs: in which encoding, with which delimiter.

Both are judged by the content. What cannot be judged for certain is refused with the line: a
guess would enter broken names into the registry.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from registry.core.errors import Refused
from registry.core.table_bounds import Bounds, Row, unguarded, unreadable
from registry.core.words import N_

DELIMITERS = ";,\t|"
SAMPLE = 20
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MIXED = re.compile("[A-Za-z][А-Яа-яЁё]|[А-Яа-яЁё][A-Za-z]")
CYRILLIC = re.compile("[А-Яа-яЁё№«»–—]")


def read_csv(data: bytes, bounds: Bounds) -> list[Row]:
    """The rows that have something in them. Raises Refused for what is no CSV within bounds."""
    text = decoded(data)
    odd = UNPRINTABLE.search(text)
    if odd:
        raise _binary(text.count("\n", 0, odd.start()) + 1)
    delimiter, text, skipped = _delimiter_of(text)
    rows: list[Row] = []
    for line, cells in _lines(text, delimiter, bounds.size):
        line += skipped
        bounds.check_columns(line, _width(cells))
        if any(cell.strip() for cell in cells):
            bounds.check_row(len(rows) + 1)
            for cell in cells:
                bounds.check_cell(line, cell)
            rows.append(Row(line, tuple(map(unguarded, cells))))
    return rows


def decoded(data: bytes) -> str:
    """The text: UTF-8 with or without its mark, UTF-16 with it, else Windows-1251 where the
    result reads as Russian. Raises Refused where none of these fits."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(data, "utf-16")
    if b"\0" in data:
        raise _binary(data.count(b"\n", 0, data.index(b"\0")) + 1)
    if data.startswith(codecs.BOM_UTF8):
        return _strictly(data, "utf-8-sig")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not _is_damaged_utf8(data) and _reads_as_russian(data):
            return data.decode("cp1251")
        raise _broken(data.count(b"\n", 0, error.start) + 1) from None


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="ignore")
        raise _broken(before.count("\n") + 1) from None


def _binary(line: int) -> Refused:
    return unreadable("csv_binary", N_(
        "Line %(line)d holds characters that no text has. This is not a CSV file: save the "
        "table as CSV (UTF-8) and choose it again."), line=line)


def _broken(line: int) -> Refused:
    return unreadable("csv_encoding", N_(
        "Line %(line)d holds bytes that are no letters in any encoding known here. Save the table "
        "as CSV (UTF-8) and choose it again."), line=line)


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most letters beyond ASCII are good UTF-8: then it is UTF-8 that broke on the way,
    and reading it as Windows-1251 would only turn every name into rubbish."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(each > "\x7f" for each in text) - broken
    return whole > broken


def _reads_as_russian(data: bytes) -> bool:
    """Whether nearly all letters beyond ASCII are Russian, and words are of one alphabet: what was
    written in a Western encoding would give «Mьller»."""
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError:
        return False
    foreign = sum(each > "\x7f" and each != "\u00a0" for each in text)
    mixed = len(MIXED.findall(text))
    return len(CYRILLIC.findall(text)) - mixed >= foreign * 0.9


def _delimiter_of(text: str) -> tuple[str, str, int]:
    """The delimiter, the text after Excel's ``sep=;`` line, and how many lines that took."""
    said = re.match(r"sep=([;,\t|])\r?\n", text)
    if said:
        return said[1], text[said.end():], 1

    def columns(delimiter: str) -> tuple[int, int]:
        widths = []
        for _line, cells in _lines(text[:65_536], delimiter, 65_536, is_cut=True):
            widths.append(len(cells))
            if len(widths) == SAMPLE:
                break
        first = widths[0] if widths else 1
        return (first if first > 1 else 0, widths.count(first))

    return max(DELIMITERS, key=columns), text, 0


def _lines(text: str, delimiter: str, longest: int,
           is_cut: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins. A sample that was cut may end within quotes."""
    csv.field_size_limit(longest)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=not is_cut)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise unreadable("csv_quotes", N_(
                "The quotation marks that begin in line %(line)d do not fit together. Save the "
                "table as CSV again."), line=line) from None
        yield line, cells
        line = reader.line_num + 1


def _width(cells: list[str]) -> int:
    """How many columns the row has, not counting the empty ones at its end."""
    return next((at for at in range(len(cells), 0, -1) if cells[at - 1].strip()), 0)
