"""Absences: recording and ending them, and who stands in for whom at a moment.

A deputy signs in the own name for the absent person (the design, 4). Standing in is not handed
on: the deputy of a deputy signs for neither. What an absent person has in hand goes over by a
sheet, which is of the tickets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import joinedload

from registry.core.db import db
from registry.core.errors import Conflict, Forbidden, Reason, refuse_if
from registry.core.words import N_
from registry.ledger.entries import stamp
from registry.people.chain import enter
from registry.people.models import Absence, Person
from registry.people.permissions import may
from registry.people.rules import Away, absence_faults


def record_absence(away: Away, *, by: Person | None, now: datetime) -> Absence:
    """Write down that a person will be away and who signs meanwhile: the person's own, or
    anybody's for those who manage absences.

    Raises Forbidden, or Refused with everything that stands against it.
    """
    _allowed(away.person, by)
    refuse_if(*absence_faults(away, now=now), *_collisions(away))
    assert away.deputy is not None
    assert away.starts_at is not None
    assert away.ends_at is not None
    absence = Absence(person=away.person, deputy=away.deputy, starts_at=away.starts_at,
                      ends_at=away.ends_at, reason=away.reason.strip(), created_at=now)
    db.session.add(absence)
    db.session.flush()
    enter(away.person, "absence_recorded", {
        "absence": absence.id, "deputy": away.deputy.ref, "starts": stamp(away.starts_at),
        "ends": stamp(away.ends_at), "reason": absence.reason}, by=by, now=now)
    return absence


def end_absence(absence: Absence, *, by: Person | None, now: datetime) -> None:
    """The person is back sooner, or does not go at all. Raises Forbidden, or Conflict where the
    absence is over already."""
    _allowed(absence.person, by)
    if absence.ends_at <= now:
        raise Conflict(N_("This absence is over already."))
    person, content = absence.person, {"absence": absence.id, "deputy": absence.deputy.ref}
    if absence.starts_at < now:
        absence.ends_at = now
        enter(person, "absence_ended", content, by=by, now=now)
    else:
        db.session.delete(absence)
        enter(person, "absence_cancelled", content, by=by, now=now)


def deputy_of(person: Person, *, now: datetime) -> Person | None:
    """Who signs for the person now, or None where the person is here.

    Of two absences at once the one that began last counts: it was said with the newer knowledge.
    """
    absence = absences_now([person.id], now=now).get(person.id)
    return absence.deputy if absence else None


def absent_persons_of(deputy: Person, *, now: datetime) -> list[Person]:
    """The absent persons for whom the deputy may sign now, in the order of their ids."""
    return absent_persons_of_each([deputy], now=now)[deputy.id]


def absent_persons_of_each(deputies: Iterable[Person], *, now: datetime) -> dict[int, list[Person]]:
    """``absent_persons_of`` for each of several, by the deputy's id; asked at once."""
    found: dict[int, list[Person]] = {deputy.id: [] for deputy in deputies}
    away_for = select(Absence.person_id).where(Absence.deputy_id.in_(found), covers(now))
    absences = absences_now(db.session.scalars(away_for), now=now).values()
    for each in sorted(absences, key=lambda absence: absence.person_id):
        if each.deputy_id in found:
            found[each.deputy_id].append(each.person)
    return found


def absences_now(person_ids: Iterable[int], *, now: datetime) -> dict[int, Absence]:
    """The absence in force of each of the persons who are away now, by the person's id."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    query = (select(Absence).where(Absence.person_id.in_(wanted), covers(now))
             .options(joinedload(Absence.person), joinedload(Absence.deputy))
             .order_by(Absence.starts_at, Absence.id))
    return {absence.person_id: absence for absence in db.session.scalars(query)}


def covers(now: datetime) -> ColumnElement[bool]:
    """The condition that an absence is in force at ``now``."""
    return and_(Absence.starts_at <= now, Absence.ends_at > now)


def _allowed(person: Person, by: Person | None) -> None:
    if by is not None and by.id != person.id and not may(by, "manage_absences"):
        raise Forbidden(N_("You can record your own absence only. For others it is done by the "
                           "chief engineer, the deputy technical director, the programme lead, "
                           "the head of sales or an administrator."))


def _collisions(away: Away) -> Iterator[Reason]:
    """Two absences of one person at once, or a deputy who is away too: nobody would sign."""
    if away.starts_at is None or away.ends_at is None:
        return
    who = [away.person.id] + ([away.deputy.id] if away.deputy is not None else [])
    query = (select(Absence).where(Absence.person_id.in_(who), Absence.starts_at < away.ends_at,
                                   Absence.ends_at > away.starts_at)
             .order_by(Absence.starts_at))
    for other in db.session.scalars(query):
        span = {"name": other.person.name, "starts": other.starts_at, "ends": other.ends_at}
        if other.person_id == away.person.id:
            yield Reason("away_already", N_("%(name)s is written down as away from %(starts)s to "
                                            "%(ends)s: end that absence first."), span, "starts")
        else:
            yield Reason("deputy_away", N_("%(name)s is away too, from %(starts)s to %(ends)s: "
                                           "choose another deputy."), span, "deputy")
