"""The same drawing for a phone: all states side by side within its width.

What differs from diagram.py is only where the words stand. A state's title begins at its own line,
each one step lower than the one before, as names stand over the stops of a railway timetable; a
move's title stands above its row. So nothing is hidden until the drawing is moved sideways. The
page shows one of the two drawings; ``lifecycle-narrow`` names this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from workflows.definition import Move, State, Workflow
from workflows.diagram import described, way, word

LEFT: Final = 12
ROOM: Final = 328
"""A phone of 360 px, less the edges of its page; the columns stand closer where they have to."""
COLUMNS: Final = (28, 41)
STEP: Final = 17
"""How much lower each state's title stands than the one before."""
ROW: Final = 42
FOOT: Final = 28
GAP: Final = 5
"""Between a state's line and its title."""
LETTER: Final = 7.2
"""The width of a letter, on the whole: only the drawing's own width hangs on it."""


def narrow_svg(workflow: Workflow, language: str, here: str | None = None) -> str:
    """Return the SVG drawing for a narrow screen; ``here`` marks a state."""
    column = _column(workflow, language)
    columns = {name: LEFT + column * number for number, name in enumerate(workflow.states)}
    head = STEP * len(columns) + STEP // 2
    width = _width(workflow, columns, language)
    height = head + ROW * len(workflow.moves) + FOOT
    own = f"lifecycle-{workflow.name}-{workflow.version}-narrow"
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle-narrow" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'lang={quoteattr(language)} aria-labelledby="{own}-title {own}-desc" '
        f'fill="currentColor" font-size="13">'
    )
    return "\n".join([
        opening,
        f'<title id="{own}-title">{escape(workflow.title.said(language))}</title>',
        f'<desc id="{own}-desc">{escape(described(workflow, language, here))}</desc>',
        *(line for number, state in enumerate(workflow.states.values())
          for line in _state(state, columns[state.name], STEP * (number + 1), height,
                             state.name == here)),
        *(line for number, move in enumerate(workflow.moves.values())
          for line in _move(move, head + ROW * number + ROW - 12, columns, language)),
        *(line for number, state in enumerate(workflow.states.values())
          for line in _title(state, columns[state.name], STEP * (number + 1), language, here)),
        *([_note(columns[here], width, height, language)] if here in columns else []),
        "</svg>",
    ]) + "\n"


def _column(workflow: Workflow, language: str) -> int:
    """How far apart the states stand, so that the last title still ends on the screen."""
    least, most = COLUMNS
    lengths = [len(state.title.said(language)) for state in workflow.states.values()]
    fit = (int((ROOM - LEFT - GAP - LETTER * length) / number)
           for number, length in enumerate(lengths) if number)
    return max(least, min([most, *fit]))


def _width(workflow: Workflow, columns: dict[str, int], language: str) -> int:
    """As wide as the last columns' titles reach, and no narrower than the moves' titles."""
    states = (columns[name] + GAP + LETTER * len(state.title.said(language))
              for name, state in workflow.states.items())
    moves = (LETTER * len(move.title.said(language)) for move in workflow.moves.values())
    return round(max([*states, *moves, *(x + LEFT for x in columns.values())]))


def _state(state: State, x: int, top: int, height: int, is_here: bool) -> Iterator[str]:
    """The line that a state is, from its title down; shaded where the thing that moves is."""
    if is_here:
        yield (f'<rect class="mark" x="{x - LEFT + 1}" y="{top + 5}" width="{2 * LEFT - 2}" '
               f'height="{height - FOOT - top}" rx="4" fill-opacity="0.12"/>')
    dashes = ' stroke-dasharray="4 4"' if state.kind == "paused" else ""
    yield (f'<line class="life" x1="{x}" y1="{top - 10}" x2="{x}" y2="{height - FOOT + 6}" '
           f'stroke="currentColor" stroke-opacity="0.35"'
           f' stroke-width="{3 if state.is_final else 1}"{dashes}/>')


def _title(state: State, x: int, y: int, language: str, here: str | None) -> Iterator[str]:
    """The state's title at the head of its line, over whatever passes there."""
    at = state.name == here
    weight = ' font-weight="bold"' if at else ""
    yield f'<g class="state {state.kind}{" here" if at else ""}">'
    yield f'<text x="{x + GAP}" y="{y}"{weight}>{escape(state.title.said(language))}</text>'
    yield "</g>"


def _note(x: int, width: int, height: int, language: str) -> str:
    """Under the line of the state: that what moves is there now; within the drawing."""
    words = word(language, "here")
    half = round(LETTER * len(words) / 2)
    return (f'<text class="note" x="{max(half, min(x, width - half))}" y="{height - 8}" '
            f'text-anchor="middle" font-size="12" font-weight="bold">{escape(words)}</text>')


def _move(move: Move, y: int, columns: dict[str, int], language: str) -> Iterator[str]:
    """A move: its title above, then the line from its sources to its target."""
    yield f'<g class="move{" handoff" if move.handoff else ""}">'
    yield f'<text x="0" y="{y - 12}">{escape(move.title.said(language))}</text>'
    yield from way(move, columns, y)
    yield "</g>"
