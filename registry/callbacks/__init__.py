"""The control call after a repair: only what the client found closes a ticket."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages."""
    from registry.callbacks.views import bp

    app.register_blueprint(bp)
