"""The mail of a report as it leaves: subject with date and verdict, text and HTML.

Both parts walk over the same lines. The HTML has no pictures and no background of its own, so it
is good in the dark; colours live in a style block that follows the reader's scheme, and each
reader that drops it still gets the rules written on the elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import css_inline
from flask import current_app
from flask_babel import force_locale, format_date, ngettext
from flask_babel import gettext as _

from registry.core.languages import say
from registry.core.words import N_
from registry.people.models import Role
from registry.reports.lines import report_lines
from registry.reports.links import Links
from registry.reports.parts import Line, Part

DARK = "@media (prefers-color-scheme: dark) { .broken { color: #ff9b90 !important } " \
       ".danger { color: #f0b860 !important } }"
READER_TITLES = {
    Role.COMMERCIAL_DIRECTOR: N_("You are sent this as the commercial director."),
    Role.HEAD_OF_SALES: N_("You are sent this as the head of sales."),
    Role.LEAD: N_("You are sent this as the programme lead."),
}


@dataclass(frozen=True)
class Rendered:
    """A report in one language for one reader's role."""

    subject: str
    text: str
    html: str


def rendered(data: Mapping[str, Any], role: Role, language: str) -> Rendered:
    """The mail of the report for a reader in ``role``."""
    with force_locale(language):
        subject = subject_of(data)
        lines = mail_lines(data, role)
        values = {"lines": lines, "subject": subject, "language": language}
        page = current_app.jinja_env.get_template("reports/mail.html").render(values)
        text = current_app.jinja_env.get_template("reports/mail.txt").render(values)
    return Rendered(subject, text.strip() + "\n", _styled(page))


def mail_lines(data: Mapping[str, Any], role: Role) -> list[Line]:
    """The report's lines, and below them where the numbers open and why the reader gets them."""
    links = Links.for_mail()
    address = links.report(date.fromisoformat(data["day"]))
    return [
        *report_lines(data, role.value, links),
        Line("foot", (Part(_("Each number opens the list that it counts:") + " "),
                      Part(address, address))),
        Line("foot", (Part(say(READER_TITLES[role])),)),
    ]


def subject_of(data: Mapping[str, Any]) -> str:
    """«24 Nov: 4 new, 6 returned, 1 promise broken», in the language in force."""
    flows, broken = data["flows"], data["broken"]["count"]
    day = day_words(date.fromisoformat(data["day"]), datetime.fromisoformat(data["made_at"]))
    said = []
    if any(of_day for of_day, _before in flows.values()):
        new, returned = flows["new"][0], flows["returned"][0]
        said += [ngettext("%(num)d new", "%(num)d new", new),
                 ngettext("%(num)d returned", "%(num)d returned", returned)]
    else:
        said.append(_("a quiet day"))
    said.append(ngettext("%(num)d promise broken", "%(num)d promises broken", broken)
                if broken else _("no promise broken"))
    late = " " + _("(late)") if data["late"] else ""
    return f"{day}{late}: {', '.join(said)}"


def day_words(day: date, made_at: datetime) -> str:
    """«24 Nov», with the year where the report was made in another."""
    year = "" if day.year == made_at.year else f" {day.year}"
    return f"{day.day} {format_date(day, 'MMM')[:3]}{year}"


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
    source = files("registry.reports") / "templates" / "reports" / "mail.css"
    return " ".join(source.read_text(encoding="utf-8").split())
