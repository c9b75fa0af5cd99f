"""The line that passes from hand to hand: lengths in order, marks where hands change, words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.config import ROOT
from registry.core.small_lines import small_line


@dataclass(frozen=True)
class Piece:
    """What the macro reads of a segment."""

    name: str
    kind: str
    hours: float
    share: float
    open: bool = False
    label: str = "in fix"

    @property
    def initials(self) -> str:
        return self.name[:2].upper()


def hours_in_words(hours: float) -> str:
    """A span as these tests say it."""
    return f"{hours:.0f} h"


def drawn(pieces: list[Piece], *, small: bool = False, **options: object) -> str:
    """The line as HTML: the large one by its macro, the small one of lists."""
    if small:
        return str(small_line(pieces, hours_in_words))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "registry" / "templates"), autoescape=True,
        undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.i18n"])
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.filters["span"] = hours_in_words
    macro = environment.get_template("macros/timeline.html").module.timeline  # type: ignore[attr-defined]
    return str(macro(pieces, **options))


def stretches(html: str) -> list[tuple[float, float]]:
    """Where each stroke begins and ends, in percent."""
    found = re.findall(r'<line [^>]*x1="([\d.]+)%" x2="([\d.]+)%"', html)
    return [(float(begin), float(end)) for begin, end in found]


lines = st.lists(
    st.tuples(st.sampled_from(["Anna Kim", "Pavel Orlov", "Ivan Sokolov"]),
              st.sampled_from(["waiting", "working", "paused"]),
              st.floats(0, 4000)), min_size=1, max_size=25)


@settings(max_examples=40)
@given(lines, st.booleans())
def test_strokes_follow_one_another_and_fill_the_whole_line(
    line: list[tuple[str, str, float]], small: bool
) -> None:
    whole = sum(hours for _, _, hours in line) or 1.0
    pieces = [Piece(name, kind, hours, hours / whole) for name, kind, hours in line]
    places = stretches(drawn(pieces, small=small))
    assert len(places) == len(pieces)
    assert places[0][0] == 0
    assert places[-1][1] == pytest.approx(100, abs=0.1)
    assert all(begin < end for begin, end in places)
    assert all(before[1] == pytest.approx(after[0], abs=0.02) for before, after in pairwise(places))


def test_longer_work_is_a_longer_stroke() -> None:
    (short, long) = stretches(drawn([Piece("Anna Kim", "waiting", 2, 0.1),
                                     Piece("Pavel Orlov", "working", 18, 0.9)]))
    assert long[1] - long[0] > 4 * (short[1] - short[0])


def test_a_mark_stands_only_where_the_hand_changes() -> None:
    html = drawn([Piece("Anna Kim", "waiting", 1, 0.2), Piece("Pavel Orlov", "waiting", 1, 0.2),
                  Piece("Pavel Orlov", "working", 1, 0.2), Piece("Anna Kim", "waiting", 2, 0.4)])
    assert html.count('<circle class="passage-hand"') == 3
    assert html.count("passage-tick") == 1


def test_an_open_line_goes_on_and_an_offer_is_a_dashed_mark_at_its_end() -> None:
    line = [Piece("Anna Kim", "waiting", 1, 1.0, open=True)]
    assert "passage-goes-on" in drawn(line)
    offered = drawn(line, offered=Piece("Pavel Orlov", "", 0, 0))
    assert "passage-goes-on" not in offered
    assert '<circle class="passage-offered"' in offered
    assert "Offered to Pavel Orlov, not yet taken" in offered


def test_an_ended_line_is_closed_by_a_bar_and_takes_no_length() -> None:
    html = drawn([Piece("Anna Kim", "waiting", 1, 1.0), Piece("Anna Kim", "final", 0, 0)])
    assert html.count('class="passage-end"') == 1
    assert stretches(html) == [(0.0, 100.0)]


@pytest.mark.parametrize("small", [True, False])
def test_the_line_is_told_in_words_and_names_are_escaped(small: bool) -> None:
    html = drawn([Piece("<b>Kim", "working", 3, 1.0)], small=small)
    assert "<b>Kim" not in html
    assert re.search(r"&lt;b&gt;Kim(</strong>)?: in fix, 3 h", html)


def test_no_line_is_drawn_of_nothing() -> None:
    assert drawn([]).strip() == ""
