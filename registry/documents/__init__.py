"""Documents for keeping: extracts of tickets, handover sheets, the week of the registry as PDF."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages, and let the ledger know the chains of documents."""
    from registry.clients import add_to_client_card
    from registry.documents import views  # noqa: F401 - adds routes to the blueprint
    from registry.documents.blueprint import bp
    from registry.documents.client_extras import of_client
    from registry.documents.models import Document
    from registry.documents.proving import check_documents
    from registry.ledger.owners import heads_by, register_owner, register_projection

    register_owner("document", heads_by(Document.id))
    register_projection("document", check_documents)
    add_to_client_card(app, of_client)
    app.register_blueprint(bp)
