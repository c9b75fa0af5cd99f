"""The mail of a report as it leaves: subject with date and verdict, and its lines.

Both parts walk over the same lines; how they are laid out stands in core/mail_lines.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale, format_date, ngettext
from flask_babel import gettext as _

from registry.core.languages import say
from registry.core.mail_lines import Line, Part, Rendered, laid_out
from registry.core.words import N_
from registry.people.models import Role
from registry.reports.lines import report_lines
from registry.reports.links import Links

READER_TITLES = {
    Role.COMMERCIAL_DIRECTOR: N_("You are sent this as the commercial director."),
    Role.HEAD_OF_SALES: N_("You are sent this as the head of sales."),
    Role.LEAD: N_("You are sent this as the programme lead."),
}


def rendered(data: Mapping[str, Any], role: Role, language: str) -> Rendered:
    """The mail of the report for a reader in ``role``."""
    with force_locale(language):
        return laid_out(subject_of(data), mail_lines(data, role))


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
    return str(format_date(day, "d MMM" if day.year == made_at.year else "d MMM y"))
