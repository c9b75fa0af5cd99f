"""Exports come back as they were written, and nothing in them can act; what other programs write
is read for what it says. No database."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Refused
from registry.core.table_bounds import Bounds, guarded, unguarded
from registry.core.tables import csv_pieces, printable, read_table, write_csv, write_xlsx
from tests.registry.core.workbooks import SHARED, SHEET, shared, sheet, text_cell, workbook

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
TABLES = st.lists(st.lists(TEXT, min_size=1, max_size=5), min_size=1, max_size=6)


def cells(data: bytes, name: str, bounds: Bounds | None = None) -> list[list[str]]:
    """What is read, without lines and the empty cells at the ends of rows."""
    found = []
    for row in read_table(data, name, bounds):
        texts = list(row.cells)
        while texts and not texts[-1].strip():
            texts.pop()
        found.append(texts)
    return found


def as_written(rows: list[list[str]]) -> list[list[str]]:
    """What should be read of the rows that were written."""
    found = []
    for row in rows:
        texts = [printable(each) for each in row]
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            found.append(texts)
    return found


def refused(data: bytes, name: str, bounds: Bounds | None = None) -> str:
    with pytest.raises(Refused) as caught:
        read_table(data, name, bounds)
    (reason,) = caught.value.reasons
    assert reason.field == "file"
    assert str(reason)
    return reason.code


@given(TABLES)
def test_what_is_exported_as_csv_comes_back_unchanged(rows: list[list[str]]) -> None:
    if as_written(rows):
        assert cells(write_csv([["head", "of", "five", "columns", "."], *rows]), "a.csv")[1:] \
            == as_written(rows)


@given(TABLES)
def test_what_is_exported_as_a_workbook_comes_back_unchanged(rows: list[list[str]]) -> None:
    if as_written(rows):
        assert cells(write_xlsx(rows), "a.xlsx") == as_written(rows)


@given(TEXT)
def test_no_exported_text_begins_like_a_formula(text: str) -> None:
    (written,) = next(csv.reader(io.StringIO(write_csv([[text]]).decode("utf-8-sig")),
                                 delimiter=";"), [""]) or [""]
    assert not written.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(TEXT)
def test_taking_the_guard_away_is_the_reverse_of_setting_it(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_numbers_and_moments_are_written_as_such() -> None:
    moment = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
    row = [1, -2.5, Decimal("0.500"), True, date(2026, 1, 2), moment, None]
    moscow = ZoneInfo("Europe/Moscow")
    assert write_csv([row], zone=moscow).decode("utf-8-sig") == (
        "1;-2.5;0.500;True;2026-01-02;2026-11-24 10:40;\r\n")
    assert cells(write_xlsx([["head"], row], zone=moscow), "a.xlsx")[1] == [
        "1", "-2.5", "0.5", "yes", "2026-01-02", "2026-11-24 10:40"]


def test_csv_can_be_written_piece_by_piece() -> None:
    rows = ([str(number)] for number in range(3))
    pieces = csv_pieces(rows)
    assert next(pieces) == b"\xef\xbb\xbf"
    assert list(pieces) == [b"0\r\n", b"1\r\n", b"2\r\n"]


def test_a_workbook_may_have_any_title() -> None:
    assert cells(write_xlsx([["a"]], title="Реестр: [всё] " + "x" * 40), "a.xlsx") == [["a"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encoding_and_delimiter_are_told_by_the_content(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["Клиент", "Адрес"]) + "\n" + delimiter.join(["Ёлка", "«Ленина, 5»"])
    if delimiter == ",":
        text = text.replace("«Ленина, 5»", '"«Ленина, 5»"')
    assert cells(text.encode(encoding), "list.csv") == [["Клиент", "Адрес"],
                                                        ["Ёлка", "«Ленина, 5»"]]


def test_the_delimiter_that_excel_names_itself_is_taken() -> None:
    rows = read_table(b"sep=,\r\na;b,c\r\n1,2\r\n", "list.csv")
    assert [(row.line, row.cells) for row in rows] == [(2, ("a;b", "c")), (3, ("1", "2"))]


def test_each_row_knows_its_line_in_the_file() -> None:
    rows = read_table(b'a;b\n\n"1\n2";3\n\n4;5\n', "list.csv")
    assert [(row.line, row.cells[0]) for row in rows] == [(1, "a"), (3, "1\n2"), (6, "4")]
    rows = read_table(workbook(f'<row r="2">{text_cell("A2", "a")}</row>'
                               f'<row r="7">{text_cell("B7", "b")}</row>'), "list.xlsx")
    assert [(row.line, row.cells) for row in rows] == [(2, ("a", "")), (7, ("", "b"))]


def test_a_telephone_number_that_excel_took_for_a_number_keeps_its_digits() -> None:
    data = workbook('<row r="1"><c r="A1"><v>84951234567</v></c><c r="B1"><v>0.5</v></c></row>')
    assert cells(data, "list.xlsx") == [["84951234567", "0.5"]]


def test_shared_texts_are_read() -> None:
    data = workbook(**{SHEET: sheet('<row r="1"><c r="A1" t="s"><v>1</v></c></row>'),
                       SHARED: shared("first", "second")})
    assert cells(data, "list.xlsx") == [["second"]]


def test_a_sheet_that_is_only_formatted_far_down_is_taken() -> None:
    data = workbook(f'<row r="1">{text_cell("A1", "a")}</row>'
                    '<row r="1048576"><c r="XFD1048576" s="1"/></row>')
    assert cells(data, "list.xlsx") == [["a"]]


@pytest.mark.parametrize(("content", "code"), [
    (b"", "table_empty"),
    (b" ;\n;;\n", "table_empty"),
    (workbook(), "table_kind"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "csv_binary"),
    (b"a;b\n1;\x00\n", "csv_binary"),
    (b"a;b\n1;\x1b[31m\n", "csv_binary"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "table_old_excel"),
    ("Клиент;Адрес\nЁл".encode() + b"\xd0" + "ка;Ленина".encode(), "csv_encoding"),
    (b"\xef\xbb\xbfa;\xff\n", "csv_encoding"),
    (b"\xff\xfea", "csv_encoding"),
    (b"a;\x98\xff\n", "csv_encoding"),
    ("Müller;Zoë".encode("latin-1"), "csv_encoding"),
    (b'a;"b\n1;2\n', "csv_quotes"),
    (b'a;b\n"1"x;2\n', "csv_quotes"),
    (b";" * 1_000_000 + b"x\n", "table_wide"),
    (b",".join([b"a"] * 1_000_000), "table_wide"),
    (b"x" * 5_000, "table_cell"),
    (b"a\n" * 20_001, "table_long"),
    (b"x" * (10 * 1024 * 1024 + 1), "table_large"),
])
def test_a_csv_that_is_none_or_too_much_is_refused(content: bytes, code: str) -> None:
    assert refused(content, "list.csv") == code


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(Refused) as caught:
        read_table("Клиент\nЁлка\nВ".encode() + b"\xff\n", "list.csv")
    assert "Line 3" in str(caught.value)
    with pytest.raises(Refused) as caught:
        read_table(b"a;b\n1;2\n3;\x07\n", "list.csv")
    assert "Line 3" in str(caught.value)


def test_a_cell_of_a_hundred_megabytes_is_refused_by_its_size() -> None:
    assert refused(b"x" * (100 * 1024 * 1024), "list.csv") == "table_large"


@pytest.mark.parametrize("name", ["list.csv", "list.txt", "list", "list.xls", "../../list.exe"])
def test_a_workbook_under_another_ending_is_refused(name: str) -> None:
    assert refused(workbook(f'<row r="1">{text_cell("A1", "a")}</row>'), name) in (
        "table_kind", "table_old_excel")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for name in ("list.csv", "list.xlsx"):
        try:
            read_table(data, name)
        except Refused as refusal:
            assert refusal.reasons
