"""Mails as lines: what they are made of, and both parts laid out from the same lines.

The HTML has no pictures and no background of its own, so it is good in the dark; colours live in a
style block that follows the reader's scheme, and each reader that drops it still gets the rules
written on the elements. What a line says is the business of whoever writes the mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import css_inline
from flask import current_app
from flask_babel import format_date

from registry.core.languages import language
from registry.core.times import local

DARK = "@media (prefers-color-scheme: dark) { .broken { color: #ff9b90 !important } " \
       ".danger { color: #f0b860 !important } }"
STYLE = Path(__file__).parent.parent / "templates" / "mail" / "mail.css"
LONGEST_NAME = 44
LONGEST_REASON = 80
GLUE = "\u00a0"
"""Keeps a number beside its word."""
DOT = f"{GLUE}· "
"""Between the things that a line says; it ends a line rather than begins the next."""


@dataclass(frozen=True)
class Part:
    """Words that may lead somewhere; ``tone`` is broken or danger where colour means that too."""

    text: str
    href: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One line; ``kind`` says what it is: late, need, flows, free, quiet, head, row, hands,
    ledger, foot."""

    kind: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Rendered:
    """A mail in the language of one reader."""

    subject: str
    text: str
    html: str


def laid_out(subject: str, lines: Sequence[Line]) -> Rendered:
    """Both parts of the mail, line for line the same, in the language in force."""
    values = {"lines": lines, "subject": subject, "language": language()}
    page = current_app.jinja_env.get_template("mail/mail.html").render(values)
    text = current_app.jinja_env.get_template("mail/mail.txt").render(values)
    return Rendered(subject, text.strip() + "\n", _styled(page))


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """At most so many characters, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def day_and_clock(moment: datetime) -> str:
    """«20 Nov 18:00»; never "today", for a mail is read on any day."""
    there = local(moment)
    return f"{there.day}{GLUE}{format_date(there.date(), 'MMM')}{GLUE}{there:%H:%M}"


def _styled(page: str) -> str:
    """Write each rule on its elements and keep the block too; then press the blanks out."""
    inlined = _inliner().inline(page)
    block = f"<style>{_style()} {DARK}</style></head>"
    return re.sub(r">\s*\n\s*", ">", inlined.replace("</head>", block, 1))


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=_style())


@cache
def _style() -> str:
    return " ".join(STYLE.read_text(encoding="utf-8").split())
