"""Parts of lists that are drawn once: a row that nobody changed looks as it did a moment ago.

What such a part shows follows from its arguments, the language, the day of today (moments are told
by it) and the mount point alone. Its macro is imported *without* context and asks for no clock, so
it cannot see more; and it is kept by exactly these, so there is no rule of when it falls: what has
changed is another part.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date
from functools import lru_cache, partial

from flask import request
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from registry.core.languages import language
from registry.core.times import local, utc_now

MOST_KEPT = 4096
Draw = Callable[..., Markup]


def drawing() -> Draw:
    """For templates: ``draw(macro, …)`` of this page, which draws what is not at hand."""
    return partial(_drawn, language(), local(utc_now()).date(), request.root_path)


@lru_cache(maxsize=MOST_KEPT)
def _drawn(_tongue: str, _today: date, _mounted_at: str, macro: Macro, *shown: Hashable) -> Markup:
    return Markup(macro(*shown))


def options(choices: Iterable[tuple[Hashable, str]], chosen: Hashable = None) -> Markup:
    """The options of a list to choose from, with the one that is ``chosen`` marked. Hundreds of
    people stand in such lists, on every page the same."""
    drawn, mark = _options(tuple(choices)), f'<option value="{escape(chosen)}"'
    if chosen is None:
        return Markup(drawn)
    return Markup(drawn.replace(mark, mark + " selected", 1))


@lru_cache(maxsize=64)
def _options(choices: tuple[tuple[Hashable, str], ...]) -> str:
    return "".join(f'<option value="{escape(key)}">{escape(title)}</option>'
                   for key, title in choices)
