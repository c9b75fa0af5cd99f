"""Running the installation: the page that leads to all of it, and the company's calendar."""

from __future__ import annotations

from flask import Flask

from registry.admin.views import bp


def init_app(app: Flask) -> None:
    """Bring the pages."""
    app.register_blueprint(bp)
