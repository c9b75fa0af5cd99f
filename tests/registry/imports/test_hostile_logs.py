"""Broken, huge and hostile logs get one clear refusal, and nothing of them stays."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from registry.core.errors import Refused
from registry.imports.log_file import Bounds
from registry.imports.mapping import Mapping
from registry.imports.mapping_reading import find_mapping
from registry.imports.reading import Reading, read_log
from registry.tickets.lifecycles import shipped_workflow
from tests.factories import NOW
from tests.registry.imports import kept
from tests.registry.imports.conftest import Run
from tests.registry.imports.made import (
    HEADING,
    MOSCOW,
    ROW,
    SMALL,
    a_trace,
    small_log,
    small_mapping,
)

BOUNDS = Bounds(unpacked=8 * 1024 * 1024, ratio=50, free=1024 * 1024, line=64 * 1024,
                cell=8 * 1024, events=100)
WORKFLOW = shipped_workflow("service_quality.toml")
GOOD = {"concept:name": "Repair", "time:timestamp": "2016-03-01T10:00:00Z"}


def read(data: bytes, mapping: Mapping | None = None, bounds: Bounds = BOUNDS) -> Reading:
    """Read a log of the small mapping's form; ``close`` what is given."""
    return read_log(io.BytesIO(data), mapping or small_mapping(), WORKFLOW, now=NOW,
                    progress=lambda count: None, bounds=bounds)


def refusal(data: bytes, mapping: Mapping | None = None, bounds: Bounds = BOUNDS) -> list[str]:
    """The sentences with which it is refused."""
    with pytest.raises(Refused) as refused:
        read(data, mapping, bounds).close()
    return [str(reason) for reason in refused.value.reasons]


def xes(data: str) -> list[str]:
    """The sentences with which an XES file is refused."""
    return refusal(data.encode(), find_mapping("xes", MOSCOW))


