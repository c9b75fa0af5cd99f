"""what was erased by law"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.ledger.triggers import create_triggers, drop_triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "erasure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "what",
            sa.Enum(
                "person",
                "contact",
                "client",
                name="subject",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                  nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chains", sa.Integer(), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"],
                                name=op.f("fk_erasure_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    # Signed statements may be emptied by law from now on: the guards allow just that.
    drop_triggers(op.get_bind())
    create_triggers(op.get_bind())


def downgrade() -> None:
    op.drop_table("erasure")
    op.drop_column("message", "held_at")
