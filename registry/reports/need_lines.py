"""The first lines of a report: that it is late, and the one thing that its reader must act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from registry.core.mail_lines import Line, Part, shortened
from registry.reports.links import Links
from registry.reports.parts import late_words, moment_words, span_words


def late_lines(data: Mapping[str, Any]) -> Iterator[Line]:
    """That the report was made late, and why."""
    late = data["late"]
    if late is None:
        return
    sentences: dict[str, Callable[[], str]] = {
        "worker_down": lambda: _("No worker ran from %(since)s to %(until)s.",
                                 since=moment_words(late["seen_at"]),
                                 until=moment_words(late["found_at"])),
        "first_start": lambda: _("The registry was started only on %(until)s.",
                                 until=moment_words(late["found_at"])),
        "failed_before": lambda: _("Making it failed at first."),
        "calendar_changed": lambda: _("The calendar or the hour of the report was changed "
                                      "afterwards."),
    }
    said = _("This report is late: it was due on %(due)s and made on %(made)s.",
             due=moment_words(late["due_at"]), made=moment_words(data["made_at"]))
    yield Line("late", (Part(f"{said} {sentences[late['code']]()}"),))


def need_lines(data: Mapping[str, Any], role: str, links: Links) -> Iterator[Line]:
    """What needs this reader first; for nobody in particular no line."""
    need = data["needs"].get(role)
    if need is None:
        return
    row = need["row"]
    said = SENTENCES[need["code"]](row)
    href = links.ticket(row["number"]) if row else ""
    tone = "broken" if need["code"] in ("broken", "broken_of_key_client", "ledger_damaged") else ""
    yield Line("need", (Part(_("For you:") + " "), Part(said, href, tone)))


def _broken(row: Mapping[str, Any]) -> str:
    return _("ticket No. %(number)s of %(client)s is %(late)s, in the hands of %(holder)s. "
             "No warning to the client is on record.", **_names(row), late=late_words(row))


def _untaken(row: Mapping[str, Any]) -> str:
    waits = span_words(row)
    if row["offered_to"]:
        return _("ticket No. %(number)s of %(client)s was offered to %(receiver)s and has waited "
                 "%(span)s for an answer.", **_names(row), span=waits,
                 receiver=shortened(row["offered_to"]))
    return _("ticket No. %(number)s of %(client)s has waited %(span)s for an engineer to take it. "
             "It is with %(holder)s.", **_names(row), span=waits)


def _unchecked(row: Mapping[str, Any]) -> str:
    return _("ticket No. %(number)s of %(client)s was mended %(span)s ago, and the client's check "
             "is not on record. It is with %(holder)s.", **_names(row),
             span=span_words(row))


def _names(row: Mapping[str, Any]) -> dict[str, str]:
    return {"number": str(row["number"]), "client": shortened(row["client"]),
            "holder": shortened(row["holder"])}


SENTENCES: dict[str, Callable[[Any], str]] = {
    "broken": _broken, "broken_of_key_client": _broken, "untaken": _untaken,
    "unchecked": _unchecked,
    "ledger_damaged": lambda row: _("the ledger is not as it was written. Call the administrator "
                                    "today."),
    "nothing": lambda row: _("nothing needs you today."),
}
