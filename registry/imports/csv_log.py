"""Reads an event log in CSV row by row, whatever its length. Bad rows are named and left out.

A file is refused whole where nobody could say any more where a row begins: quotation marks that
do not fit, a line without end, an encoding that is not the mapping's, columns that are missing.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.imports.events import Fault, Row
from registry.imports.log_file import Bounds, refused
from registry.imports.mapping import Mapping


def read_csv_log(file: BinaryIO, mapping: Mapping, bounds: Bounds) -> Iterator[Row | Fault]:
    """The rows below the heading. Raises Refused for the whole file, also in its middle."""
    rows = _rows(file, mapping, bounds)
    heading = next(rows, None)
    if heading is None:
        raise refused("log_empty", N_("There is nothing in this file."))
    places = _places(heading[1], mapping)
    width = len(heading[1])
    for line, cells in rows:
        if len(cells) == width:
            yield Row(line, {column: cells[place] for column, place in places})
        elif any(cells):
            yield Fault(line, (Reason("row_width", N_("%(count)d cells where the heading has "
                                                      "%(width)d"),
                                      {"count": len(cells), "width": width}),))


def _places(heading: Sequence[str], mapping: Mapping) -> list[tuple[str, int]]:
    """Where each column of the mapping stands. Raises Refused with every one that does not."""
    names = [name.strip() for name in heading]
    counts = Counter(names)
    faults = [Reason("column_missing", N_("The file has no column “%(column)s”, which the mapping "
                                          "names."), {"column": column}, "file")
              for column in mapping.columns if not counts[column]]
    faults += [Reason("column_twice", N_("The file has the column “%(column)s” more than once."),
                      {"column": column}, "file")
               for column in mapping.columns if counts[column] > 1]
    if faults:
        raise Refused(faults)
    return [(column, names.index(column)) for column in mapping.columns]


def _rows(file: BinaryIO, mapping: Mapping, bounds: Bounds) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    csv.field_size_limit(bounds.cell)
    reader = csv.reader(_lines(file, mapping.encoding, bounds), delimiter=mapping.delimiter,
                        strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise refused("csv_quotes", N_(
                "The row that begins in line %(line)d has no end: its quotation marks do not fit "
                "together, or a cell is longer than %(limit)d characters."),
                line=line, limit=bounds.cell) from None
        yield line, cells
        line = reader.line_num + 1


def _lines(file: BinaryIO, encoding: str, bounds: Bounds) -> Iterator[str]:
    number = 0
    while data := file.readline(bounds.line + 1):
        number += 1
        if len(data) > bounds.line:
            raise refused("log_line", N_("Line %(line)d is longer than %(limit)d bytes. This is no "
                                         "CSV file, or not one of lines."),
                          line=number, limit=bounds.line)
        if number == 1:
            data = _without_mark(data)
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError:
            raise refused("log_encoding", N_(
                "Line %(line)d cannot be read as %(encoding)s. Say in the mapping which encoding "
                "the file has."), line=number, encoding=encoding) from None


def _without_mark(data: bytes) -> bytes:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refused("log_utf16", N_("The file is in UTF-16. Save it as UTF-8."))
    return data.removeprefix(codecs.BOM_UTF8)
