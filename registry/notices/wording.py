"""What a line of the mail says of one ticket: from whom, since when, why; in the language in
force. Also how the kinds of notices and the rhythms are called where a person chooses them."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from registry.core.mail_lines import LONGEST_REASON, day_and_clock, shortened
from registry.notices.models import Kind, Notice, Rhythm
from registry.tickets.half_signed import missing_from
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Ticket

Act = Handoff | JointAct


def words_of(notice: Notice, ticket: Ticket, act: Act | None) -> list[str]:
    """What is said besides number, problem and client."""
    if notice.timer:
        return _of_timer(notice, ticket, act)
    if notice.moment is not None:
        return _of_promise(notice, ticket)
    if isinstance(act, JointAct):
        return [_("cancelling proposed by %(name)s", name=shortened(act.proposed_by.name)),
                *_quoted(act.reason), _since(notice)]
    assert act is not None
    return [*SAID[notice.kind](act), _since(notice)]


def _since(notice: Notice) -> str:
    return day_and_clock(notice.at)


def _quoted(words: str) -> list[str]:
    return [_("“%(words)s”", words=shortened(words, LONGEST_REASON))] if words.strip() else []


def _of_timer(notice: Notice, ticket: Ticket, act: Act | None) -> list[str]:
    since = _("since %(moment)s", moment=day_and_clock(notice.moment or notice.at))
    if isinstance(act, Handoff):
        return [_("offered to %(name)s", name=shortened(act.receiver.name)), since]
    said = {
        "unaccepted": _("with %(name)s, not handed to anybody",
                        name=shortened(ticket.holder.name)),
        "not_started": _("accepted by %(name)s, but work has not begun",
                         name=shortened(ticket.holder.name)),
        "hold_is_over": _("the time on hold is over"),
        "not_checked": _("the client has not been called back"),
    }
    return [said.get(notice.timer, _("with %(name)s", name=shortened(ticket.holder.name))), since]


def _of_promise(notice: Notice, ticket: Ticket) -> list[str]:
    said = [_("promised %(moment)s", moment=day_and_clock(notice.moment or notice.at))]
    if notice.person_id != ticket.holder_id:
        said.insert(0, _("in the hands of %(name)s", name=shortened(ticket.holder.name)))
    return said + _quoted(ticket.next_step)


def _offered(act: Handoff) -> list[str]:
    return [_("from %(name)s", name=shortened(act.giver.name)), *_quoted(act.note)]


def _returned(act: Handoff) -> list[str]:
    return [_("mended by %(name)s: sign for it, then call the client",
              name=shortened(act.giver.name))]


def _came_back(act: Handoff) -> list[str]:
    return [_("the client says that it is not gone; from %(name)s",
              name=shortened(act.giver.name)), *_quoted(act.note)]


def _second(act: Handoff) -> list[str]:
    return [_("you are the witness: %(giver)s gives to %(receiver)s",
              giver=shortened(act.giver.name), receiver=shortened(act.receiver.name))]


def _declined(act: Handoff) -> list[str]:
    return [_("%(name)s does not take it", name=shortened(act.receiver.name)),
            *_quoted(act.reason)]


def _accepted(act: Handoff) -> list[str]:
    return [_("now in the hands of %(name)s", name=_taker(act)), *_quoted(act.next_step)]


def _withdrawn(act: Handoff) -> list[str]:
    return [_("it stays with %(name)s", name=shortened(act.giver.name)), *_quoted(act.reason)]


def _lapsed(act: Handoff) -> list[str]:
    (missing,) = missing_from(act)
    return [_("not signed by %(name)s before the day was over",
              name=shortened(missing.person.name)),
            _("it stays with %(name)s", name=shortened(act.giver.name))]


def _taken(act: Handoff) -> list[str]:
    return [_("now in the hands of %(name)s", name=_taker(act)), *_quoted(act.note)]


def _taker(act: Handoff) -> str:
    return shortened((act.taker or act.receiver).name)


SAID: dict[Kind, Callable[[Handoff], list[str]]] = {
    Kind.OFFERED: _offered, Kind.RETURNED: _returned, Kind.CAME_BACK: _came_back,
    Kind.SECOND_SIGNATURE: _second, Kind.DECLINED: _declined, Kind.ACCEPTED: _accepted,
    Kind.WITHDRAWN: _withdrawn, Kind.TAKEN: _taken,
    Kind.LAPSED: _lapsed,
}


def kind_titles() -> dict[Kind, str]:
    """How each kind is called where a person chooses."""
    return {
        Kind.OFFERED: _("A ticket or a handover sheet is offered to me"),
        Kind.RETURNED: _("A ticket comes back mended: the client is to be called"),
        Kind.CAME_BACK: _("The client says that it is not gone: a ticket comes back to me"),
        Kind.SECOND_SIGNATURE: _("I am asked to sign as the witness, or as the second"),
        Kind.PROMISE_NEAR: _("A promise of mine is near"),
        Kind.PROMISE_BROKEN: _("A promise is broken: in my hands, or to a client of mine"),
        Kind.DECLINED: _("My offer is declined, and why"),
        Kind.ACCEPTED: _("My offer is accepted"),
        Kind.WITHDRAWN: _("An offer to me is taken back, after I was told of it"),
        Kind.TAKEN: _("A ticket is taken from me by authority"),
        Kind.LAPSED: _("A handoff of mine lapses: not all had signed before the day was over"),
        Kind.UNACCEPTED: _("A ticket that nobody takes for too long"),
        Kind.WAITS: _("A ticket that waits for me too long: not begun, hold over, client not "
                      "called"),
    }


def rhythm_titles() -> dict[Rhythm, str]:
    """How each rhythm is called where a person chooses."""
    return {
        Rhythm.WORKING_HOURS: _("Within a quarter of an hour, in working hours"),
        Rhythm.ALWAYS: _("Within a quarter of an hour, at night and on free days too"),
        Rhythm.MORNING: _("Once a day: on working days an hour before work begins"),
    }
