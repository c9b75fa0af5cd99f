"""the declaration of each person, unbroken sessions, the rules of signatures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("person", sa.Column("declared_version", sa.Integer(), nullable=False,
                                      server_default="0"))
    op.add_column("person", sa.Column("declared_at", MOMENT, nullable=True))
    op.add_column("sign_in_session", sa.Column("proved_at", MOMENT, nullable=True))
    op.create_table(
        "signature_rules",
        sa.Column("id", BIG, nullable=False),
        sa.Column("unbroken_minutes", sa.Integer(), nullable=False),
        sa.Column("passkeys_for", sa.JSON(), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_rules")),
    )


def downgrade() -> None:
    op.drop_table("signature_rules")
    op.drop_column("sign_in_session", "proved_at")
    op.drop_column("person", "declared_at")
    op.drop_column("person", "declared_version")
