"""Workbooks made to harm: each gets a clear refusal, quickly and in little memory. No database."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.core.errors import Refused
from registry.core.table_bounds import MEGABYTE, Bounds
from registry.core.tables import read_table, write_xlsx
from tests.registry.core.workbooks import (
    MAIN,
    PARTS,
    SHARED,
    SHEET,
    shared,
    sheet,
    text_cell,
    workbook,
)

GOOD = f'<row r="1">{text_cell("A1", "a")}</row>'
LAUGHS = ('<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + at)} "{"&" + chr(97 + at) + ";"}{"&" + chr(97 + at) + ";"}">'
    for at in range(20)) + "]>")
WRITTEN = write_xlsx([["Клиент", "Адрес"], ["Ёлка", "Ленина, 5"], [1, 2.5]])
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def refused(data: bytes, bounds: Bounds | None = None) -> str:
    """The refusal's code; reading took no more memory than the bounds promise."""
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as caught:
            read_table(data, "list.xlsx", bounds)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200 * MEGABYTE
    (reason,) = caught.value.reasons
    assert reason.field == "file"
    return reason.code


@pytest.mark.parametrize(("rows", "code"), [
    ('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>', "xlsx_formula"),
    ('<row r="1"><c r="A1" t="str"><f>HYPERLINK("http://x.example")</f></c></row>',
     "xlsx_formula"),
    ('<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>', "xlsx_error"),
    ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "table_wide"),
    ('<row r="1"><c r="xfd1"><v>1</v></c></row>', "table_wide"),
    ('<row r="1"><c r="ZZZZZZZ1"><v>1</v></c></row>', "table_wide"),
    ('<row r="1">' + "<c><v>1</v></c>" * 61 + "</row>", "table_wide"),
    ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', "table_long"),
    ('<row r="1048576"><c><v>1</v></c></row>', "table_long"),
    ("<row><c><v>1</v></c></row>" * 20_001, "table_long"),
    ('<row r="99999999999999999999"><c><v>1</v></c></row>', "xlsx_broken"),
    ('<row r="-1"><c><v>1</v></c></row>', "xlsx_broken"),
    ('<row r="1"><c r="A-1"><v>1</v></c></row>', "xlsx_broken"),
    ('<row r="1"><c r="А1"><v>1</v></c></row>', "xlsx_broken"),
    ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "xlsx_broken"),
    ('<row r="1"><c r="A1" t="s"><v>-7</v></c></row>', "xlsx_broken"),
    (f'<row r="1">{text_cell("A1", "x" * 5_000)}</row>', "table_cell"),
    ("<row>", "xlsx_broken"),
    ("<x>" * 200 + "</x>" * 200, "xlsx_broken"),
    ("", "table_empty"),
])
def test_a_hostile_sheet_is_refused(rows: str, code: str) -> None:
    assert refused(workbook(rows)) == code


@pytest.mark.parametrize("declared", [LAUGHS, OUTSIDE, '<!DOCTYPE x SYSTEM "http://x.example/d">'])
@pytest.mark.parametrize("part", [SHEET, SHARED, "xl/workbook.xml", "docProps/core.xml"])
def test_no_part_may_declare_entities(part: str, declared: str) -> None:
    content = declared + (PARTS.get(part) or sheet(GOOD))
    assert refused(workbook(GOOD, **{part: content})) == "xlsx_entities"


def test_entities_are_found_in_other_encodings_too() -> None:
    content = f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}{sheet(GOOD)}'.encode("utf-16")
    assert refused(workbook(**{SHEET: content})) == "xlsx_entities"


def test_an_encoding_that_nobody_knows_is_refused() -> None:
    content = f'<?xml version="1.0" encoding="UTF-0"?>{sheet(GOOD)}'
    assert refused(workbook(**{SHEET: content})) == "xlsx_broken"


def test_a_bomb_is_refused_by_the_zips_directory_before_it_is_unpacked() -> None:
    data = workbook(**{SHEET: sheet(" " * 100 * MEGABYTE)})
    assert len(data) < MEGABYTE
    assert refused(data) == "xlsx_bomb"


def test_a_bomb_whose_directory_lies_is_refused_by_the_bytes_that_come() -> None:
    data = bytearray(workbook(**{SHEET: sheet(" " * 50 * MEGABYTE)}))
    name = SHEET.encode()
    local, central = data.find(name) - 30, data.rfind(name) - 46
    struct.pack_into("<I", data, local + 22, 1_000)
    struct.pack_into("<I", data, central + 24, 1_000)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.getinfo(SHEET).file_size == 1_000
    assert refused(bytes(data)) in ("xlsx_bomb", "xlsx_broken")


def test_parts_that_are_many_are_refused() -> None:
    assert refused(workbook(GOOD, **{f"xl/{each}.xml": "<x/>" for each in range(600)})) \
        == "xlsx_bomb"


def test_a_long_text_repeated_in_every_cell_is_refused() -> None:
    text = "x" * 3_000
    row = "".join('<c t="s"><v>0</v></c>' for _ in range(60))
    data = workbook(**{SHEET: sheet(f"<row>{row}</row>" * 1_000), SHARED: shared(text)})
    assert len(data) < MEGABYTE
    assert refused(data) == "xlsx_bomb"


def test_a_claimed_extent_makes_no_room() -> None:
    extent = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{GOOD}' \
             "</sheetData></worksheet>"
    assert [row.cells for row in read_table(workbook(**{SHEET: extent}), "a.xlsx")] == [("a",)]


def test_two_parts_of_one_name_are_refused() -> None:
    file = io.BytesIO(workbook(GOOD))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(SHEET.upper(), sheet(GOOD))
    assert refused(file.getvalue()) == "xlsx_broken"


def test_a_sheet_outside_the_parts_that_were_looked_at_is_not_read() -> None:
    rels = PARTS["xl/_rels/workbook.xml.rels"].replace("sheet1.xml", "sheet1.bin")
    data = workbook(**{"xl/_rels/workbook.xml.rels": rels,
                       "xl/worksheets/sheet1.bin": LAUGHS + sheet(GOOD)})
    assert refused(data) == "xlsx_broken"


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/workbook.xml",
                                  "xl/_rels/workbook.xml.rels", SHEET])
def test_a_workbook_that_lacks_a_part_is_refused(part: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {**PARTS, SHEET: sheet(GOOD)}.items():
            if name != part:
                archive.writestr(name, content)
    assert refused(file.getvalue()) == "xlsx_broken"


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../etc/passwd.xml", "<x/>")
    assert refused(file.getvalue()) == "xlsx_broken"


def test_a_text_called_a_workbook_is_refused() -> None:
    assert refused(b"a;b\n1;2\n") == "table_kind"


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(WRITTEN)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(4, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    try:
        assert read_table(bytes(content), "list.xlsx")
    except Refused as refusal:
        assert refusal.reasons


@settings(max_examples=100)
@given(st.data())
def test_a_sheet_of_damaged_xml_is_read_or_refused(data: st.DataObject) -> None:
    rows = f'<row r="1">{text_cell("A1", "a")}<c r="B1" s="0"><v>1</v></c></row>'
    content = bytearray(sheet(rows * 2).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(32, 126))
    try:
        read_table(workbook(**{SHEET: bytes(content)}), "list.xlsx")
    except Refused as refusal:
        assert refusal.reasons


def test_nothing_is_written_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(Refused):
        read_table(workbook(LAUGHS), "list.xlsx")
    assert list(tmp_path.iterdir()) == []
