"""the tables of every area"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.ledger.triggers import create_triggers, drop_triggers
from registry.tickets.search import create_search, drop_search

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column(
            "tier",
            sa.Enum(
                "key",
                "significant",
                "ordinary",
                name="tier",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("name_key", name=op.f("uq_client_name_key")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "criterion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("unit_en", sa.Text(), nullable=False),
        sa.Column("unit_ru", sa.Text(), nullable=False),
        sa.Column(
            "sense",
            sa.Enum(
                "at_least",
                "at_most",
                name="sense",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("norm", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("code", name=op.f("uq_criterion_code")),
    )
    op.create_table(
        "daily_report",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_report")),
    )
    op.create_table(
        "day_exception",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_exception")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("name", name=op.f("uq_department_name")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("mapping_digest", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("bad_rows", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("handoffs", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("shifted", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint(
            "file_digest", "mapping_digest", name=op.f("uq_import_run_file_digest_mapping_digest")
        ),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_about",
            ["about"],
            unique=False,
            postgresql_where=sa.text("done_at IS NULL"),
            sqlite_where=sa.text("done_at IS NULL"),
        )
        batch_op.create_index(
            "ix_job_due",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("done_at IS NULL AND given_up_at IS NULL"),
            sqlite_where=sa.text("done_at IS NULL AND given_up_at IS NULL"),
        )
        batch_op.create_index(
            "ix_job_given_up",
            ["given_up_at"],
            unique=False,
            postgresql_where=sa.text("given_up_at IS NOT NULL"),
            sqlite_where=sa.text("given_up_at IS NOT NULL"),
        )

    op.create_table(
        "ledger_check",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("first_findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_ledger_check")),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column(
            "size",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("frontier", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoint")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("chain", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entry_kind_at", ["kind", "at"], unique=False)

    op.create_table(
        "lifecycle",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_lifecycle")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_lifecycle_name_version")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "refused",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_due",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index("ix_message_state_id", ["state", "id"], unique=False)
        batch_op.create_index("ix_message_tried_at", ["tried_at"], unique=False)

    op.create_table(
        "sealed_text",
        sa.Column("seal", sa.String(length=80), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seal", name=op.f("pk_sealed_text")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_address_at", ["address", "at"], unique=False)
        batch_op.create_index("ix_sign_in_attempt_login_at", ["login", "at"], unique=False)

    op.create_table(
        "worker_beat",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("is_key", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_contact_client_id_client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_client_id"), ["client_id"], unique=False)

    op.create_table(
        "import_fault",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_fault_run_id_import_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_fault")),
    )
    with op.batch_alter_table("import_fault", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_fault_run_id"), ["run_id"], unique=False)

    op.create_table(
        "ledger_leaf",
        sa.Column(
            "index",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("chain", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chain", "seq"],
            ["ledger_entry.chain", "ledger_entry.seq"],
            name=op.f("fk_ledger_leaf_chain_seq_ledger_entry"),
        ),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_ledger_leaf")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_ledger_leaf_chain_seq")),
    )
    op.create_table(
        "ledger_pending",
        sa.Column("chain", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["chain", "seq"],
            ["ledger_entry.chain", "ledger_entry.seq"],
            name=op.f("fk_ledger_pending_chain_seq_ledger_entry"),
        ),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_ledger_pending")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_person_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_department_id"), ["department_id"], unique=False
        )

    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("fed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.CheckConstraint("fed_by_id <> id", name=op.f("ck_site_not_fed_by_itself")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_site_client_id_client")
        ),
        sa.ForeignKeyConstraint(["fed_by_id"], ["site.id"], name=op.f("fk_site_fed_by_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_site_fed_by_id"), ["fed_by_id"], unique=False)

    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "deputy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("deputy_id <> person_id", name=op.f("ck_absence_another_person")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_absence_ends_later")),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["person.id"], name=op.f("fk_absence_deputy_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_absence_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_person_id"), ["person_id"], unique=False)

    op.create_table(
        "client_person",
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_client_person_client_id_client")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_client_person_person_id_person")
        ),
        sa.PrimaryKeyConstraint("client_id", "person_id", name=op.f("pk_client_person")),
    )
    with op.batch_alter_table("client_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_person_person_id"), ["person_id"], unique=False)

    op.create_table(
        "daily_report_copy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["day"], ["daily_report.day"], name=op.f("fk_daily_report_copy_day_daily_report")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_daily_report_copy_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_daily_report_copy_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_report_copy")),
        sa.UniqueConstraint("day", "person_id", name=op.f("uq_daily_report_copy_day_person_id")),
    )
    with op.batch_alter_table("daily_report_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_daily_report_copy_day"), ["day"], unique=False)

    op.create_table(
        "handover_sheet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("giver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "receiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "witness_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["person.id"], name=op.f("fk_handover_sheet_giver_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["person.id"], name=op.f("fk_handover_sheet_receiver_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["person.id"], name=op.f("fk_handover_sheet_witness_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_sheet")),
    )
    with op.batch_alter_table("handover_sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_sheet_giver_id"), ["giver_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_handover_sheet_receiver_id"), ["receiver_id"], unique=False
        )

    op.create_table(
        "person_role",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "role",
            sa.Enum(
                "visitor",
                "engineer",
                "registrar",
                "deputy",
                "lead",
                "head_of_sales",
                "commercial_director",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_role_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_role")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_saved_view_person_id_name")),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_view_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sign_in_session_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_in_session_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "signature",
        sa.Column("chain", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("meaning", sa.String(length=60), nullable=False),
        sa.Column(
            "signer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("for_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("statement_hash", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["for_id"], ["person.id"], name=op.f("fk_signature_for_id_person")),
        sa.ForeignKeyConstraint(
            ["signer_id"], ["person.id"], name=op.f("fk_signature_signer_id_person")
        ),
        sa.PrimaryKeyConstraint("statement_hash", name=op.f("pk_signature")),
        sa.UniqueConstraint("nonce", name=op.f("uq_signature_nonce")),
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signature_chain"), ["chain"], unique=False)
        batch_op.create_index(batch_op.f("ix_signature_signer_id"), ["signer_id"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lifecycle_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("source_key", sa.String(length=160), nullable=True),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "criterion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("measured", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("norm", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column(
            "opinion",
            sa.Enum(
                "content",
                "discontent",
                "not_asked",
                name="opinion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opinion_words", sa.Text(), nullable=False),
        sa.Column(
            "raised_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "originator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "last_mender_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("taken_by_authority", sa.Boolean(), nullable=False),
        sa.Column("holder_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "promised_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("on_hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("what_was_wrong", sa.Text(), nullable=False),
        sa.Column("what_was_done", sa.Text(), nullable=False),
        sa.Column(
            "client_check",
            sa.Enum(
                "gone",
                "not_gone",
                name="checkresult",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_ticket_client_id_client")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_ticket_contact_id_contact")
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_ticket_criterion_id_criterion")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_ticket_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["person.id"], name=op.f("fk_ticket_holder_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["last_mender_id"], ["person.id"], name=op.f("fk_ticket_last_mender_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["lifecycle_digest"],
            ["lifecycle.digest"],
            name=op.f("fk_ticket_lifecycle_digest_lifecycle"),
        ),
        sa.ForeignKeyConstraint(
            ["originator_id"], ["person.id"], name=op.f("fk_ticket_originator_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["promised_by_id"], ["person.id"], name=op.f("fk_ticket_promised_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["raised_by_id"], ["person.id"], name=op.f("fk_ticket_raised_by_id_person")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ticket_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
        sa.UniqueConstraint("source_key", name=op.f("uq_ticket_source_key")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_client_number", ["client_id", "number"], unique=False)
        batch_op.create_index(
            "ix_ticket_criterion_number", ["criterion_id", "number"], unique=False
        )
        batch_op.create_index(
            "ix_ticket_department_number", ["department_id", "number"], unique=False
        )
        batch_op.create_index("ix_ticket_ended_at", ["ended_at"], unique=False)
        batch_op.create_index("ix_ticket_holder_number", ["holder_id", "number"], unique=False)
        batch_op.create_index(
            "ix_ticket_lifecycle_number", ["lifecycle_digest", "number"], unique=False
        )
        batch_op.create_index(
            "ix_ticket_open_holder", ["is_open", "holder_id", "promised_at"], unique=False
        )
        batch_op.create_index("ix_ticket_open_number", ["is_open", "number"], unique=False)
        batch_op.create_index(
            "ix_ticket_open_promise", ["is_open", "promised_at", "number"], unique=False
        )
        batch_op.create_index(
            "ix_ticket_open_since", ["is_open", "holder_since", "number"], unique=False
        )
        batch_op.create_index(
            "ix_ticket_originator_number", ["originator_id", "number"], unique=False
        )
        batch_op.create_index(
            "ix_ticket_promise",
            ["promised_at"],
            unique=False,
            postgresql_where=sa.text("is_open AND mended_at IS NULL"),
            sqlite_where=sa.text("is_open = 1 AND mended_at IS NULL"),
        )
        batch_op.create_index("ix_ticket_promised_number", ["promised_at", "number"], unique=False)
        batch_op.create_index("ix_ticket_since_number", ["holder_since", "number"], unique=False)
        batch_op.create_index("ix_ticket_site_number", ["site_id", "number"], unique=False)
        batch_op.create_index("ix_ticket_state_number", ["state", "number"], unique=False)
        batch_op.create_index(
            "ix_ticket_unpromised",
            ["logged_at"],
            unique=False,
            postgresql_where=sa.text("is_open AND promised_at IS NULL"),
            sqlite_where=sa.text("is_open = 1 AND promised_at IS NULL"),
        )
        batch_op.create_index(
            "ix_ticket_with_client",
            ["mended_at"],
            unique=False,
            postgresql_where=sa.text("is_open AND mended_at IS NOT NULL"),
            sqlite_where=sa.text("is_open = 1 AND mended_at IS NOT NULL"),
        )

    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_attachment_by_id_person")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_attachment_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "call_back",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "gone",
                "not_gone",
                name="checkresult",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_call_back_by_id_person")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_call_back_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
    )
    with op.batch_alter_table("call_back", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_back_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "handoff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "accepted",
                "declined",
                "withdrawn",
                name="handoffstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("giver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "receiver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "witness_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "offered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("taker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_authority", sa.Boolean(), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("next_step_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receiver_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("witness_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["person.id"], name=op.f("fk_handoff_giver_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["offered_by_id"], ["person.id"], name=op.f("fk_handoff_offered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["person.id"], name=op.f("fk_handoff_receiver_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["handover_sheet.id"], name=op.f("fk_handoff_sheet_id_handover_sheet")
        ),
        sa.ForeignKeyConstraint(
            ["taker_id"], ["person.id"], name=op.f("fk_handoff_taker_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_handoff_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["person.id"], name=op.f("fk_handoff_witness_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        sa.UniqueConstraint("ticket_id", "seq", name=op.f("uq_handoff_ticket_id_seq")),
    )
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.create_index("ix_handoff_accepted", ["ended_at", "state"], unique=False)
        batch_op.create_index(
            "ix_handoff_giver_open",
            ["giver_id"],
            unique=False,
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.create_index(
            "ix_handoff_receiver_open",
            ["receiver_id"],
            unique=False,
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.create_index(batch_op.f("ix_handoff_sheet_id"), ["sheet_id"], unique=False)
        batch_op.create_index(
            "ix_handoff_witness_open",
            ["witness_id"],
            unique=False,
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.create_index(
            "uq_handoff_open",
            ["ticket_id"],
            unique=True,
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )

    op.create_table(
        "joint_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "done",
                "withdrawn",
                name="jointstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["person.id"], name=op.f("fk_joint_act_proposed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["person.id"], name=op.f("fk_joint_act_signed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_joint_act_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_act")),
    )
    with op.batch_alter_table("joint_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joint_act_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "uq_joint_act_open",
            ["ticket_id"],
            unique=True,
            postgresql_where=sa.text("state = 'proposed'"),
            sqlite_where=sa.text("state = 'proposed'"),
        )

    op.create_table(
        "promise_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was_promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("client_told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_promise_change_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_promise_change_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_change")),
    )
    with op.batch_alter_table("promise_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_promise_change_ticket_id"), ["ticket_id"], unique=False
        )

    op.create_table(
        "ticket_search",
        sa.Column(
            "ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_search_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_search")),
    )
    create_triggers(op.get_bind())
    create_search(op.get_bind())


def downgrade() -> None:
    drop_search(op.get_bind())
    drop_triggers(op.get_bind())
    op.drop_table("ticket_search")
    with op.batch_alter_table("promise_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_promise_change_ticket_id"))

    op.drop_table("promise_change")
    with op.batch_alter_table("joint_act", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_joint_act_open",
            postgresql_where=sa.text("state = 'proposed'"),
            sqlite_where=sa.text("state = 'proposed'"),
        )
        batch_op.drop_index(batch_op.f("ix_joint_act_ticket_id"))

    op.drop_table("joint_act")
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_handoff_open",
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.drop_index(
            "ix_handoff_witness_open",
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.drop_index(batch_op.f("ix_handoff_sheet_id"))
        batch_op.drop_index(
            "ix_handoff_receiver_open",
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.drop_index(
            "ix_handoff_giver_open",
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.drop_index("ix_handoff_accepted")

    op.drop_table("handoff")
    with op.batch_alter_table("call_back", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_back_ticket_id"))

    op.drop_table("call_back")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_ticket_id"))

    op.drop_table("attachment")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_with_client",
            postgresql_where=sa.text("is_open AND mended_at IS NOT NULL"),
            sqlite_where=sa.text("is_open = 1 AND mended_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_unpromised",
            postgresql_where=sa.text("is_open AND promised_at IS NULL"),
            sqlite_where=sa.text("is_open = 1 AND promised_at IS NULL"),
        )
        batch_op.drop_index("ix_ticket_state_number")
        batch_op.drop_index("ix_ticket_site_number")
        batch_op.drop_index("ix_ticket_since_number")
        batch_op.drop_index("ix_ticket_promised_number")
        batch_op.drop_index(
            "ix_ticket_promise",
            postgresql_where=sa.text("is_open AND mended_at IS NULL"),
            sqlite_where=sa.text("is_open = 1 AND mended_at IS NULL"),
        )
        batch_op.drop_index("ix_ticket_originator_number")
        batch_op.drop_index("ix_ticket_open_since")
        batch_op.drop_index("ix_ticket_open_promise")
        batch_op.drop_index("ix_ticket_open_number")
        batch_op.drop_index("ix_ticket_open_holder")
        batch_op.drop_index("ix_ticket_lifecycle_number")
        batch_op.drop_index("ix_ticket_holder_number")
        batch_op.drop_index("ix_ticket_ended_at")
        batch_op.drop_index("ix_ticket_department_number")
        batch_op.drop_index("ix_ticket_criterion_number")
        batch_op.drop_index("ix_ticket_client_number")

    op.drop_table("ticket")
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signature_signer_id"))
        batch_op.drop_index(batch_op.f("ix_signature_chain"))

    op.drop_table("signature")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_session_person_id"))

    op.drop_table("sign_in_session")
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_view_person_id"))

    op.drop_table("saved_view")
    op.drop_table("person_role")
    with op.batch_alter_table("handover_sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_sheet_receiver_id"))
        batch_op.drop_index(batch_op.f("ix_handover_sheet_giver_id"))

    op.drop_table("handover_sheet")
    with op.batch_alter_table("daily_report_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_daily_report_copy_day"))

    op.drop_table("daily_report_copy")
    with op.batch_alter_table("client_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_person_person_id"))

    op.drop_table("client_person")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_person_id"))
        batch_op.drop_index(batch_op.f("ix_absence_deputy_id"))

    op.drop_table("absence")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_fed_by_id"))
        batch_op.drop_index(batch_op.f("ix_site_client_id"))

    op.drop_table("site")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_department_id"))

    op.drop_table("person")
    op.drop_table("ledger_pending")
    op.drop_table("ledger_leaf")
    with op.batch_alter_table("import_fault", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_fault_run_id"))

    op.drop_table("import_fault")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_client_id"))

    op.drop_table("contact")
    op.drop_table("worker_beat")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempt_login_at")
        batch_op.drop_index("ix_sign_in_attempt_address_at")

    op.drop_table("sign_in_attempt")
    op.drop_table("sealed_text")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_tried_at")
        batch_op.drop_index("ix_message_state_id")
        batch_op.drop_index(
            "ix_message_due",
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )

    op.drop_table("message")
    op.drop_table("lifecycle")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_entry_kind_at")

    op.drop_table("ledger_entry")
    op.drop_table("ledger_checkpoint")
    op.drop_table("ledger_check")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_job_given_up",
            postgresql_where=sa.text("given_up_at IS NOT NULL"),
            sqlite_where=sa.text("given_up_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_job_due",
            postgresql_where=sa.text("done_at IS NULL AND given_up_at IS NULL"),
            sqlite_where=sa.text("done_at IS NULL AND given_up_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_job_about",
            postgresql_where=sa.text("done_at IS NULL"),
            sqlite_where=sa.text("done_at IS NULL"),
        )

    op.drop_table("job")
    op.drop_table("import_run")
    op.drop_table("department")
    op.drop_table("day_exception")
    op.drop_table("daily_report")
    op.drop_table("criterion")
    op.drop_table("counter")
    op.drop_table("client")
