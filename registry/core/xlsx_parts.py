"""Judging one XML part of a workbook without building it: entities, formulas, errors, extent.

A hostile sheet can put a value a million columns away, or repeat one long text in every cell; a
reader that makes room for it falls over. Here places and lengths are counted as the part streams.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from registry.core.errors import Refused
from registry.core.table_bounds import Bounds, unreadable
from registry.core.words import N_

PLACE = re.compile(r"([A-Za-z]{1,7})([0-9]{1,9})")
DEEPEST = 100
SHEET = ("worksheet", "sheetData")


class PartChecker:
    """Looks at every part of one workbook; what they add up to is judged by ``check_whole``."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.shared: list[int] = []
        self.used: list[int] = []

    def check(self, content: bytes) -> None:
        """Raise Refused for a part that declares entities, and for a sheet with formulas, errors
        or values outside the bounds. Raises ValueError for what is no XML."""
        walker = _Walker(self.bounds)
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_declarations
        parser.StartElementHandler = walker.start
        parser.EndElementHandler = walker.end
        parser.CharacterDataHandler = walker.text
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, LookupError) as error:  # LookupError: an unknown encoding
            raise ValueError(str(error)) from None
        self.used += walker.used
        short = len(walker.shared) - len(self.shared)
        self.shared += [0] * short
        for at, length in enumerate(walker.shared):
            self.shared[at] = max(self.shared[at], length)

    def check_whole(self) -> None:
        """Raise Refused where cells repeat long shared texts until they fill the memory."""
        known = len(self.shared)
        if any(at >= known for at in self.used):
            raise ValueError("a shared text that is not there")
        if sum(self.shared[at] for at in self.used) > self.bounds.unpacked:
            raise bomb()


def bomb() -> Refused:
    """The refusal of an archive that unpacks to more than is taken."""
    return unreadable("xlsx_bomb", N_(
        "This Excel file unpacks to far more than a list needs. Copy the list alone into a new "
        "workbook and choose that."))


def _refuse_declarations(*_declared: object) -> None:
    raise unreadable("xlsx_entities", N_(
        "This Excel file declares entities, which no workbook needs and which can be made to "
        "swell without end. Save the table as CSV."))


class _Walker:
    """Follows one part as it streams by: where its values stand, and how long its texts are."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.depth = self.row = self.column = 0
        self.in_sheet = self.is_reference = False
        self.value: str | None = None
        self.shared: list[int] = []
        self.used: list[int] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("nested too deeply")
        tag = tag.rpartition(":")[2]
        if tag in SHEET:
            self.in_sheet = True
        elif tag == "si":
            self.shared.append(0)
        elif self.in_sheet:
            self._start_in_sheet(tag, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self.value is not None and tag.rpartition(":")[2] == "v":
            self.used.append(_whole(self.value))
            self.value = None

    def text(self, text: str) -> None:
        if self.value is not None:
            self.value += text
        elif self.shared:
            self.shared[-1] += len(text)

    def _start_in_sheet(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self.row = _whole(attributes["r"]) if "r" in attributes else self.row + 1
            self.column = 0
        elif tag == "c":
            self._place(attributes)
        elif tag in ("v", "is"):
            # only values count: a sheet may be formatted down to its last row
            self.bounds.check_row(self.row)
            self.bounds.check_columns(self.row, self.column)
            self.value = "" if tag == "v" and self.is_reference else None
        elif tag == "f":
            raise unreadable("xlsx_formula", N_(
                "Cell %(cell)s is calculated by a formula. Copy the sheet, paste it as values and "
                "choose that file."), cell=self._name())

    def _place(self, attributes: dict[str, str]) -> None:
        self.column += 1
        if "r" in attributes:
            place = PLACE.fullmatch(attributes["r"])
            if place is None:
                raise ValueError(f"no cell is called {attributes['r'][:20]}")
            self.column, self.row = column_number(place[1].upper()), int(place[2])
        kind = attributes.get("t")
        self.is_reference = kind == "s"
        if kind == "e":
            raise unreadable("xlsx_error", N_(
                "Cell %(cell)s shows an error of Excel. Put it right and choose the file again."),
                cell=self._name())

    def _name(self) -> str:
        return f"{column_letters(self.column)}{self.row}"


def _whole(text: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        raise ValueError(f"not a whole number: {plain[:20]}")
    return int(plain)


def column_number(letters: str) -> int:
    """«A» → 1, «AB» → 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → «A», 28 → «AB»."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
