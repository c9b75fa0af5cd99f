"""What every document says in the same words: its head and foot, moments, signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from babel.dates import format_datetime

from registry.core.languages import language, say
from registry.core.settings import current_settings
from registry.core.times import exact_text, local
from registry.core.words import N_
from registry.documents.faces import lacks
from registry.tickets.history import SignatureLine

Data = dict[str, Any]
HEX_SHOWN = 8


def brief(moment: datetime) -> str:
    """The moment in the columns of a table: «24.11.2026 10:40», «24 Nov 2026 10:40»."""
    pattern = "dd.MM.y HH:mm" if language() == "ru" else "d MMM y HH:mm"
    return format_datetime(local(moment).replace(tzinfo=None), pattern, locale=language())


def frame(title: str, running: str, at: datetime) -> Data:
    """What the template needs beside its own data. ``running`` stands at the foot of each page,
    ``at`` is the moment that the file calls its own."""
    day = local(at)
    return {
        "title": title, "author": "Countersign", "running": running,
        "date": [day.year, day.month, day.day],
        "page": say(N_("page {page} of {pages}")),
        "verify": say(N_("Is this paper genuine? Sign in at")),
        "scan": say(N_("to verify this paper")),
    }


def as_of(at: datetime) -> str:
    """Up to when the paper tells, and by whose clock its times are."""
    return say(N_("As it stood on %(when)s. All times are those of %(zone)s."), {
        "when": exact_text(at), "zone": current_settings().timezone})


def signer(line: SignatureLine) -> str:
    """Whoever signed, and for whom."""
    if not line.on_behalf_of:
        return line.name
    return say(N_("%(name)s for %(absent)s"), {"name": line.name, "absent": line.on_behalf_of})


def meaning(line: SignatureLine) -> str:
    """What the signature means, in its own words."""
    return say(N_("“%(meaning)s”"), {"meaning": line.meaning})


def signature(line: SignatureLine) -> Data:
    """A signature as papers set it: never a picture. Its role is the one that was signed."""
    return {"name": signer(line), "role": line.role, "meaning": meaning(line),
            "rest": " · ".join((exact_text(line.at), line.method, say(
                N_("statement %(hash)s"), {"hash": line.short})))}


def fact(label: str, text: str, *, own: bool = False) -> Data:
    """A line of facts; ``own`` are words that somebody wrote."""
    return {"label": label, "text": text, "own": own}


def notes(data: Mapping[str, Any], lines: Iterable[str]) -> list[str]:
    """The sentences at the end, and one about letters that the faces lack, where there are any."""
    said = list(lines)
    if lacks(data):
        said.append(say(N_("Words in square brackets stand for signs that the fonts of this paper "
                           "cannot draw.")))
    return said
