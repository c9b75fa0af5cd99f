"""the index of what somebody has in hand is in the order of the registry"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_ticket_open_holder", table_name="ticket")
    op.create_index("ix_ticket_open_holder_number", "ticket", ["is_open", "holder_id", "number"])


def downgrade() -> None:
    op.drop_index("ix_ticket_open_holder_number", table_name="ticket")
    op.create_index("ix_ticket_open_holder", "ticket", ["is_open", "holder_id", "promised_at"])
