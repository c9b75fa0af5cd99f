"""Draws a lifecycle from its own data, in the reader's language.

Mermaid for documents; SVG for the product. The SVG is read like a timetable: each state is a line
from top to bottom, each move a row that leads from dots (where it may begin) to an arrow (where it
ends); a ring is a move that keeps the state. Colours come from ``currentColor`` and class names,
so that the page's own style rules, and no inline style is needed. narrow_diagram.py draws the same
for a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from workflows.definition import SAME, Move, State, Workflow

GUTTER: Final = 300
"""Width of the column of moves' titles."""
COLUMN: Final = 124
HEAD: Final = 72
ROW: Final = 30
RING: Final = 5
LETTERS_IN_COLUMN: Final = 15
LETTERS_IN_GUTTER: Final = 42

WORDS: Final = {
    "en": {"here": "now here", "from": "from", "to": "to", "keeps": "the state is kept"},
    "ru": {"here": "сейчас здесь", "from": "из", "to": "в", "keeps": "состояние сохраняется"},
}


def mermaid(workflow: Workflow, language: str, here: str | None = None) -> str:
    """Return a Mermaid state diagram; ``here`` marks one state."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_quoted(state.title.said(language))}" as {state.name}'
              for state in workflow.states.values()]
    lines.append(f"    [*] --> {workflow.initial}")
    for move in workflow.moves.values():
        title = _quoted(move.title.said(language))
        lines += [f"    {source} --> {move.target_from(source)}: {title}"
                  for source in move.sources]
    lines += [f"    {state.name} --> [*]" for state in workflow.states.values() if state.is_final]
    if here in workflow.states:
        lines += ["    classDef here stroke-width:4px,font-weight:bold", f"    class {here} here"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Keep Mermaid's own signs out of a title: it knows HTML's numbered entities as #…;"""
    return "".join(f"#{ord(sign)};" if sign in '"#;:<>' else sign for sign in text)


def svg(workflow: Workflow, language: str, here: str | None = None) -> str:
    """Return an SVG drawing with real text, a title and a description; ``here`` marks a state."""
    columns = {name: GUTTER + COLUMN * number + COLUMN // 2
               for number, name in enumerate(workflow.states)}
    width = GUTTER + COLUMN * len(columns)
    height = HEAD + ROW * len(workflow.moves) + ROW
    own = f"lifecycle-{workflow.name}-{workflow.version}"
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" lang={quoteattr(language)} '
        f'aria-labelledby="{own}-title {own}-desc" fill="currentColor" font-size="13">'
    )
    return "\n".join([
        opening,
        f'<title id="{own}-title">{escape(workflow.title.said(language))}</title>',
        f'<desc id="{own}-desc">{escape(described(workflow, language, here))}</desc>',
        *(line for state in workflow.states.values()
          for line in _state(state, columns[state.name], height, language, here)),
        *(line for number, move in enumerate(workflow.moves.values())
          for line in _move(move, HEAD + ROW * number + ROW // 2, columns, language)),
        "</svg>",
    ]) + "\n"


def _state(state: State, x: int, height: int, language: str, here: str | None) -> Iterator[str]:
    """A state: its title, broken into lines that fit, above the line that it is."""
    at = state.name == here
    classes = f"state {state.kind}{' here' if at else ''}"
    yield f'<g class="{classes}">'
    if at:
        yield (f'<rect class="mark" x="{x - COLUMN // 2 + 2}" y="2" width="{COLUMN - 4}" '
               f'height="{height - 4}" rx="4" fill-opacity="0.08"/>')
    lines = wrap(state.title.said(language), LETTERS_IN_COLUMN, break_long_words=False)[:3]
    weight = ' font-weight="bold"' if at else ""
    yield f'<text x="{x}" text-anchor="middle"{weight}>'
    for number, line in enumerate(lines):
        y = HEAD - 14 - 16 * (len(lines) - 1 - number)
        yield f'<tspan x="{x}" y="{y}">{escape(line)}</tspan>'
    yield "</text>"
    if at:
        yield (f'<text class="note" x="{x}" y="{height - 10}" text-anchor="middle" '
               f'font-size="11">{escape(word(language, "here"))}</text>')
    dashes = ' stroke-dasharray="4 4"' if state.kind == "paused" else ""
    yield (f'<line class="life" x1="{x}" y1="{HEAD - 6}" x2="{x}" y2="{height - ROW}" '
           f'stroke="currentColor" stroke-opacity="0.35"'
           f' stroke-width="{3 if state.is_final else 1}"{dashes}/>')
    yield "</g>"


def _move(move: Move, y: int, columns: dict[str, int], language: str) -> Iterator[str]:
    """A move: its title on the left, a line from its sources to its target."""
    title = move.title.said(language)
    shown = title if len(title) <= LETTERS_IN_GUTTER else title[:LETTERS_IN_GUTTER - 1] + "…"
    yield f'<g class="move{" handoff" if move.handoff else ""}">'
    if shown != title:
        yield f"<title>{escape(title)}</title>"
    yield f'<text x="{GUTTER - 8}" y="{y + 4}" text-anchor="end">{escape(shown)}</text>'
    yield from way(move, columns, y)
    yield "</g>"


def way(move: Move, columns: dict[str, int], y: int) -> Iterator[str]:
    """What a move does, drawn at height ``y``: rings where it keeps the state, else an arrow."""
    sources = [columns[name] for name in move.sources]
    if move.target == SAME:
        yield from (f'<circle class="keeps" cx="{x}" cy="{y}" r="{RING}" fill="none" '
                    f'stroke="currentColor" stroke-width="1.5"/>' for x in sources)
    else:
        yield from _arrow(sources, columns[move.target], y)


def _arrow(sources: list[int], target: int, y: int) -> Iterator[str]:
    """The line through all sources; its arrow stands on the side from which it is reached.

    A ring around the target says that the move may also be made there, and keeps the state.
    """
    tip = RING if target in sources else 0
    before = any(x < target for x in sources)
    after = any(x > target for x in sources)
    ends = [*(x for x in sources if x != target),
            *([target - tip] if before else []), *([target + tip] if after else [])]
    yield (f'<line x1="{min(ends)}" y1="{y}" x2="{max(ends)}" y2="{y}" stroke="currentColor" '
           f'stroke-width="1.5"/>')
    yield from (f'<circle class="source" cx="{x}" cy="{y}" r="4"/>'
                for x in sources if x != target)
    if target in sources:
        yield (f'<circle class="keeps" cx="{target}" cy="{y}" r="{RING}" fill="none" '
               f'stroke="currentColor" stroke-width="1.5"/>')
    if before:
        yield f'<path class="target" d="M{target - tip} {y}l-10 -5v10z"/>'
    if after:
        yield f'<path class="target" d="M{target + tip} {y}l10 -5v10z"/>'


def described(workflow: Workflow, language: str, here: str | None) -> str:
    """Say the drawing in words, move by move, for those who hear it."""
    titles = {name: state.title.said(language) for name, state in workflow.states.items()}
    parts = []
    if here in titles:
        parts.append(f"{word(language, 'here')}: {titles[here]}")
    for move in workflow.moves.values():
        sources = ", ".join(titles[name] for name in move.sources)
        end = (word(language, "keeps") if move.target == SAME
               else f"{word(language, 'to')}: {titles[move.target]}")
        parts.append(f"{move.title.said(language)} ({word(language, 'from')}: {sources}; {end})")
    return ". ".join(parts) + "."


def word(language: str, key: str) -> str:
    """A word that the drawing adds of its own."""
    return WORDS.get(language, WORDS["en"])[key]
