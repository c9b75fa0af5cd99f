"""docs/security.md holds what it names: the tests exist, every requirement of level 2 is answered
once, and no module of tests/security is forgotten."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.ground.parts import ROOT

TESTS = ROOT / "tests"
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`((?:tests/)?[\w/]+/test_\w+\.py)(?:::(\w+))?`")
SOURCE = re.compile(r"`(registry/(?:\w+/)*(?!test_)\w+\.py)`")
NUMBER = re.compile(r"(\d+\.\d+)\.(\d+)(?:–(\d+\.\d+)\.(\d+))?")
CHAPTERS = range(1, 15)
# Level 2 of ASVS 4.0.3: the requirements of each section; those of level 3 and the deleted are out.
LEVEL_2 = {
    "1.1": "1-7", "1.2": "1-4", "1.4": "1,4,5", "1.5": "1-4", "1.6": "1-4", "1.7": "1-2",
    "1.8": "1-2", "1.9": "1-2", "1.10": "1", "1.11": "1-2", "1.12": "2", "1.14": "1-6",
    "2.1": "1-12", "2.2": "1-3", "2.3": "1-3", "2.4": "1-5", "2.5": "1-7", "2.6": "1-3",
    "2.7": "1-6", "2.8": "1-7", "2.9": "1-3", "2.10": "1-4",
    "3.1": "1", "3.2": "1-4", "3.3": "1-4", "3.4": "1-5", "3.5": "1-3", "3.7": "1",
    "4.1": "1-3,5", "4.2": "1-2", "4.3": "1-3",
    "5.1": "1-5", "5.2": "1-8", "5.3": "1-10", "5.4": "1-3", "5.5": "1-4",
    "6.1": "1-3", "6.2": "1-6", "6.3": "1-2", "6.4": "1-2",
    "7.1": "1-4", "7.2": "1-2", "7.3": "1,3,4", "7.4": "1-3",
    "8.1": "1-4", "8.2": "1-3", "8.3": "1-8", "9.1": "1-3", "9.2": "1-4",
    "10.2": "1-2", "10.3": "1-3", "11.1": "1-8",
    "12.1": "1-3", "12.2": "1", "12.3": "1-6", "12.4": "1-2", "12.5": "1-2", "12.6": "1",
    "13.1": "1,3-5", "13.2": "1-3,5,6", "13.3": "1-2", "13.4": "1-2",
    "14.1": "1-4", "14.2": "1-6", "14.3": "2,3", "14.4": "1-7", "14.5": "1-4"}


def asked_for() -> list[str]:
    """Every requirement of level 2."""
    found = []
    for section, numbers in LEVEL_2.items():
        for part in numbers.split(","):
            first, _, last = part.partition("-")
            found += [f"{section}.{each}" for each in range(int(first), int(last or first) + 1)]
    return found


def rows(chapter: int) -> list[list[str]]:
    """The rows of a chapter's table, cell by cell, without its head."""
    (text,) = re.findall(rf"^## V{chapter} .*?\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def answered(cell: str) -> list[str]:
    """The requirements that a first cell names."""
    found = []
    for section, first, _same, last in NUMBER.findall(cell):
        found += [f"{section}.{each}" for each in range(int(first), int(last or first) + 1)]
    return found


@cache
def functions_of(path: Path) -> frozenset[str]:
    """The functions of a module that are tests."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


def is_there(file: str, function: str) -> bool:
    """Whether the module is there and, where one is named, the test in it."""
    path = TESTS / file.removeprefix("tests/")
    return path.is_file() and (not function or function in functions_of(path))


def test_every_test_that_is_named_is_there() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 150, "the names were not found"
    assert [f"{file}::{name}" for file, name in named if not is_there(file, name)] == []


def test_every_source_that_was_read_is_there() -> None:
    read = SOURCE.findall(PAGE)
    assert len(read) > 4, "the names were not found"
    assert [each for each in read if not (ROOT / each).is_file()] == []


@pytest.mark.parametrize(("file", "function"), [
    ("security/test_nowhere.py", ""), ("security/test_pages.py", "test_nothing"),
    ("security/test_nowhere.py", "test_nothing")])
def test_a_test_that_is_not_there_is_missed(file: str, function: str) -> None:
    assert not is_there(file, function)


def test_every_requirement_of_level_two_is_answered_once() -> None:
    assert len(asked_for()) == 259
    found = [each for chapter in CHAPTERS for row in rows(chapter) for each in answered(row[0])]
    assert sorted(found) == sorted(asked_for())


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_says_how_and_shows_it_or_says_why_not(chapter: int) -> None:
    for row in rows(chapter):
        assert len(row) == 3, row
        requirements, how, shown = row
        assert all(each.startswith(f"{chapter}.") for each in answered(requirements)), row
        assert how, row
        assert shown or how.startswith(("Not met", "Not applicable", "Partly")), row


def test_every_module_of_the_security_tests_is_named() -> None:
    modules = {f"security/{path.name}" for path in (TESTS / "security").glob("test_*.py")}
    assert modules - {file.removeprefix("tests/") for file, _name in NAMED.findall(PAGE)} == set()
