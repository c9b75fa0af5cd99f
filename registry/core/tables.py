"""Tables as people exchange them: reading CSV and XLSX into rows, writing exports.

A file from outside is judged here and nowhere else: by its content, not its name, and within
bounds; every refusal says what to do. What the columns mean is the areas' business. Reading is in
csv_reading.py and xlsx_reading.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from pathlib import PurePath

import xlsxwriter

from registry.core.csv_reading import read_csv
from registry.core.errors import Reason, Refused
from registry.core.table_bounds import Bounds, Row, guarded, unreadable
from registry.core.words import N_
from registry.core.xlsx_reading import read_xlsx

__all__ = ["Bounds", "Row", "csv_pieces", "read_table", "write_csv", "write_xlsx"]

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOMENT = "%Y-%m-%d %H:%M"
Cell = str | int | float | Decimal | bool | date | datetime | None


def read_table(data: bytes, name: str, bounds: Bounds | None = None) -> list[Row]:
    """The rows of the first sheet, without the empty ones, each with its line in the file.

    Raises Refused with one clear sentence for whatever cannot be read whole and safely.
    """
    bounds = bounds or Bounds()
    bounds.check_size(len(data))
    ending = PurePath(name).suffix.lower()
    if data.startswith(OLD_EXCEL) or ending == ".xls":
        raise unreadable("table_old_excel", N_(
            "This is an old or protected Excel file. Save it as .xlsx without a password, or as "
            "CSV, and choose it again."))
    is_workbook = data.startswith(ZIP)
    if is_workbook != (ending in (".xlsx", ".xlsm")):
        raise Refused(Reason("table_kind", N_(
            "The content of “%(name)s” is not what its ending says. Save the table as .xlsx or as "
            ".csv and choose it again."), {"name": PurePath(name).name[:80]}, "file"))
    rows = read_xlsx(data, bounds) if is_workbook else read_csv(data, bounds)
    if not rows:
        raise unreadable("table_empty", N_("There is nothing in this file."))
    return rows


def write_csv(rows: Iterable[Sequence[Cell]], *, zone: tzinfo = UTC) -> bytes:
    """The rows as CSV that Excel opens as well: UTF-8 with its mark, semicolons, moments on the
    clock of ``zone``. No text can act as a formula."""
    return b"".join(csv_pieces(rows, zone=zone))


def csv_pieces(rows: Iterable[Sequence[Cell]], *, zone: tzinfo = UTC) -> Iterator[bytes]:
    """As ``write_csv``, piece by piece, for answers that are too long to keep in memory."""
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";", lineterminator="\r\n")
    yield "\ufeff".encode()
    for row in rows:
        writer.writerow([csv_text(cell, zone) for cell in row])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def csv_text(cell: Cell, zone: tzinfo) -> str:
    """A cell as CSV text; texts that a spreadsheet would calculate get an apostrophe before."""
    if isinstance(cell, str):
        return guarded(printable(cell))
    if isinstance(cell, datetime):
        return cell.astimezone(zone).strftime(MOMENT)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return "" if cell is None else str(cell)


def write_xlsx(rows: Iterable[Sequence[Cell]], *, zone: tzinfo = UTC, title: str = "") -> bytes:
    """The rows as a workbook of one sheet: the first row stays in sight and can be filtered,
    numbers and moments are cells of their kind, a text is never a formula or a link."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "remove_timezone": False,
    }) as book:
        formats = {"head": book.add_format({"bold": True, "bottom": 1}),
                   "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
                   "day": book.add_format({"num_format": "yyyy-mm-dd"})}
        sheet = book.add_worksheet(sheet_title(title) or None)
        sheet.freeze_panes(1, 0)
        width = height = 0
        for height, row in enumerate(rows, start=1):
            width = max(width, len(row))
            for column, cell in enumerate(row):
                _write_cell(sheet, height - 1, column, cell, formats, zone)
        if height > 1 and width:
            sheet.autofilter(0, 0, height - 1, width - 1)
            sheet.set_column(0, width - 1, 18)
    return file.getvalue()


def printable(text: str) -> str:
    """The text without what neither a table nor XML can hold; line breaks are line feeds."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        "\ufffd" if _is_unwritable(each) else each for each in lines)


def sheet_title(title: str) -> str:
    """The title as Excel takes it: at most 31 characters, none of ``[]:*?/\\``."""
    return "".join(each for each in printable(title) if each not in "[]:*?/\\\n")[:31].strip("'")


def _is_unwritable(character: str) -> bool:
    code = ord(character)
    return ((code < 0x20 and character not in "\t\n") or 0x7F <= code < 0xA0
            or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF, 0xFEFF))


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell,
                formats: dict[str, xlsxwriter.format.Format], zone: tzinfo) -> None:
    head = formats["head"] if row == 0 else None
    if isinstance(cell, datetime):
        there = cell.astimezone(zone).replace(tzinfo=None)
        sheet.write_datetime(row, column, there, formats["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, formats["day"])
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float | Decimal):
        sheet.write_number(row, column, cell)
    elif cell:
        sheet.write_string(row, column, printable(cell)[:32767], head)
