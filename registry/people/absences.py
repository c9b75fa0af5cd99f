"""Who stands in for whom at a moment: read by everything that asks for somebody's signature.

A deputy signs in the own name for the absent person (the design, 4). Standing in is not handed
on: the deputy of a deputy signs for neither. Recording and ending absences is service.py's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import joinedload

from registry.core.db import db
from registry.people.models import Absence, Person


def deputy_of(person: Person, *, now: datetime) -> Person | None:
    """Who signs for the person now, or None where the person is here.

    Of two absences at once the one that began last counts: it was said with the newer knowledge.
    """
    absence = absences_now([person.id], now=now).get(person.id)
    return absence.deputy if absence else None


def absent_persons_of(deputy: Person, *, now: datetime) -> list[Person]:
    """The absent persons for whom the deputy may sign now, in the order of their ids."""
    away_for = select(Absence.person_id).where(Absence.deputy_id == deputy.id, covers(now))
    absences = absences_now(db.session.scalars(away_for), now=now).values()
    return sorted((each.person for each in absences if each.deputy_id == deputy.id),
                  key=lambda person: person.id)


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
