"""The faces that documents are set in, and making any text fit for them.

PT Sans says what the registry says, PT Serif what people wrote. A document for keeping may hold no
letter without a drawing (PDF/A), so what the faces lack is named in square brackets: a reader
loses nothing, and no text of a client can keep a ticket from being printed.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from registry.config import ROOT

FOLDER = ROOT / "static" / "vendor"
FACES = ("pt-sans-400.ttf", "pt-sans-400-italic.ttf", "pt-sans-700.ttf", "pt-serif-400.ttf")
LONGEST_WORD = 24
BREAK = "\u200b"  # a place where a line may end; it is never drawn
ARROWS = "→←↔"  # PT has none: the papers take them from a face that comes with the press
KEPT = "\n" + BREAK + ARROWS
UNSAID = ("Cc", "Cf", "Cn", "Co", "Cs")  # no meaning that a reader of the file could be told
LONGEST_RUN = 60
# Addresses and double words are copied as they stand while they fit a line, and so is a hash.
_HASH = re.compile(r"[0-9a-f]{64}\W?")
_RUN = re.compile(rf"[^ \n{BREAK}]{{{LONGEST_RUN + 1},}}")
_LONG = re.compile(rf"[^\s{BREAK}/.:-]{{{LONGEST_WORD + 1},}}")
_BLANK = re.compile(r"[^\S\n\u00a0\u202f]+")


def faces() -> tuple[Path, ...]:
    """The files of the faces; empty where set-up could not bring all of them."""
    return () if missing_faces() else tuple(FOLDER / name for name in FACES)


def missing_faces() -> tuple[str, ...]:
    """The files of the faces that are not there."""
    return tuple(name for name in FACES if not (FOLDER / name).is_file())


def fit(text: str) -> str:
    """``text`` as it can be set: composed, without signs that only steer, what the faces lack named
    in brackets, and long words with places to break. Lines stay lines."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    named = "".join(map(_fit_letter, composed))
    blank = _BLANK.sub(" ", named).strip()
    return _RUN.sub(_with_breaks, _LONG.sub(_with_breaks, blank))


def _with_breaks(word: re.Match[str]) -> str:
    if _HASH.fullmatch(word[0]):
        return word[0]
    return BREAK.join(word[0][at:at + 4] for at in range(0, len(word[0]), 4))


@lru_cache(maxsize=4096)
def _fit_letter(letter: str) -> str:
    category = unicodedata.category(letter)
    if letter in KEPT or (ord(letter) in drawn() and category not in UNSAID):
        return letter
    if category in ("Zs", "Zl", "Zp") or letter == "\t":
        return " "
    if category in ("Cc", "Cf", "Cs", "Sk") or unicodedata.name(letter, "").startswith("VARIATION"):
        return ""  # steers how its neighbours look: joiners, directions, tones of skin
    name = unicodedata.name(letter, "").lower() if category == "So" else ""
    return f"[{name or f'U+{ord(letter):04X}'}]"


@lru_cache(maxsize=1)
def drawn() -> frozenset[int]:
    """The letters that every face can draw; plain ASCII where there are no faces."""
    tables = [frozenset(letters_of(path.read_bytes())) for path in faces()]
    return frozenset.intersection(*tables) if tables else frozenset(range(32, 127))


def letters_of(font: bytes) -> Iterator[int]:
    """The code points that a TrueType file has drawings for (its ``cmap``, format 4)."""
    for platform, at in _subtables(font):
        if platform in (0, 3) and struct.unpack_from(">H", font, at)[0] == 4:
            yield from _format_4(font, at)
            return


def _subtables(font: bytes) -> Iterator[tuple[int, int]]:
    """Platform and place of each table of letters."""
    count = struct.unpack_from(">H", font, 4)[0]
    places = {font[at:at + 4]: struct.unpack_from(">I", font, at + 8)[0]
              for at in range(12, 12 + 16 * count, 16)}
    start = places[b"cmap"]
    for index in range(struct.unpack_from(">H", font, start + 2)[0]):
        platform, _, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * index)
        yield platform, start + offset


def _format_4(font: bytes, at: int) -> Iterator[int]:
    """Ranges of letters, each drawn by counting on or by a list of its own."""
    segments = struct.unpack_from(">H", font, at + 6)[0] // 2

    def row(which: int) -> tuple[int, ...]:
        start = at + 14 + which * 2 * segments + (2 if which else 0)
        return struct.unpack_from(f">{segments}H", font, start)

    offsets_at = at + 16 + 6 * segments
    for index, (end, first, delta, offset) in enumerate(
            zip(row(0), row(1), row(2), row(3), strict=True)):
        for letter in range(first, min(end, 0xFFFE) + 1):
            glyph = letter + delta
            if offset:
                place = offsets_at + 2 * index + offset + 2 * (letter - first)
                glyph = struct.unpack_from(">H", font, place)[0]
            if glyph % 0x10000:
                yield letter


def lacks(value: object) -> bool:
    """Whether any text in the data has a sign that must be named, since no face can draw it."""
    if isinstance(value, str):
        return any(len(_fit_letter(letter)) > 1 for letter in unicodedata.normalize("NFC", value))
    if isinstance(value, Mapping):
        return any(map(lacks, value.values()))
    return isinstance(value, list | tuple) and any(map(lacks, value))
