"""Handoffs, joint acts and handover sheets: acts that wait for another person's signature.

Their rows are projections of the ticket's chain too; ``seq`` is the entry that began the act,
and by it the ledger names the act.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.core.model import Base, BigId, enum_column
from registry.people.models import Person
from registry.tickets.models import Ticket


class HandoffState(StrEnum):
    """The life of a handoff; the holder changes at ``accepted`` and at no other moment."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class JointState(StrEnum):
    """The life of an act that two persons sign."""

    PROPOSED = "proposed"
    DONE = "done"
    WITHDRAWN = "withdrawn"


# The giver and one of the others have signed, and one has not (half_signed.py).
HALF_SIGNED = ("state = 'offered' AND (receiver_signed_at IS NOT NULL"
               " OR witness_signed_at IS NOT NULL)")


class Handoff(Base):
    """One change of holder: offered, then accepted, declined, withdrawn or lapsed.

    ``offered_by`` is the giver, a deputy in the giver's absence, or who takes by authority;
    ``taker`` is who signed as the receiver: the receiver, or a deputy in the receiver's absence.
    """

    __tablename__ = "handoff"
    __table_args__ = (
        Index("uq_handoff_open", "ticket_id", unique=True,
              postgresql_where=text("state = 'offered'"), sqlite_where=text("state = 'offered'")),
        Index("ix_handoff_receiver_open", "receiver_id", postgresql_where=text("state = 'offered'"),
              sqlite_where=text("state = 'offered'")),
        Index("ix_handoff_giver_open", "giver_id", postgresql_where=text("state = 'offered'"),
              sqlite_where=text("state = 'offered'")),
        Index("ix_handoff_witness_open", "witness_id", postgresql_where=text("state = 'offered'"),
              sqlite_where=text("state = 'offered'")),
        Index("ix_handoff_half_signed", "id", postgresql_where=text(HALF_SIGNED),
              sqlite_where=text(HALF_SIGNED)),
        UniqueConstraint("ticket_id", "seq"),
        Index("ix_handoff_accepted", "ended_at", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("handover_sheet.id"), index=True)
    seq: Mapped[int]
    move: Mapped[str] = mapped_column(String(40))
    state: Mapped[HandoffState] = mapped_column(enum_column(HandoffState),
                                                default=HandoffState.OFFERED)
    giver_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    offered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_authority: Mapped[bool] = mapped_column(default=False)
    is_imported: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    next_step: Mapped[str] = mapped_column(default="")
    next_step_by: Mapped[datetime | None]
    offered_at: Mapped[datetime]
    receiver_signed_at: Mapped[datetime | None]
    witness_signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

    ticket: Mapped[Ticket] = relationship()
    giver: Mapped[Person] = relationship(foreign_keys=giver_id)
    receiver: Mapped[Person] = relationship(foreign_keys=receiver_id)
    witness: Mapped[Person | None] = relationship(foreign_keys=witness_id)
    offered_by: Mapped[Person] = relationship(foreign_keys=offered_by_id)
    taker: Mapped[Person | None] = relationship(foreign_keys=taker_id)


class JointAct(Base):
    """An act on a ticket that a second person must sign too (cancelling)."""

    __tablename__ = "joint_act"
    __table_args__ = (
        Index("uq_joint_act_open", "ticket_id", unique=True,
              postgresql_where=text("state = 'proposed'"), sqlite_where=text("state = 'proposed'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    seq: Mapped[int]
    move: Mapped[str] = mapped_column(String(40))
    state: Mapped[JointState] = mapped_column(enum_column(JointState), default=JointState.PROPOSED)
    reason: Mapped[str]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()
    proposed_by: Mapped[Person] = relationship(foreign_keys=proposed_by_id)


class HandoverSheet(Base):
    """Many handoffs between the same persons, signed on one screen; each has its own entries."""

    __tablename__ = "handover_sheet"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]

    giver: Mapped[Person] = relationship(foreign_keys=giver_id)
    receiver: Mapped[Person] = relationship(foreign_keys=receiver_id)
    witness: Mapped[Person | None] = relationship(foreign_keys=witness_id)
