"""The mail to one person about tickets: a subject that tells all, and a line for each thing.

What waits for a signature comes first, then promises, then what lies unaccepted, then what became
of one's own offers. Each line opens the ticket; nothing in a mail acts or asks for a password.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from registry.core.mail_lines import (
    DOT,
    GLUE,
    Line,
    Part,
    Rendered,
    day_and_clock,
    laid_out,
    shortened,
)
from registry.core.settings import page_address
from registry.notices.models import Kind, Notice
from registry.notices.wording import words_of
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Ticket

MOST_ROWS = 30
LONGEST_SUMMARY = 60


@dataclass(frozen=True)
class News:
    """One thing to tell, with what it is about; ``absent`` is for whom the reader stands in."""

    notice: Notice
    ticket: Ticket
    act: Handoff | JointAct | None
    absent: str

    @property
    def is_cancelling(self) -> bool:
        """Whether it is about an act that two persons sign."""
        return isinstance(self.act, JointAct)

    @property
    def sheet_id(self) -> int | None:
        """The handover sheet whose lines are signed on one page."""
        is_offer = self.notice.kind in (Kind.OFFERED, Kind.RETURNED, Kind.SECOND_SIGNATURE)
        return self.act.sheet_id if is_offer and isinstance(self.act, Handoff) else None


@dataclass(frozen=True)
class Section:
    """A part of the mail: its title and how the subject counts it."""

    holds: Callable[[News], bool]
    title: Callable[[], str]
    counted: Callable[[int], str]
    tone: str = ""


def _of(*kinds: Kind) -> Callable[[News], bool]:
    return lambda news: news.notice.kind in kinds and not news.is_cancelling


SECTIONS = (
    Section(_of(Kind.OFFERED, Kind.RETURNED, Kind.CAME_BACK, Kind.SECOND_SIGNATURE),
            lambda: _("Wait for your signature"),
            lambda count: ngettext("%(num)d handoff waits for your signature",
                                   "%(num)d handoffs wait for your signature", count)),
    Section(lambda news: news.is_cancelling,
            lambda: _("Cancellings that wait for your signature"),
            lambda count: ngettext("%(num)d cancelling waits for your signature",
                                   "%(num)d cancellings wait for your signature", count)),
    Section(_of(Kind.PROMISE_BROKEN), lambda: _("Promises broken"),
            lambda count: ngettext("%(num)d promise broken", "%(num)d promises broken", count),
            "broken"),
    Section(_of(Kind.PROMISE_NEAR), lambda: _("Promises that are near: keep them, or warn the "
                                              "client now"),
            lambda count: ngettext("%(num)d promise near", "%(num)d promises near", count),
            "danger"),
    Section(_of(Kind.TAKEN), lambda: _("Taken from you by authority"),
            lambda count: ngettext("%(num)d ticket taken from you",
                                   "%(num)d tickets taken from you", count)),
    Section(_of(Kind.DECLINED), lambda: _("Your offers that were declined: the tickets are still "
                                          "on you"),
            lambda count: ngettext("%(num)d offer declined", "%(num)d offers declined", count)),
    Section(_of(Kind.LAPSED), lambda: _("Handoffs that lapsed: not all had signed"),
            lambda count: ngettext("%(num)d handoff lapsed", "%(num)d handoffs lapsed", count)),
    Section(_of(Kind.UNACCEPTED), lambda: _("Nobody has taken"),
            lambda count: ngettext("%(num)d ticket that nobody has taken",
                                   "%(num)d tickets that nobody has taken", count)),
    Section(_of(Kind.WAITS), lambda: _("Wait too long"),
            lambda count: ngettext("%(num)d ticket waits too long",
                                   "%(num)d tickets wait too long", count)),
    Section(_of(Kind.ACCEPTED), lambda: _("Taken off your hands"),
            lambda count: ngettext("%(num)d offer accepted", "%(num)d offers accepted", count)),
    Section(_of(Kind.WITHDRAWN), lambda: _("Offers that were taken back: nothing to sign there"),
            lambda count: ngettext("%(num)d offer withdrawn", "%(num)d offers withdrawn", count)),
)


def notices_mail(news: Sequence[News], language: str) -> Rendered:
    """The mail of all ``news`` in the reader's language."""
    with force_locale(language):
        return laid_out(_subject(news), list(_lines(news)))


