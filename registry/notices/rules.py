"""When somebody is told, and whether what was to be told still holds: pure, without database.

Quarter-hours, quiet hours and the default of each role stand here; who is told of what stands in
listening.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from registry.core.calendar import WorkingCalendar
from registry.notices.models import Kind, Rhythm
from registry.people.models import Person, Role
from registry.tickets.handoff_models import Handoff, HandoffState, JointAct, JointState
from registry.tickets.rules import has_promise, is_late

if TYPE_CHECKING:
    from registry.notices.models import Notice
    from registry.tickets.models import Ticket

QUARTER = timedelta(minutes=15)
# Before work begins, in minutes: the morning mail is read on the way.
BEFORE_WORK = 60
# News that nobody could be told for so long is history, which stands in the registry.
STALE = timedelta(days=3)
OFFERS = frozenset({Kind.OFFERED, Kind.RETURNED, Kind.CAME_BACK})
NEWS = frozenset({Kind.DECLINED, Kind.ACCEPTED, Kind.WITHDRAWN, Kind.TAKEN, Kind.LAPSED})
# Engineers hand tickets to each other all day; that one was taken is news for those who log them.
LOGGERS = frozenset({Role.VISITOR, Role.LEAD, Role.HEAD_OF_SALES})


def wanted_by_default(kind: Kind, person: Person) -> bool:
    """Whether a person who has chosen nothing is told things of this kind."""
    return kind is not Kind.ACCEPTED or not LOGGERS.isdisjoint(person.roles)


def leaves_at(at: datetime, rhythm: Rhythm, calendar: WorkingCalendar) -> datetime:
    """When the mail is made whose first notice is of ``at``: it opens a quarter of an hour.

    Outside working hours it waits for the next working day to begin, unless the person is told
    always; by the morning rhythm it waits for the next morning of a working day.
    """
    if rhythm is Rhythm.ALWAYS:
        return at + QUARTER
    today = calendar.local(at).date()
    if calendar.is_working(today):
        opens, closes = calendar.shift(today)
        morning = opens - timedelta(minutes=BEFORE_WORK)
        if rhythm is Rhythm.MORNING and at <= morning:
            return morning
        if rhythm is Rhythm.WORKING_HOURS and at <= closes:
            return max(at + QUARTER, opens)
    opens = calendar.shift(calendar.next_working_day(today))[0]
    return opens - timedelta(minutes=BEFORE_WORK) if rhythm is Rhythm.MORNING else opens


def near_at(promised: datetime, now: datetime, calendar: WorkingCalendar) -> datetime:
    """When the holder is warned of a promise made ``now``: one working day before, as the daily
    report counts danger; of a shorter promise when half of its working time is over."""
    warned = _a_working_day_before(promised, calendar)
    if warned > now:
        return warned
    hours = calendar.hours_between(now, promised)
    return calendar.add_hours(now, hours / 2) if hours else now


def _a_working_day_before(moment: datetime, calendar: WorkingCalendar) -> datetime:
    left = timedelta(hours=calendar.hours_a_day)
    day = calendar.next_working_day(calendar.local(moment).date() - timedelta(days=1))
    while True:
        opens, closes = calendar.shift(day)
        span = max(min(closes, moment) - opens, timedelta())
        if span >= left:
            return min(closes, moment) - left
        left -= span
        day = calendar.previous_working_day(day)


def still_so(notice: Notice, ticket: Ticket, act: Handoff | JointAct | None, *,
             offer_was_told: bool, now: datetime) -> bool:
    """Whether what the notice says is so ``now`` and still news for its person."""
    if notice.timer:
        return _waits_still(notice, ticket, act)
    if notice.kind in (Kind.PROMISE_NEAR, Kind.PROMISE_BROKEN):
        return _promised_still(notice, ticket, now)
    if isinstance(act, JointAct):
        return act.state is JointState.PROPOSED
    if act is None:
        return False
    if notice.kind in OFFERS:
        return (act.state is HandoffState.OFFERED and act.receiver_id == notice.person_id
                and act.receiver_signed_at is None)
    if notice.kind is Kind.SECOND_SIGNATURE:
        return act.state is HandoffState.OFFERED and act.witness_signed_at is None
    return _ended_so(notice, ticket, act, offer_was_told)


def _ended_so(notice: Notice, ticket: Ticket, act: Handoff, offer_was_told: bool) -> bool:
    if notice.kind is Kind.DECLINED:
        return (act.state is HandoffState.DECLINED and ticket.is_open
                and (act.by_authority or ticket.holder_id == act.giver_id))
    if notice.kind is Kind.LAPSED:
        return (act.state is HandoffState.LAPSED and ticket.is_open
                and ticket.holder_id == act.giver_id)
    if notice.kind is Kind.WITHDRAWN:
        return act.state is HandoffState.WITHDRAWN and offer_was_told
    if act.state is not HandoffState.ACCEPTED:
        return False
    # Those who signed one after the other at one screen have seen it; whom it was taken from not.
    return notice.kind is Kind.TAKEN or act.ended_at != act.offered_at


def _waits_still(notice: Notice, ticket: Ticket, act: Handoff | JointAct | None) -> bool:
    if notice.state:
        return ticket.state == notice.state and ticket.state_since == notice.moment
    return isinstance(act, Handoff) and act.state is HandoffState.OFFERED


def _promised_still(notice: Notice, ticket: Ticket, now: datetime) -> bool:
    if not has_promise(ticket) or ticket.promised_at != notice.moment:
        return False
    if notice.kind is Kind.PROMISE_BROKEN:
        return (is_late(ticket, now)
                and notice.person_id in (ticket.holder_id, ticket.originator_id))
    return not is_late(ticket, now) and notice.person_id == ticket.holder_id
