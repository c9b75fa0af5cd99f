"""Alembic's environment: one numbered line of revisions for both databases."""

from __future__ import annotations

from alembic import context
from flask import current_app

from registry.core.db import db
from registry.core.model import Base, UTCDateTime

BY_HAND = {"ix_ticket_search_stems", "ticket_fts", "ticket_fts_data", "ticket_fts_idx",
           "ticket_fts_content", "ticket_fts_docsize", "ticket_fts_config"}


def ours(_thing: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    """Leave what searches tickets to the revision that makes it."""
    return name not in BY_HAND


def plain(kind: str, thing: object, _context: object) -> str | bool:
    """Write our own type of a moment as the plain one, so that old revisions need no code."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the revisions on the application's database, each in a transaction of its own."""
    import registry.api.models
    import registry.callbacks.models
    import registry.core.models
    import registry.imports.models
    import registry.notices.models
    import registry.reports.models
    import registry.tickets.handoff_models
    import registry.webhooks.models  # noqa: F401 - fills the metadata

    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata,
                          include_object=ours, render_item=plain,
                          **current_app.extensions["migrate"].configure_args)
        with context.begin_transaction():
            context.run_migrations()


run()