def _subject(news: Sequence[News]) -> str:
    """«3 handoffs wait for your signature, 1 promise near»; of one ticket also which."""
    counted = [(section, sum(map(section.holds, news))) for section in SECTIONS]
    said = ", ".join(section.counted(count) for section, count in counted if count)
    said = said[0].upper() + said[1:]
    if len({each.ticket.id for each in news}) > 1:
        return said
    ticket = news[0].ticket
    return _("%(said)s: No. %(number)s, %(client)s", said=said, number=ticket.number,
             client=shortened(ticket.client.name))


def _lines(news: Sequence[News]) -> Iterator[Line]:
    for section in SECTIONS:
        of_section = [each for each in news if section.holds(each)]
        if of_section:
            yield Line("head", (Part(section.title(), tone=section.tone),
                                Part(f"{GLUE}({len(of_section)})")))
            yield from _rows(of_section)
    yield Line("foot", (Part(_("My desk") + ": "), _link("tickets.desk")))
    yield Line("foot", (Part(_("Choose what you are told by mail, and when:") + " "),
                        _link("notices.choices")))


def _rows(news: Sequence[News]) -> Iterator[Line]:
    """A line for each thing; of several lines of one handover sheet one for the sheet."""
    shown = list(_by_sheet(news))
    for group in shown[:MOST_ROWS]:
        yield _sheet_row(group) if len(group) > 1 else _row(group[0])
    if len(shown) > MOST_ROWS:
        yield Line("row", (Part(_("and %(count)s more", count=len(shown) - MOST_ROWS),
                                page_address("tickets.desk")),))


def _by_sheet(news: Sequence[News]) -> Iterator[list[News]]:
    sheets: dict[tuple[int, str, Kind], list[News]] = {}
    for each in news:
        if each.sheet_id is None:
            yield [each]
        else:
            sheets.setdefault((each.sheet_id, each.absent, each.notice.kind), []).append(each)
    yield from sheets.values()


def _row(news: News) -> Line:
    ticket = news.ticket
    said = [shortened(ticket.summary, LONGEST_SUMMARY), shortened(ticket.client.name),
            *words_of(news.notice, ticket, news.act)]
    if news.notice.kind not in (Kind.PROMISE_NEAR, Kind.PROMISE_BROKEN) and ticket.promised_at:
        said.append(_("promised %(moment)s", moment=day_and_clock(ticket.promised_at)))
    page = page_address("tickets.show", number=ticket.number)
    return Line("row", (Part(str(ticket.number), page),
                        Part(" " + DOT.join([*said, *_for_whom(news)]))))


def _sheet_row(group: Sequence[News]) -> Line:
    first = group[0]
    sheet_id = first.sheet_id
    clients = dict.fromkeys(shortened(each.ticket.client.name) for each in group)
    said = [ngettext("%(num)d ticket", "%(num)d tickets", len(group)),
            shortened(", ".join(clients), LONGEST_SUMMARY),
            *words_of(first.notice, first.ticket, first.act), *_for_whom(first)]
    return Line("row", (Part(_("Handover sheet %(number)s", number=sheet_id),
                             page_address("tickets.sheet", sheet_id=sheet_id)),
                        Part(DOT + DOT.join(said))))


def _for_whom(news: News) -> Iterator[str]:
    if news.absent:
        yield _("for %(name)s, who is away", name=shortened(news.absent))


def _link(endpoint: str) -> Part:
    whole = page_address(endpoint)
    return Part(whole, whole)
