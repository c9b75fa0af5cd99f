"""What people are to be told of tickets, and what each of them has chosen to be told.

A notice is written with the act that causes it and says nothing itself: what is told is read when
the mail is made (telling.py), so that nobody is told a thing that is not so any more.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.core.model import Base, enum_column


class Kind(StrEnum):
    """What a notice is about; each kind can be chosen or not (choices.py)."""

    OFFERED = "offered"
    RETURNED = "returned"
    CAME_BACK = "came_back"
    SECOND_SIGNATURE = "second_signature"
    PROMISE_NEAR = "promise_near"
    PROMISE_BROKEN = "promise_broken"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    TAKEN = "taken"
    UNACCEPTED = "unaccepted"
    WAITS = "waits"
    LAPSED = "lapsed"


class Rhythm(StrEnum):
    """When mails about tickets reach a person."""

    WORKING_HOURS = "working_hours"
    ALWAYS = "always"
    MORNING = "morning"


WAITING = "told_at IS NULL AND left_out_at IS NULL"


class Notice(Base):
    """One person is to be told one thing of one ticket; its key says of which entry, so that no
    identity is asked back from the database and all of an act are one INSERT.

    ``at`` is when it happens (of promises: will), ``due_at`` when it is looked at next. ``act_seq``
    names the handoff or joint act that it is about; ``state``, ``timer`` and ``moment`` name what a
    timer waits on (the state and since when) or, with ``moment`` alone, the promised date.
    ``by_id`` did it and is not told. Of ``told_at`` and ``left_out_at`` at most one is ever set.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_due", "due_at", postgresql_where=text(WAITING),
              sqlite_where=text(WAITING)),
        Index("ix_notice_person_waiting", "person_id", postgresql_where=text(WAITING),
              sqlite_where=text(WAITING)),
        Index("ix_notice_ticket_id_act_seq", "ticket_id", "act_seq"),
    )

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    act_seq: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(40), default="")
    timer: Mapped[str] = mapped_column(String(40), default="")
    moment: Mapped[datetime | None]
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    left_out_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)


class NoticeChoice(Base):
    """A kind that a person has said yes or no to; without a row the default of the role holds."""

    __tablename__ = "notice_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(enum_column(Kind), primary_key=True)
    is_wanted: Mapped[bool]


class NoticeRhythm(Base):
    """When a person wants mails about tickets; without a row in working hours."""

    __tablename__ = "notice_rhythm"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    rhythm: Mapped[Rhythm] = mapped_column(enum_column(Rhythm))
