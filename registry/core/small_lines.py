"""The small line of hands that stands in every row of a list: the same drawing as the large one.

The template of the large line (macros/timeline.html) draws marks, names and spans once a page; a
list has fifty lines, and drawing them by macros took half of its time.
Places are percentages, so that strokes and marks keep their size at any width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from markupsafe import Markup, escape

from registry.core.times import span_text

MIDDLE = 6  # the height at which the line runs
LEAST = 3.0  # percent that every stretch gets, however short; the rest goes by working time
FINAL = "final"


class Stretch(Protocol):
    """What is read of a stretch of the line; see tickets/timelines.py."""

    name: str
    kind: str
    label: str
    hours: float
    share: float
    open: bool


Span = Callable[[float], str]


def small_line(segments: Sequence[Stretch], span: Span = span_text) -> Markup:
    """The drawing, with its words for those who do not see it; nothing where there is no line.
    ``span`` says working hours in words."""
    if not segments:
        return Markup()
    goes_on = (f'<svg x="100%" overflow="visible"><path class="passage-goes-on" '
               f'd="M-5 {MIDDLE - 4}l6 4-6 4"/></svg>' if segments[-1].open else "")
    # Made of numbers, of our own kinds of states and of escaped words.
    return Markup(
        '<svg class="passage passage-small" width="100%" height="12" role="img" '
        f'aria-label="{escape(_words(segments, span))}">'
        f'{"".join(_strokes(segments))}{goes_on}</svg>')


def _words(segments: Iterable[Stretch], span: Span) -> str:
    return "; ".join(f"{each.name}: {each.label}" if each.kind == FINAL
                     else f"{each.name}: {each.label}, {span(each.hours)}"
                     for each in segments)


def _strokes(segments: Sequence[Stretch]) -> Iterator[str]:
    moving = [each.share for each in segments if each.kind != FINAL]
    count, whole = len(moving) or 1, sum(moving)
    least = min(LEAST, 70 / count)
    spare = 100 - least * count
    x, held = 0.0, ""
    for each in segments:
        begin = f"{x:.2f}%"
        if each.kind == FINAL:
            yield (f'<svg x="{begin}" overflow="visible"><path class="passage-end" '
                   f'd="M0 {MIDDLE - 6}v12"/></svg>')
        else:
            x += least + spare * (each.share / whole if whole else 1 / count)
            yield (f'<line class="stretch-{each.kind}" x1="{begin}" x2="{min(x, 100.0):.2f}%" '
                   f'y1="{MIDDLE}" y2="{MIDDLE}"/>')
        if each.name != held:
            yield (f'<svg x="{begin}" overflow="visible"><circle class="passage-hand" '
                   f'cy="{MIDDLE}" r="3"/></svg>')
        held = each.name
