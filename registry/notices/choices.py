"""The verb by which a person chooses what mails about tickets they are sent, and when.

Nothing must be sent: whoever wants no mail sees all of it on the desk. What is chosen counts from
the next mail on, also for what waits already.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update

from registry.core.db import db
from registry.core.errors import Forbidden, Reason, refuse_if
from registry.core.words import N_
from registry.notices.models import Kind, Notice, NoticeChoice, NoticeRhythm, Rhythm
from registry.notices.queries import waiting
from registry.people.models import Person


def choose(person: Person, kinds: Collection[str], rhythm: str, *, by: Person,
           now: datetime) -> None:
    """Tell the person of these ``kinds`` by this ``rhythm`` only; the own choice, nobody else's.

    Raises Forbidden for another person, Refused for words that name no kind or no rhythm.
    """
    if by.id != person.id:
        raise Forbidden(N_("Everybody chooses for themselves what they are told by mail."))
    unknown = set(kinds) - {kind.value for kind in Kind}
    refuse_if(
        Reason("unknown_kind", N_("There is no such kind of mail. Reload the page and choose "
                                  "again."), field="kinds") if unknown else None,
        Reason("unknown_rhythm", N_("Choose when you want the mails."), field="rhythm")
        if rhythm not in {each.value for each in Rhythm} else None)
    # Of two clicks the second waits for the first: both would find no rows, and write the same.
    db.session.execute(select(Person.id).where(Person.id == person.id)
                       .with_for_update(key_share=True))
    db.session.execute(delete(NoticeChoice).where(NoticeChoice.person_id == person.id))
    db.session.add_all(NoticeChoice(person_id=person.id, kind=kind, is_wanted=kind.value in kinds)
                       for kind in Kind)
    db.session.merge(NoticeRhythm(person_id=person.id, rhythm=Rhythm(rhythm)))
    # What was put off for the old rhythm is looked at anew.
    db.session.execute(update(Notice).where(
        Notice.person_id == person.id, *waiting(), Notice.at <= now, Notice.due_at > now,
    ).values(due_at=now))
    db.session.flush()
