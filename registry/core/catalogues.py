"""The Russian catalogues: extracted from the sources, compiled at set-up, one for each area.

An area is a folder of the application. What stands in the application's own folder and in the
shared templates belongs to ``core``; the sentences of the engine to ``tickets``, which shows them.
Catalogues name no places and no dates, so that they change only where words change.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from registry.config import ROOT

SOURCES = ROOT / "registry"
LANGUAGE = "ru"
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "_l": None}
PYTHON, PAGE = "python", "jinja2.ext:babel_extract"
PAGE_OPTIONS = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.i18n"}
HEADER = r"""# Russian words of this area. Updated by: countersign words update
msgid ""
msgstr ""
"Language: ru\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && "
"n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

"""


def areas() -> tuple[str, ...]:
    """The names of all areas."""
    return tuple(sorted(path.parent.name for path in SOURCES.glob("*/__init__.py")))


def catalogue_path(area: str) -> Path:
    """Where the area's catalogue lies."""
    return SOURCES / area / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"


def extract(area: str) -> Catalog:
    """All sentences that the area's sources mark for translation."""
    found = Catalog()
    for path in _sources(area):
        method, options = (PYTHON, {}) if path.suffix == ".py" else (PAGE, PAGE_OPTIONS)
        for _line, message, _comments, context in extract_from_file(
                method, path, keywords=KEYWORDS, options=options, strip_comment_tags=True):
            found.add(message, context=context)
    if area == "tickets":
        from workflows.errors import REASONS

        for sentence in REASONS.values():
            found.add(sentence)
    return found


def _sources(area: str) -> Iterator[Path]:
    folder = SOURCES / area
    yield from sorted(folder.rglob("*.py"))
    yield from _pages(folder / "templates")
    if area == "core":
        yield from sorted(SOURCES.glob("*.py"))
        yield from _pages(SOURCES / "templates")


def _pages(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".txt"))


def read(area: str) -> Catalog:
    """The area's catalogue as it stands; empty where there is none yet."""
    path = catalogue_path(area)
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def update(area: str) -> int:
    """Bring the area's catalogue up to its sources; the number of sentences without Russian.

    Sentences that are gone are taken out; nothing is guessed from similar ones.
    """
    catalogue = read(area)
    found = extract(area)
    if not len(found) and not catalogue_path(area).exists():
        return 0
    catalogue.update(found, no_fuzzy_matching=True)
    body = io.BytesIO()
    write_po(body, catalogue, width=100, omit_header=True, no_location=True, sort_output=True,
             ignore_obsolete=True)
    path = catalogue_path(area)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + body.getvalue().decode().lstrip("\n"), encoding="utf-8")
    return len(untranslated(read(area)))


def untranslated(catalogue: Catalog) -> list[str]:
    """The sentences of a catalogue that lack Russian words, or one of their plural forms."""
    lacking = []
    for message in catalogue:
        if not message.id:
            continue
        words = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.fuzzy or not words or not all(words):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def compile_all() -> list[Path]:
    """Compile each catalogue whose compiled form is missing or older; which were compiled."""
    made = []
    for source in sorted(SOURCES.glob(f"*/translations/{LANGUAGE}/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=LANGUAGE)
        growing = target.with_suffix(".mo.new")
        with growing.open("wb") as file:
            write_mo(file, catalogue)
        growing.replace(target)
        made.append(target)
    return made
