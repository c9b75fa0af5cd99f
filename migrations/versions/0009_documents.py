"""documents that were made, each with a chain of its own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Enum("extract", "sheet", "week", name="kind", native_enum=False,
                                  create_constraint=True, length=40), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("upto", BIG, nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("made_by_id", BIG, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"],
                                name=op.f("fk_document_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("digest", name=op.f("uq_document_digest")),
    )
    for column in ("mark", "about", "made_by_id"):
        op.create_index(op.f(f"ix_document_{column}"), "document", [column])


def downgrade() -> None:
    op.drop_table("document")
