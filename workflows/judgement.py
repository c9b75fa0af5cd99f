"""The conditions of a move, each a function that returns all reasons against an act.

Pure: they look at the definition and the act, and at nothing else. Signatures have their own
module; the order and the moment at which each is asked is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from workflows.catalogue import Catalogue
from workflows.definition import HOLDER, Field, Handoff, Move, Title, Workflow
from workflows.errors import Reason, reason
from workflows.parties import Act, Party, stands_in_any

# Calendars and clocks of all zones have these years; a promise has no use for another.
YEARS = range(1970, 2200)


def judge_beginner(workflow: Workflow, move: Move, act: Act) -> Iterator[Reason]:
    """Whoever begins must be one of ``may``; what is given must be the giver's to give."""
    if not stands_in_any(act.by, move.may):
        yield reason("may_not_begin", who=workflow.who(move.may))
    if move.handoff and not _gives_rightly(move.handoff, act):
        yield reason("giver_not_holder", at="giver")


def _gives_rightly(handoff: Handoff, act: Act) -> bool:
    """What is given is the holder's; only authority may begin without naming the holder."""
    if act.giver is None and handoff.authority:
        return True
    return HOLDER in (act.giver or act.by).relations


def judge_guards(move: Move, act: Act, catalogue: Catalogue) -> Iterator[Reason]:
    """Every guard of the move must pass."""
    for name in move.guards:
        found = catalogue.guards[name](act)
        if found is not None:
            yield found


def judge_reason(move: Move, act: Act) -> Iterator[Reason]:
    """The reason is off, allowed or required."""
    given = bool(act.reason.strip())
    if move.reason == "required" and not given:
        yield reason("reason_missing", at="reason")
    if move.reason == "off" and given:
        yield reason("reason_not_asked", at="reason")


def judge_fields(move: Move, act: Act, *, complete: bool) -> Iterator[Reason]:
    """Fields asked for are filled in, with sense; others are not there.

    The receiver's own are judged at completion only.
    """
    for field in move.fields:
        if complete or not field.by_receiver:
            yield from _judge_field(field, act)
    for name in act.fields.keys() - {field.name for field in move.fields}:
        yield reason("field_not_asked", at=name, field=name)


def _judge_field(field: Field, act: Act) -> Iterator[Reason]:
    value = act.fields.get(field.name, "").strip()
    if not value:
        if field.need == "required":
            yield reason("field_missing", at=field.name, field=field.title)
    elif field.kind == "choice" and value not in field.choices:
        yield reason("field_not_a_choice", at=field.name, field=field.title,
                     choices=_all_of(field.choices.values()))
    elif field.kind == "date":
        moment = moment_of(value)
        if moment is None:
            yield reason("field_not_a_date", at=field.name, field=field.title)
        elif field.future and moment <= act.now:
            yield reason("field_in_the_past", at=field.name, field=field.title)


def moment_of(value: str) -> datetime | None:
    """Read a date and time with its zone in ISO 8601, of ``YEARS``; None if it is none.

    A bare date is none: which moment it means would depend on who reads it, and where.
    """
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment.year in YEARS else None


def _all_of(titles: Iterable[Title]) -> Title:
    found: dict[str, list[str]] = {}
    for title in titles:
        for language, text in title.items():
            found.setdefault(language, []).append(text)
    return Title({language: ", ".join(texts) for language, texts in found.items()})


def judge_parties(workflow: Workflow, move: Move, act: Act, *, complete: bool) -> Iterator[Reason]:
    """Receiver and witness may be who they are; giver, receiver, witness are three persons."""
    handoff = move.handoff
    if handoff is None:
        if act.receiver:
            yield reason("receiver_not_asked", at="receiver")
    elif act.receiver is None:
        yield reason("receiver_missing", at="receiver")
    elif not stands_in_any(act.receiver, handoff.to):
        yield reason("receiver_not_eligible", at="receiver", who=workflow.who(handoff.to))
    witnesses = handoff.witness if handoff else ()
    if act.witness is None:
        if witnesses and complete:
            yield reason("witness_missing", at="witness")
    elif not witnesses:
        yield reason("witness_not_asked", at="witness")
    elif not stands_in_any(act.witness, witnesses):
        yield reason("witness_not_eligible", at="witness", who=workflow.who(witnesses))
    yield from _judge_distinct(act)


def _judge_distinct(act: Act) -> Iterator[Reason]:
    """Who takes by authority may not be the receiver either: two persons vouch for it."""
    givers = {act.by.id} | _ids(act.giver)
    receivers = _ids(act.receiver)
    if givers & receivers:
        yield reason("receiver_is_giver", at="receiver")
    if _ids(act.witness) & (givers | receivers):
        yield reason("witness_is_party", at="witness")


def _ids(party: Party | None) -> set[str]:
    return {party.id} if party else set()
