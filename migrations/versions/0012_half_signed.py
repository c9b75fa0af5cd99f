"""a handoff that not all have signed lapses"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

HALF_SIGNED = ("state = 'offered' AND (receiver_signed_at IS NOT NULL"
               " OR witness_signed_at IS NOT NULL)")
STATES = ("offered", "accepted", "declined", "withdrawn")
KINDS = ("offered", "returned", "came_back", "second_signature", "promise_near", "promise_broken",
         "declined", "accepted", "withdrawn", "taken", "unaccepted", "waits")
# Where it is said which values a column takes: table, column, the constraint's own name, values.
PLACES = (("handoff", "state", "handoffstate", STATES), ("notice", "kind", "kind", KINDS),
          ("notice_choice", "kind", "kind", KINDS))


def upgrade() -> None:
    for table, column, name, values in PLACES:
        _allow(table, column, name, (*values, "lapsed"))
    op.create_index("ix_handoff_half_signed", "handoff", ["id"],
                    postgresql_where=sa.text(HALF_SIGNED), sqlite_where=sa.text(HALF_SIGNED))


def downgrade() -> None:
    op.drop_index("ix_handoff_half_signed", table_name="handoff")
    # What lapsed was, in the words of before, taken back by the registry itself.
    op.execute("UPDATE handoff SET state = 'withdrawn' WHERE state = 'lapsed'")
    op.execute("DELETE FROM notice WHERE kind = 'lapsed'")
    op.execute("DELETE FROM notice_choice WHERE kind = 'lapsed'")
    for table, column, name, values in PLACES:
        _allow(table, column, name, values)


def _allow(table: str, column: str, name: str, values: Sequence[str]) -> None:
    """Let the column take these values; none of the tables has a trigger that SQLite's copying of
    a table would lose."""
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_{name}"), f"{column} IN ({listed})")
