"""Imports: another system's history taken into the registry, marked as imported and not signed."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Let the ledger know the chains of runs."""
    from registry.imports.models import ImportRun
    from registry.ledger.owners import heads_by, register_owner

    register_owner("import", heads_by(ImportRun.id))
