"""Conditions of tickets that need neither database nor clock of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from registry.core.errors import Reason
from registry.core.words import N_

if TYPE_CHECKING:
    from registry.tickets.models import Ticket
    from registry.tickets.service import Problem
    from workflows import Choice

LONGEST_SUMMARY = 160
LONGEST_TEXT = 8000
LARGEST = Decimal("999999999")
FINEST = Decimal("0.001")


def faults_of(problem: Problem) -> Iterator[Reason]:
    """Everything that is wrong with a problem as it was written down."""
    if problem.client is None:
        yield Reason("client_missing", N_("Choose the client."), field="client")
    elif not problem.client.is_active:
        yield Reason("client_left", N_("%(name)s is not served any more."),
                     {"name": problem.client.name}, "client")
    yield from _place_faults(problem)
    yield from _text_faults(problem)
    yield from _measure_faults(problem)


def _place_faults(problem: Problem) -> Iterator[Reason]:
    client_id = problem.client.id if problem.client else None
    if problem.site is not None and problem.site.client_id != client_id:
        yield Reason("site_of_another", N_("This site belongs to another client."), field="site")
    if problem.contact is not None and problem.contact.client_id != client_id:
        yield Reason("contact_of_another", N_("This contact belongs to another client."),
                     field="contact")


def _text_faults(problem: Problem) -> Iterator[Reason]:
    summary = problem.summary.strip()
    if not summary:
        yield Reason("summary_missing", N_("Say in a few words what is wrong."), field="summary")
    if len(summary) > LONGEST_SUMMARY:
        yield Reason("summary_long", N_("Keep it under %(count)d characters; details have their "
                                        "own field."), {"count": LONGEST_SUMMARY}, "summary")
    for name, text in (("description", problem.description),
                       ("opinion_words", problem.opinion_words)):
        if len(text) > LONGEST_TEXT:
            yield Reason("text_long", N_("Keep it under %(count)d characters."),
                         {"count": LONGEST_TEXT}, name)


def _measure_faults(problem: Problem) -> Iterator[Reason]:
    criterion, measured = problem.criterion, problem.measured
    if measured is None:
        if criterion is not None and criterion.norm is not None:
            yield Reason("measure_missing", N_("Give what was measured: the client's opinion alone "
                                               "is not trusted."), field="measured")
        return
    if not measured.is_finite() or measured < 0 or measured > LARGEST:
        yield Reason("measure_senseless", N_("Give a number between 0 and 999,999,999."),
                     field="measured")
    elif measured != measured.quantize(FINEST):
        yield Reason("measure_too_fine", N_("Give at most three digits after the point."),
                     field="measured")
    elif criterion is None:
        yield Reason("criterion_missing", N_("Choose the criterion that was measured."),
                     field="criterion")
    elif criterion.norm is not None and criterion.is_met_by(measured):
        yield Reason("criterion_met", N_("What was measured meets the norm: by this criterion "
                                         "there is no problem."), field="measured")


def is_late(ticket: Ticket, now: datetime) -> bool:
    """Whether the promise is broken: still not mended and the promised date is over."""
    return (ticket.is_open and ticket.mended_at is None and ticket.promised_at is not None
            and ticket.promised_at < now)


def has_promise(ticket: Ticket) -> bool:
    """Whether there is a promised date that can still be kept, broken or changed."""
    return ticket.is_open and ticket.mended_at is None and ticket.promised_at is not None


def by_likelihood(
    choices: Sequence[Choice], seldom: Sequence[str]
) -> tuple[list[Choice], list[Choice]]:
    """The choices to show at once and those that wait behind "More"."""
    return ([each for each in choices if each.name not in seldom],
            [each for each in choices if each.name in seldom])
