"""what people are told of their tickets, and what they chose"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = ("offered", "returned", "came_back", "second_signature", "promise_near", "promise_broken",
         "declined", "accepted", "withdrawn", "taken", "unaccepted", "waits")
WAITING = "told_at IS NULL AND left_out_at IS NULL"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def of_values(name: str, *values: str) -> sa.Enum:
    """Text under a CHECK."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", of_values("kind", *KINDS), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("act_seq", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("timer", sa.String(length=40), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"],
                                name=op.f("fk_notice_person_id_person")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"],
                                name=op.f("fk_notice_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_notice_by_id_person")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"],
                                name=op.f("fk_notice_message_id_message")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notice")),
    )
    waiting = {"postgresql_where": sa.text(WAITING), "sqlite_where": sa.text(WAITING)}
    op.create_index("ix_notice_due", "notice", ["due_at"], **waiting)
    op.create_index("ix_notice_person_waiting", "notice", ["person_id"], **waiting)
    op.create_index("ix_notice_ticket_id_act_seq", "notice", ["ticket_id", "act_seq"])
    op.create_index(op.f("ix_notice_message_id"), "notice", ["message_id"])
    op.create_table(
        "notice_choice",
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("kind", of_values("kind", *KINDS), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"],
                                name=op.f("fk_notice_choice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "notice_rhythm",
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("rhythm", of_values("rhythm", "working_hours", "always", "morning"),
                  nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"],
                                name=op.f("fk_notice_rhythm_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_rhythm")),
    )


def downgrade() -> None:
    op.drop_table("notice_rhythm")
    op.drop_table("notice_choice")
    op.drop_table("notice")
