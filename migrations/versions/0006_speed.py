"""indexes of the open tickets alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PARTS = ("originator", "department", "client", "site", "criterion")


def upgrade() -> None:
    for part in PARTS:
        op.create_index(f"ix_ticket_open_{part}", "ticket", [f"{part}_id", "number"],
                        postgresql_where=sa.text("is_open"), sqlite_where=sa.text("is_open = 1"))


def downgrade() -> None:
    for part in reversed(PARTS):
        op.drop_index(f"ix_ticket_open_{part}", table_name="ticket")
