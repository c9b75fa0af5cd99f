"""Rows of a log are judged one by one: a bad one says everything that is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.imports.events import Fault, Judge, Record, Row
from tests.factories import NOW
from tests.registry.imports.made import HEADING, ROW, small_mapping

NAMES = HEADING.split(",")


def judged(**changes: str) -> Record | Fault:
    """A good row with values changed, judged."""
    values = dict(zip(NAMES, ROW.split(","), strict=True)) | changes
    return Judge(small_mapping(), NOW)(Row(7, values))


def reasons(**changes: str) -> list[str]:
    """Everything that is wrong with it."""
    fault = judged(**changes)
    assert isinstance(fault, Fault)
    assert fault.line == 7
    return [str(reason) for reason in fault.reasons]


def test_a_good_row_is_an_event_of_its_case():
    record = judged(state="active", resource=" Pavel  Orlov ", group="?")
    assert isinstance(record, Record)
    assert (record.case, record.event.state, record.event.resource, record.event.group) == (
        "A", "in_fix", "Pavel Orlov", "")
    assert record.event.at == datetime(2016, 3, 1, 8, 0, tzinfo=UTC)


def test_a_formula_stays_the_text_that_it_is():
    record = judged(resource="=HYPERLINK(A1)", who="+7 495", case="-1")
    assert isinstance(record, Record)
    assert (record.case, record.event.resource, record.event.actor) == (
        "-1", "=HYPERLINK(A1)", "+7 495")


def test_all_that_is_wrong_with_a_row_is_said():
    assert reasons(case="?", at="tomorrow", state="Lost", what="x" * 2001, who="a\x00b") == [
        "“who” holds characters that no text has",
        "“what” holds more than 2000 characters",
        "“at” has no time of the form that the mapping says: “tomorrow”",
        "the mapping knows no state for “Lost”",
        "the case is not named",
    ]


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "“at” has no time"), ("?", "“at” has no time"),
    ("2016-02-30T10:00", "no time of the form"), ("29/2/2016 01:16", "no time of the form"),
    ("0001-01-01T00:00", "no time of the form"), ("1969-12-31T23:59", "cannot be"),
    ("9999-12-31T23:59", "cannot be"),
    ("2026-11-24T10:41", "cannot be"), ("2016-03-01T11:00+99:00", "no time of the form"),
])
def test_a_time_that_is_none_is_said(text: str, sentence: str):
    (reason,) = reasons(at=text)
    assert sentence in reason


@pytest.mark.parametrize("column", ["case", "resource", "group", "who", "opener", "client"])
def test_a_name_has_a_bound(column: str):
    assert isinstance(judged(**{column: "x" * 120}), Record)
    assert reasons(**{column: "x" * 121}) == [f"“{column}” holds more than 120 characters"]


@given(st.fixed_dictionaries({name: st.text() for name in NAMES}))
def test_whatever_stands_in_a_row_is_an_event_or_a_fault(values: dict[str, str]):
    judged_ = Judge(small_mapping(), NOW)(Row(1, values))
    assert isinstance(judged_, Record) or judged_.reasons