def random_gzip(size: int) -> bytes:
    """A gzip of so many zero bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1024 * 1024)
    return b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()


def test_a_good_log_is_read_packed_or_not_in_any_of_its_encodings():
    russian = small_log(ROW.replace("Volga Bank", "Волга-банк"))
    for data, mapping in (
        (russian, small_mapping()), (b"\xef\xbb\xbf" + russian, small_mapping()),
        (gzip.compress(russian), small_mapping()),
        (gzip.compress(russian[:50]) + gzip.compress(russian[50:]), small_mapping()),
        (russian.replace(b"\n", b"\r\n"), small_mapping()),
        (russian.decode().encode("cp1251"), small_mapping(
            ("unknown = [\"?\"]", "encoding = \"windows-1251\""))),
        (russian.replace(b",", b";"), small_mapping(("unknown = [\"?\"]", "delimiter = \";\""))),
    ):
        reading = read(data, mapping)
        assert [case.client for case in reading.taken()] == ["Волга-банк"]
        assert reading.faults.count == 0
        reading.close()


@pytest.mark.parametrize(("data", "sentences"), [
    (b"", ["There is nothing in this file."]),
    (HEADING.encode(), ["There is nothing in this file."]),
    (small_log(heading="case,at,what,what,who,group"), [
        "The file has no column “state”, which the mapping names.",
        "The file has no column “resource”, which the mapping names.",
        "The file has no column “opener”, which the mapping names.",
        "The file has no column “client”, which the mapping names.",
        "The file has the column “what” more than once."]),
    (small_log(ROW, ROW.replace("Slow", "\"Slow")), [
        "The row that begins in line 3 has no end: its quotation marks do not fit together, or a "
        "cell is longer than 8192 characters."]),
    (small_log(ROW, "A,\"2016\"x,New,,,,,,"), [
        "The row that begins in line 3 has no end: its quotation marks do not fit together, or a "
        "cell is longer than 8192 characters."]),
    (small_log(ROW, "\"" + "x\n" * 5000), [
        "The row that begins in line 3 has no end: its quotation marks do not fit together, or a "
        "cell is longer than 8192 characters."]),
    (small_log(ROW, "x" * 70_000), [
        "Line 3 is longer than 65536 bytes. This is no CSV file, or not one of lines."]),
    (small_log(ROW, ROW.replace("Volga", "Волга")).decode().encode("cp1251"), [
        "Line 3 cannot be read as utf-8. Say in the mapping which encoding the file has."]),
    (small_log(ROW).decode().encode("utf-16"), ["The file is in UTF-16. Save it as UTF-8."]),
    (b"x" * 9 * 1024 * 1024, [
        "Line 1 is longer than 65536 bytes. This is no CSV file, or not one of lines."]),
    (small_log(*[ROW] * 101), [
        "The case “A” has more than 100 events. Look whether the mapping names the right column "
        "for the case."]),
    (bz2.compress(small_log(ROW)), [
        "The file is packed with bzip2. Unpack it, or pack it with gzip."]),
    (gzip.compress(small_log(ROW))[:-9], [
        "The gzip file is damaged or was cut off. Fetch it again."]),
    (gzip.compress(small_log(ROW)) + b"rubbish", [
        "The gzip file is damaged or was cut off. Fetch it again."]),
    (b"\x1f\x8bnothing", ["The gzip file is damaged or was cut off. Fetch it again."]),
    (random_gzip(4 * 1024 * 1024), [
        "Line 1 is longer than 65536 bytes. This is no CSV file, or not one of lines."]),
])
def test_what_is_no_log_is_refused_whole(data: bytes, sentences: list[str]):
    assert refusal(data) == sentences


def test_a_zip_is_not_opened():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("log.csv", small_log(ROW))
    assert refusal(file.getvalue()) == [
        "The file is packed with zip. Unpack it, or pack it with gzip."]


def test_a_gzip_bomb_of_good_lines_is_refused_before_it_fills_anything():
    bomb = gzip.compress(small_log(ROW) + (b"\n" * 60_000 + b",,,\n") * 100)
    assert refusal(bomb) == [
        "The gzip file unpacks to more than 50 times its size: no log does that."]


def test_a_log_larger_than_any_is_refused():
    rows = (f"{number},2016-03-01T11:00,New,,,,,," for number in range(5000))
    assert refusal(small_log(*rows), bounds=Bounds(unpacked=100_000)) == [
        "The log is larger than 0 MB. Split it by cases."]


def test_bad_rows_beside_good_ones_are_named_and_the_rest_is_read():
    reading = read(small_log(
        ROW, "too,short", ROW + ",too long", "", ",,,,,,,,", ROW.replace("New", "Lost"),
        ROW.replace("Kim", "\x00"), ROW.replace("A", "B"), "\"C\n\"," + ROW[2:]))
    assert {fault.line: [str(reason) for reason in fault.reasons]
            for fault in reading.faults.kept} == {
        3: ["2 cells where the heading has 9"], 4: ["10 cells where the heading has 9"],
        6: ["“at” has no time", "the mapping knows no state for “”", "the case is not named"],
        7: ["the mapping knows no state for “Lost”"],
        8: ["“who” holds characters that no text has", "“opener” holds characters that no text "
            "has"],
    }
    assert [case.key for case in reading.taken()] == ["A", "B", "C"]
    reading.close()


def test_where_not_one_row_is_good_the_first_say_why():
    assert refusal(small_log("too,short", ROW.replace("New", "Lost"))) == [
        "Not one of the first 2 rows fits the mapping.",
        "Line 2: 2 cells where the heading has 9.",
        "Line 3: the mapping knows no state for “Lost”."]
    assert refusal(small_log(*["x"] * 5000))[0] == (
        "Not one of the first 1000 rows fits the mapping.")


def test_only_the_first_thousand_bad_rows_are_kept():
    reading = read(small_log(ROW, *["x"] * 5000))
    assert (reading.faults.count, len(reading.faults.kept)) == (5000, 1000)
    reading.close()


def test_interleaved_cases_are_put_together_in_the_order_of_time():
    rows = [f"{case},2016-03-01T1{minute}:00,Active,{name},,,,,"
            for case, minute, name in (("A", 3, "Orlov"), ("B", 1, "Kim"), ("A", 1, "Sokolov"),
                                       ("B", 2, "Orlov"), ("A", 2, "Kim"))]
    reading = read(small_log(*rows))
    assert [(case.key, [event.resource for event in case.events]) for case in reading.taken()] == [
        ("A", ["Sokolov", "Kim", "Orlov"]), ("B", ["Kim", "Orlov"])]
    assert [case.key for case in reading.taken(after=1)] == ["B"]
    reading.close()
    by_file = small_mapping(("at = \"at\"", "at = \"at\"\norder = \"file\""))
    in_file = read(small_log(*rows), by_file)
    assert [event.resource for case in in_file.taken() for event in case.events] == [
        "Orlov", "Sokolov", "Kim", "Kim", "Orlov"]
    in_file.close()


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "There is nothing in this file."), ("<", "breaks off or is damaged near line 1"),
    ("no XML", "breaks off or is damaged near line 1"),
    ("<html/>", "The file is XML, but no event log in XES."),
    ("<log><trace>", "breaks off or is damaged near line 1"),
    ("<log>\n<trace></log>", "breaks off or is damaged near line 2"),
    ("<log>&lol;</log>", "breaks off or is damaged"),
    ("<!DOCTYPE log><log/>", "declares a document type or entities"),
    ("<!DOCTYPE log [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><log>&b;</log>",
     "declares a document type or entities"),
    ("<!DOCTYPE log SYSTEM 'file:///etc/passwd'><log/>", "declares a document type or entities"),
    ("<!DOCTYPE log [<!ENTITY % x SYSTEM 'http://127.0.0.1:9/x'> %x;]><log/>",
     "declares a document type or entities"),
    ("<?xml version='1.0' encoding='no-such'?><log/>", "breaks off or is damaged"),
    ("<log>" + "<x>" * 100 + "</x>" * 100 + "</log>", "Line 1 is nested too deep for a log."),
    ("<log/>", "There is nothing in this file."),
    ("<log><trace><event>" + "<string key='a' value='b'/>" * 1001 + "</event></trace></log>",
     "The event in line 1 has more than 1000 attributes."),
    ("<log>\n<trace a='" + "x" * 400_000 + "'/></log>", "is longer than 65536 bytes"),
    ("<log>" + a_trace("A", [GOOD] * 101) + "</log>", "The case “A” has more than 100 events."),
])
def test_what_is_no_xes_is_refused_whole(text: str, sentence: str):
    (said,) = xes(text)
    assert sentence in said


def test_the_many_parts_of_an_xes_are_passed_over_quickly():
    filling = "<string key='x' value='y'><string key='concept:name' value='no'/></string>" * 20_000
    data = f"<log>{filling}{a_trace('A', [GOOD])}</log>".encode()
    reading = read(data, find_mapping("xes", MOSCOW))
    assert [case.key for case in reading.taken()] == ["A"]
    reading.close()


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Files that turn bad only after good cases."""
    good = [ROW.replace("A", f"C{number}") for number in range(300)]
    yield "quotes", small_log(*good, "\"" + ROW)
    yield "cut off", gzip.compress(small_log(*good))[:-20]
    yield "encoding", small_log(*good) + b"\xff\xfe\n"
    yield "too long", small_log(*good) + b"x" * 2_000_000


@pytest.mark.parametrize(("name", "data"), list(hostile_files()))
def test_of_a_file_that_turns_bad_at_its_end_nothing_stays(
    bring_in: Run, registry: Flask, tmp_path: Path, name: str, data: bytes
):
    mapping, file = tmp_path / "small.toml", tmp_path / "log"
    mapping.write_text(SMALL)
    file.write_bytes(data)
    with registry.app_context():
        before = kept.rows()
    answer = bring_in(file, mapping)
    assert answer.exit_code == 1, name
    assert len(answer.stderr.splitlines()) == 1
    assert "Traceback" not in answer.output
    with registry.app_context():
        assert kept.rows() == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "log", "small.toml"]
