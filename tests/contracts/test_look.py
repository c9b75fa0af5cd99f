"""The look keeps its promises: nothing inline, nothing from elsewhere, letters that can be read."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

from registry.config import ROOT
from registry.core import vendoring

STATIC = ROOT / "static"
# Mail readers know no style sheets, so mails alone carry their styles in themselves.
PAGES = sorted(path for path in (ROOT / "registry").rglob("templates/**/*.html")
               if path.name != "mail.html")
OURS = sorted(path for path in STATIC.rglob("*") if path.is_file()
              and "vendor" not in path.relative_to(STATIC).parts and path.suffix != ".toml")
INLINE = {
    "a style element": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "a handler in an attribute": re.compile(r"\s(on[a-z]+|hx-on[\w:-]*)\s*=", re.I),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "a script in an address": re.compile(r"javascript:|[\"']js:", re.I),
    "a vals expression": re.compile(r"hx-vals\s*=\s*[\"']js", re.I),
}
NAMESPACE = "http://www.w3.org/"


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_carries_no_style_and_no_script_of_its_own(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", [*PAGES, *OURS], ids=named)
def test_nothing_is_asked_of_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(NAMESPACE, "")
    assert re.findall(r"(?:https?:)?//[\w-]+\.[\w.-]+", text) == []


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".css"], ids=named)
def test_what_a_style_sheet_refers_to_is_vendored(path: Path) -> None:
    vendored = {f"../vendor/{each.target}" for each in vendoring.vendored_files()}
    asked = set(re.findall(r"url\(\"?([^)\"]+)", path.read_text(encoding="utf-8")))
    assert asked <= vendored


def test_the_versions_are_those_of_package_json() -> None:
    pinned = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert {each.package: each.version for each in vendoring.vendored_files()} == pinned


def test_the_vendored_files_are_exactly_those_that_the_list_names() -> None:
    assert vendoring.in_place(vendoring.vendored_files())


def colours() -> dict[str, tuple[str, str]]:
    """Each colour of the tokens by day and by lamplight."""
    text = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    return {name: (day, lamp) for name, day, lamp in found}


def luminance(colour: str) -> float:
    """As WCAG defines it."""
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


READ = [*itertools.product(("ink", "soft", "broken", "danger", "confirmed", "accent"),
                           ("paper", "sheet", "shade")),
        ("on-accent", "accent"), ("on-accent", "accent-over"), ("paper", "ink"),
        ("ink", "accent-wash")]
SEEN = [("rule", "paper"), ("rule", "sheet"), ("accent", "paper")]


@pytest.mark.parametrize("theme", [0, 1], ids=["day", "lamplight"])
@pytest.mark.parametrize(("pairs", "least"), [(READ, 4.5), (SEEN, 3.0)], ids=["read", "seen"])
def test_colours_stand_out_from_their_ground(
    pairs: list[tuple[str, str]], least: float, theme: int
) -> None:
    drawn = colours()
    weak = {(letters, ground): round(contrast(drawn[letters][theme], drawn[ground][theme]), 2)
            for letters, ground in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < least} == {}


def test_every_colour_outside_the_tokens_is_a_token() -> None:
    strays = {named(path): re.findall(r"#[0-9a-f]{3,8}\b(?=[^{}]*;)", path.read_text("utf-8"))
              for path in OURS
              if path.suffix == ".css" and path.name not in ("tokens.css", "print.css")}
    assert {name: found for name, found in strays.items() if found} == {}
