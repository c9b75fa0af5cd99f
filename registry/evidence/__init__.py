"""Evidence: a ticket's history that leaves the house and is verified anywhere, without us."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages, and let the ledger know the chains of what was taken out."""
    from registry.evidence import views  # noqa: F401 - adds routes to the blueprint
    from registry.evidence.blueprint import bp
    from registry.evidence.taking import KIND, taking_heads, takings_of
    from registry.ledger.owners import register_owner

    register_owner(KIND, taking_heads)
    app.register_blueprint(bp)
    app.jinja_env.globals["takings_of"] = takings_of
