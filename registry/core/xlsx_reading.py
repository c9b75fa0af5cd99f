"""Reading a workbook that may be hostile.

The zip's directory is judged before anything is unpacked; each part is unpacked by counted bytes
and walked as XML without entities; formulas, errors and cells outside the bounds are refused. The
reader proper (calamine) then gets a new archive of exactly the parts that were looked at, so it
cannot see another file than we did.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from registry.core.errors import Refused
from registry.core.table_bounds import Bounds, Row, unreadable
from registry.core.words import N_
from registry.core.xlsx_parts import PartChecker, bomb

PARTS = (".xml", ".rels")
BLOCK = 1 << 16


def read_xlsx(data: bytes, bounds: Bounds) -> list[Row]:
    """The rows of the first sheet that have something in them. Raises Refused for anything that
    is no plain workbook within bounds."""
    book = _opened(_checked_copy(data, bounds))
    rows: list[Row] = []
    for line, cells in enumerate(_cells_of(book), start=1):
        texts = tuple(_text(cell) for cell in cells)
        if any(text.strip() for text in texts):
            bounds.check_row(len(rows) + 1)
            for text in texts:
                bounds.check_cell(line, text)
            rows.append(Row(line, texts))
    return rows


def broken() -> Refused:
    """The refusal of what calls itself a workbook and is none."""
    return unreadable("xlsx_broken", N_(
        "This Excel file is damaged or not a plain workbook. Open it, save it as .xlsx again, or "
        "save it as CSV."))


def _checked_copy(data: bytes, bounds: Bounds) -> io.BytesIO:
    """A new archive of the XML parts, each of them looked at."""
    copy, checker = io.BytesIO(), PartChecker(bounds)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(copy, "w") as clean:
            left = bounds.unpacked
            for entry in _directory(archive, bounds):
                content = _unpacked(archive, entry, left)
                left -= len(content)
                checker.check(content)
                clean.writestr(zipfile.ZipInfo(entry.filename), content)
        checker.check_whole()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError,
            RuntimeError):
        # RuntimeError is how zipfile says "encrypted"; NotImplementedError, a rare compression.
        raise broken() from None
    copy.seek(0)
    return copy


def _directory(archive: zipfile.ZipFile, bounds: Bounds) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    names = {entry.filename.lower() for entry in entries}
    if len(entries) > bounds.parts or sum(each.file_size for each in entries) > bounds.unpacked:
        raise bomb()
    if len(names) < len(entries) or "[content_types].xml" not in names:
        raise broken()
    return [entry for entry in entries if entry.filename.lower().endswith(PARTS)]


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """The part's bytes, counted as they come: the directory may lie about their number."""
    blocks = []
    with archive.open(entry) as part:
        while block := part.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise bomb()
            blocks.append(block)
    return b"".join(blocks)


def _opened(copy: io.BytesIO) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(copy)
    except CalamineError:
        raise broken() from None


def _cells_of(book: CalamineWorkbook) -> Sequence[Sequence[object]]:
    if not book.sheet_names:
        raise broken()
    try:
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError:
        raise broken() from None


def _text(cell: object) -> str:
    """What the reader of the sheet sees, as text; whole numbers without a decimal point."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
