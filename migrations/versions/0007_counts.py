"""an index for the numbers above the registry"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_ticket_open_judged", "ticket",
                    ["is_open", "mended_at", "promised_at", "state"])


def downgrade() -> None:
    op.drop_index("ix_ticket_open_judged", table_name="ticket")
