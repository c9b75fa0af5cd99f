"""From a report's data to its lines, in the language in force: the same for mail and page.

A line is a row of parts; a part may lead somewhere. Text, HTML and page all walk over these lines,
so they cannot say different things or in different order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import format_date, pgettext
from flask_babel import gettext as _

from registry.core.languages import say
from registry.core.mail_lines import DOT, GLUE, LONGEST_REASON, Line, Part, shortened
from registry.ledger.keyring import LOST, ROTATED
from registry.reports.links import Links
from registry.reports.need_lines import late_lines, need_lines
from registry.reports.parts import count, late_words, moment_words, span_words
from registry.reports.rules import is_damaged


def report_lines(data: Mapping[str, Any], role: str, links: Links) -> list[Line]:
    """Every line of the report for a reader in ``role`` (empty: for nobody in particular)."""
    day = date.fromisoformat(data["day"])
    return [
        *late_lines(data), *need_lines(data, role, links),
        *_flows(data, day, links), *_free_days(data, links), *_promises(data, day, links),
        *_untaken(data, day, links), _hands(data, day, links), *_ledger(data["ledger"]),
        *_erased(data),
    ]


def flow_words() -> dict[str, str]:
    """How each thing that happens on a day is called; also the title of its list."""
    return {
        "new": pgettext("report", "new"), "accepted": pgettext("report", "accepted"),
        "returned": pgettext("report", "returned"),
        "confirmed": pgettext("report", "confirmed by clients"),
        "not_gone": pgettext("report", "not gone"),
        "closed_elsewhere": pgettext("report", "closed in another system, client not asked"),
        "reopened_elsewhere": pgettext("report", "reopened in another system, client not asked"),
        "cancelled": pgettext("report", "cancelled"),
    }


def standing_words() -> dict[str, str]:
    """How the tickets are called that stood so when the day ended: titles of lists."""
    return {
        "broken": _("Promises broken"), "danger": _("In danger, due within one working day"),
        "unpromised": _("In work without a promised date"),
        "untaken": _("Nobody has taken"),
        "unchecked": _("Mended, the client's check not on record"),
        "open": pgettext("report", "Open"), "hands-others": _("In other hands"),
    }


# Shown only where there were any: they are no part of every day.
SELDOM = ("closed_elsewhere", "reopened_elsewhere", "cancelled")


def _flows(data: Mapping[str, Any], day: date, links: Links) -> Iterator[Line]:
    flows = data["flows"]
    if not any(of_day for of_day, _before in flows.values()):
        yield Line("quiet", (Part(_("A quiet day: nothing was logged, accepted, returned, closed "
                                    "or reopened.")),))
    parts: list[Part] = []
    for name, word in flow_words().items():
        of_day, before = flows[name]
        if name in SELDOM and not of_day and not before:
            continue
        parts.append(Part((DOT if parts else "") + (word if parts else word.capitalize()) + GLUE))
        parts.append(Part(count(of_day), links.list(day, name)))
        told = _("day before %(count)s", count=count(before)) if len(parts) == 2 else count(before)
        parts.append(Part(f"{GLUE}({told})"))
    yield Line("flows", tuple(parts))


def _free_days(data: Mapping[str, Any], links: Links) -> Iterator[Line]:
    """What happened on the free days since: it would else be in no report."""
    for each in data["free_days"]:
        day, happened = date.fromisoformat(each["day"]), each["flows"]
        if not any(happened.values()):
            continue
        parts = [Part(_("Free day %(day)s:", day=format_date(day, "EEE d MMM")))]
        for name, word in flow_words().items():
            if happened[name]:
                parts += [Part(("," if len(parts) > 1 else "") + f" {word}{GLUE}"),
                          Part(count(happened[name]), links.list(day, name))]
        yield Line("free", tuple(parts))


def _promises(data: Mapping[str, Any], day: date, links: Links) -> Iterator[Line]:
    broken, danger = data["broken"], data["danger"]
    new = (GLUE + _("(%(count)s of them since the day before)", count=count(broken["that_day"]))
           if broken["that_day"] else "")
    tone = "broken" if broken["count"] else ""
    yield Line("head", (Part(_("Promises broken") + GLUE),
                        Part(count(broken["count"]), links.list(day, "broken"), tone),
                        Part(new), *_unpromised(data, day, links),
                        Part(":" if broken["rows"] else ".")))
    yield from _rows(broken, day, "broken", links, _broken_words)
    tone = "danger" if danger["count"] else ""
    yield Line("head", (Part(_("In danger, due within one working day") + GLUE),
                        Part(count(danger["count"]), links.list(day, "danger"), tone),
                        Part(":" if danger["rows"] else ".")))
    yield from _rows(danger, day, "danger", links, _danger_words)


def _unpromised(data: Mapping[str, Any], day: date, links: Links) -> Iterator[Part]:
    """Those that no promise covers: of them nobody can say whether they are late."""
    unpromised = data["unpromised"]["count"]
    if unpromised:
        yield Part("; " + _("in work without a promised date") + GLUE)
        yield Part(count(unpromised), links.list(day, "unpromised"))


def _untaken(data: Mapping[str, Any], day: date, links: Links) -> Iterator[Line]:
    untaken = data["untaken"]
    yield Line("head", (Part(_("Nobody has taken") + GLUE),
                        Part(count(untaken["count"]), links.list(day, "untaken")),
                        Part(":" if untaken["rows"] else ".")))
    yield from _rows(untaken, day, "untaken", links, _untaken_words)


def _rows(section: Mapping[str, Any], day: date, what: str, links: Links,
          words: Callable[[Mapping[str, Any]], list[str]]) -> Iterator[Line]:
    for row in section["rows"]:
        yield Line("row", (Part(str(row["number"]), links.ticket(row["number"])),
                           Part(" " + DOT.join(filter(None, words(row))))))
    more = section["count"] - len(section["rows"])
    if more > 0:
        yield Line("row", (Part(_("and %(count)s more", count=count(more)),
                                links.list(day, what)),))


def _broken_words(row: Mapping[str, Any]) -> list[str]:
    return [shortened(row["client"]), shortened(row["holder"]),
            _("promised %(moment)s", moment=moment_words(row["promised_at"])),
            late_words(row), shortened(row["why"], LONGEST_REASON)]


def _danger_words(row: Mapping[str, Any]) -> list[str]:
    return [shortened(row["client"]), shortened(row["holder"]),
            _("promised %(moment)s", moment=moment_words(row["promised_at"])),
            shortened(row["why"], LONGEST_REASON)]


def _untaken_words(row: Mapping[str, Any]) -> list[str]:
    if row["offered_to"]:
        who = _("offered to %(name)s", name=shortened(row["offered_to"]))
    elif row["holder"] == row["originator"]:
        who = _("with %(name)s, who logged it", name=shortened(row["holder"]))
    else:
        who = _("with %(name)s", name=shortened(row["holder"]))
    return [shortened(row["client"]), who, span_words(row)]


def _hands(data: Mapping[str, Any], day: date, links: Links) -> Line:
    hands = data["hands"]
    if not hands["open"]:
        return Line("hands", (Part(_("No ticket is open.")),))
    parts = [Part(pgettext("report", "Open") + GLUE),
             Part(count(hands["open"]), links.list(day, "open")),
             Part(_(", in the hands of:"))]
    for row in hands["rows"]:
        name = shortened(row["name"])
        parts += [Part((", " if len(parts) > 3 else " ") + name + GLUE),
                  Part(count(row["count"]), links.list(day, f"hands-{row['person']}"))]
    if hands["others"]:
        parts += [Part(", " + pgettext("report", "others") + GLUE),
                  Part(count(hands["others"]), links.list(day, "hands-others"))]
    return Line("hands", (*parts, Part(".")))


def _ledger(ledger: Mapping[str, Any]) -> Iterator[Line]:
    said = [_("Ledger: %(count)s entries.", count=count(ledger["entries"]))]
    check = ledger["check"]
    if check is None:
        said.append(_("It has not been verified as a whole yet."))
    elif check["findings"]:
        said.append(_("It does not verify: the check of %(moment)s found %(count)s faults.",
                      moment=moment_words(check["at"]), count=count(check["findings"])))
    else:
        said.append(_("All %(count)s that there were on %(moment)s verified.",
                      count=count(check["entries"]), moment=moment_words(check["at"])))
    if ledger["problem"] is not None:
        said += [_("No checkpoint could be made."),
                 say(ledger["problem"]["text"], ledger["problem"]["params"])]
    elif ledger["size"] is not None:
        said.append(_("The attached checkpoint covers %(count)s.", count=count(ledger["size"])))
    yield Line("ledger", (Part(" ".join(said), tone="broken" if is_damaged(ledger) else ""),))
    for each in ledger.get("keys", ()):
        yield Line("ledger", (Part(_new_key(each), tone="" if each["why"] == ROTATED
                                   else "danger"),))


def _new_key(replaced: Mapping[str, str]) -> str:
    """That the ledger is signed by another key than the reader has noted, and by which."""
    moment, key = moment_words(replaced["at"]), replaced["key"]
    if replaced["why"] == ROTATED:
        said = _("Since %(moment)s the ledger is signed with a new key, as the old one tells.",
                 moment=moment)
    elif replaced["why"] == LOST:
        said = _("Since %(moment)s the ledger is signed with a new key: the old one is lost.",
                 moment=moment)
    else:
        said = _("Since %(moment)s the ledger is signed with a new key: the old one was stolen.",
                 moment=moment)
    return said + " " + _("Ask the administrator whether it is so, and note it: %(key)s", key=key)


def _erased(data: Mapping[str, Any]) -> Iterator[Line]:
    """A report that the law has changed since does not pass for what was sent."""
    if data.get("erased"):
        yield Line("foot", (Part(_("Names in this report were erased by law after it was sent.")),))
