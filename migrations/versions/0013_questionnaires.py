"""questionnaires among the documents"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = ("extract", "sheet", "week")


def upgrade() -> None:
    _allow(*KINDS, "questionnaire")


def downgrade() -> None:
    # Their entries stay in the ledger; the version before knows no row for them.
    op.execute("DELETE FROM document WHERE kind = 'questionnaire'")
    _allow(*KINDS)


def _allow(*kinds: str) -> None:
    """Let a document be of these kinds; the table has no trigger that SQLite's copying of a table
    would lose."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("document") as batch:
        batch.drop_constraint(op.f("ck_document_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_document_kind"), f"kind IN ({listed})")
